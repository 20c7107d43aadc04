//! ALS: each listener and each item a short vector, whose product says how likely the one plays the other
//! ("Collaborative Filtering for Implicit Feedback Datasets", Hu, Koren and Volinsky 2008).
//!
//! Each half-step solves a least-squares problem a row; three steps of conjugate gradients from the row before come near
//! enough (Takács, Pilászy and Tikk 2011).

use std::sync::Arc;

use rayon::prelude::*;

use crate::recommend::collaborative::{Interactions, Model, Row};

/// Numbers in a vector, rounds, and the two weights: the best of a small grid on an inner split (2026-11).
const WIDTH: usize = 64;
const ROUNDS: usize = 10;
const CAUTION: f32 = 5.0;
/// What a unit of weight adds to the confidence of a cell; an empty cell has 1.
const CONFIDENCE: f32 = 1.0;
const STEPS: usize = 3;

type Vector = [f32; WIDTH];

pub struct AlsFactors {
    listeners: Vec<Vector>,
    items: Vec<Vector>,
}

impl AlsFactors {
    pub fn new(plays: &Arc<Interactions>) -> Self {
        let mut factors = Self {
            listeners: (0..plays.listeners()).map(|n| begin(2 * n as u64)).collect(),
            items: (0..plays.items()).map(|n| begin(2 * n as u64 + 1)).collect(),
        };
        for _ in 0..ROUNDS {
            improve(&mut factors.listeners, plays.rows(), &factors.items);
            improve(&mut factors.items, plays.columns(), &factors.listeners);
        }
        factors
    }
}

impl Model for AlsFactors {
    fn scores(&self, row: &[(u32, f32)], member: Option<usize>) -> Vec<f32> {
        let listener = match member {
            Some(member) => self.listeners[member],
            None => {
                let mut listener = [0.0; WIDTH];
                let gram = gram(&self.items);
                (0..5).for_each(|_| solve(&mut listener, row, &self.items, &gram));
                listener
            }
        };
        self.items.iter().map(|item| dot(item, &listener)).collect()
    }
}

/// Small numbers that look random and are the same in every run (splitmix64).
fn begin(seed: u64) -> Vector {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::array::from_fn(|_| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z >> 40) as f32 / (1u64 << 24) as f32 - 0.5) * 0.02
    })
}

fn improve(vectors: &mut [Vector], histories: &[Row], others: &[Vector]) {
    let gram = gram(others);
    vectors.par_iter_mut().zip(histories).for_each(|(vector, row)| solve(vector, row, others, &gram));
}

/// `Y'Y + cI`: what all empty cells together ask for.
fn gram(vectors: &[Vector]) -> Vec<Vector> {
    let mut gram = vec![[0.0; WIDTH]; WIDTH];
    for vector in vectors {
        for (row, left) in gram.iter_mut().zip(vector) {
            row.iter_mut().zip(vector).for_each(|(cell, right)| *cell += left * right);
        }
    }
    (0..WIDTH).for_each(|k| gram[k][k] += CAUTION);
    gram
}

/// Moves `x` towards the solution of `(Y'CY + cI) x = Y'C 1`, where `C` counts an empty cell 1 and a played one more.
fn solve(x: &mut Vector, row: &[(u32, f32)], others: &[Vector], gram: &[Vector]) {
    let product = |p: &Vector| {
        let mut sum: Vector = std::array::from_fn(|k| dot(&gram[k], p));
        for (other, weight) in row {
            let other = &others[*other as usize];
            add(&mut sum, other, CONFIDENCE * weight * dot(other, p));
        }
        sum
    };
    let mut left = product(x).map(|value| -value);
    row.iter().for_each(|(other, weight)| add(&mut left, &others[*other as usize], 1.0 + CONFIDENCE * weight));
    let (mut direction, mut size) = (left, dot(&left, &left));
    for _ in 0..STEPS {
        if size < 1e-12 {
            return;
        }
        let moved = product(&direction);
        let step = size / dot(&direction, &moved);
        add(x, &direction, step);
        add(&mut left, &moved, -step);
        let before = std::mem::replace(&mut size, dot(&left, &left));
        direction = std::array::from_fn(|k| left[k] + size / before * direction[k]);
    }
}

fn dot(a: &Vector, b: &Vector) -> f32 {
    // Eight sums side by side, so that the compiler may add them at once.
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        (0..8).for_each(|k| sums[k] += a[k] * b[k]);
    }
    sums.iter().sum()
}

fn add(sum: &mut Vector, other: &Vector, share: f32) {
    sum.iter_mut().zip(other).for_each(|(sum, other)| *sum += share * other);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two circles of listeners: items 0 to 3, and 4 to 7; each lacks one.
    fn plays() -> Arc<Interactions> {
        let row = |n: u32| (0..4).filter(|k| *k != n % 4).map(|k| (k + 4 * (n / 4), 2.0)).collect();
        Arc::new(Interactions::new((0..8).map(row).collect(), 8))
    }

    #[test]
    fn a_listener_gets_what_their_circle_plays() {
        let plays = plays();
        let model = AlsFactors::new(&plays);
        let (member, stranger) = (model.scores(plays.row(0), Some(0)), model.scores(plays.row(0), None));
        for scores in [member, stranger] {
            assert!((4..8).all(|far| scores[0] > scores[far] + 0.1), "{scores:?}");
        }
    }

    #[test]
    fn the_steps_end_at_the_solution() {
        let others: Vec<Vector> = (0..20).map(|n| begin(n).map(|value| 50.0 * value)).collect();
        let (gram, row) = (gram(&others), [(3, 1.0), (7, 2.0)]);
        let mut x = [0.0; WIDTH];
        (0..30).for_each(|_| solve(&mut x, &row, &others, &gram));
        // What is left of both sides of the equation.
        let mut left: Vector = std::array::from_fn(|k| dot(&gram[k], &x));
        for (other, weight) in row {
            let other = &others[other as usize];
            add(&mut left, other, CONFIDENCE * weight * dot(other, &x) - (1.0 + CONFIDENCE * weight));
        }
        assert!(left.iter().all(|value| value.abs() < 1e-3), "{left:?}");
    }
}
