//! One adapter a player.

pub(crate) mod any_mpris;
pub(crate) mod audacious;
pub mod clementine;
pub(crate) mod cmus;
pub mod mpd;
pub mod mpv;
pub(crate) mod quodlibet;
pub(crate) mod rhythmbox;
pub mod spotify;
#[cfg(test)]
pub mod template;
pub(crate) mod vlc;
