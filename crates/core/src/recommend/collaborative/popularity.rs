//! Popularity: what most listeners play, the same for everybody. The least that a model must beat.

use crate::recommend::collaborative::{Interactions, Model};

pub struct Popularity {
    listeners: Vec<f32>,
}

impl Popularity {
    pub fn new(plays: &Interactions) -> Self {
        Self { listeners: plays.columns().iter().map(|column| column.len() as f32).collect() }
    }
}

impl Model for Popularity {
    fn scores(&self, _row: &[(u32, f32)], _member: Option<usize>) -> Vec<f32> {
        self.listeners.clone()
    }
}
