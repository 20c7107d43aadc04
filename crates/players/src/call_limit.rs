//! How long one call to a player may take.

use std::time::Duration;

/// A player that does not answer within this time counts as hanging; the call may still take effect later.
pub const CALL_LIMIT: Duration = Duration::from_secs(2);
