//! What all MPRIS players share: the bus interfaces, metadata, playback and the track list.

pub mod bus;
pub mod metadata;
pub mod playback;
pub mod track_list;
