//! Songs, real players and false ones, for tests.

pub mod fake;
pub mod show;
pub mod song;
