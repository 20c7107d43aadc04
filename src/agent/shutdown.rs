//! The end of the process within a time limit, whatever a player, a bus or the main loop does meanwhile.

use std::sync::Once;
use std::time::Duration;

/// From the request to leave to the end of the process. Two seconds of it belong to players that give songs back.
const LIMIT: Duration = Duration::from_millis(2800);

/// Ends the process at the limit at the latest; calls after the first change nothing.
pub fn limit_shutdown() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        let end = || {
            std::thread::sleep(LIMIT);
            tracing::warn!("something did not end in time; Moodring ends all the same");
            // What was answered as done is written already.
            std::process::exit(0);
        };
        if let Err(error) = moodring_platform::threads::spawn("shutdown", end) {
            tracing::warn!("nothing limits how long leaving takes: {error:#}");
        }
    });
}
