//! Which song next: content and collaborative scores, their fusion, ranking, and the selection from it.

pub mod collaborative;
pub mod content;
pub mod explanation;
pub mod exponential_bounds;
pub mod fusion;
pub mod linear_algebra;
pub mod mood_weight;
pub mod rank;
pub mod rank_normalize;
pub mod recent;
pub mod selection;
pub mod taste;
