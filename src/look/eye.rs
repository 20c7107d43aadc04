//! The eye: a frame in, a sighting out.
