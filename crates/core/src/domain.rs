//! The words of the program: songs, tracks, players, looks, and the messages between the agent and the rest.

pub mod address;
pub mod message;
pub mod musical_key;
pub mod observation;
pub mod playback;
pub mod presence;
pub mod remote_song;
pub mod song;
pub mod track;
pub mod view;
