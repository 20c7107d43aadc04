//! What its owner, and listeners like them, heard in other places.
//!
//! Songs are matched to the library by MusicBrainz id, then by artist and title. The owner's listens count like plays here; other
//! listeners' histories say which artists go together; songs without a file are kept by name for a player that streams.

pub mod client;
pub mod lastfm;
pub mod listenbrainz;
pub mod playlist;
pub mod ratings_csv;
pub mod spotify;
