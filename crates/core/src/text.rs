//! Text: made safe to show, counted, and normalised for comparison.

pub mod plural;
pub mod sanitize;
pub mod song_names;
