//! The learned estimate of valence and energy: figures of each half minute of sound ([`features`]), judged by a model ([`model`])
//! whose numbers are part of the program ([`weights`]).

mod bands;
pub mod features;
mod harmony;
pub mod model;
mod modulation;
mod notes;
mod rhythm;
mod statistics;
mod timbre;
pub mod weights;

#[cfg(test)]
mod tests;
