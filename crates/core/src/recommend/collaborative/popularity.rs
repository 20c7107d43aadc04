//! Popularity: what most listeners play, the same for everybody. The least that a model must beat.

use crate::recommend::collaborative::{Model, Plays};

pub struct Popular {
    listeners: Vec<f32>,
}

impl Popular {
    pub fn new(plays: &Plays) -> Self {
        Self { listeners: plays.columns().iter().map(|column| column.len() as f32).collect() }
    }
}

impl Model for Popular {
    fn scores(&self, _row: &[(u32, f32)], _member: Option<usize>) -> Vec<f32> {
        self.listeners.clone()
    }
}
