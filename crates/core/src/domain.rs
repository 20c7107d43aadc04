//! Plain values: expressions and moods, songs and tracks, playback, readings, presence, and what the user is shown.

pub mod address;
pub mod emotion;
pub mod musical_key;
pub mod observation;
pub mod pick;
pub mod playback;
pub mod presence;
pub mod reason;
pub mod remote_song;
pub mod song;
pub mod track;
pub mod view;
