//! A private desktop with a real player, real music and a simulated user, for `moodring demo` and the tests.

mod account;
pub mod desktop;
pub mod faces;
mod jump;
mod launch;
pub mod music;
pub mod player_process;
pub mod user;
