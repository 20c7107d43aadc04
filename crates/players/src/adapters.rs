//! One adapter a player.

pub mod any_mpris;
pub mod audacious;
pub mod clementine;
pub mod cmus;
pub mod mpd;
pub mod mpv;
pub mod quodlibet;
pub mod rhythmbox;
pub mod spotify;
#[cfg(test)]
pub mod template;
pub mod vlc;
