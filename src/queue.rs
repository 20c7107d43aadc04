//! Which song next, and when to hand it over.
