//! Item neighbourhoods: what is played by those who play this.

use std::sync::Arc;

use rayon::prelude::*;

use crate::recommend::collaborative::{Interactions, Model, Row};

/// For each item its nearest, and how near; a score is the history times these.
pub struct ItemNeighbours {
    near: Vec<Row>,
}

impl ItemNeighbours {
    /// Listeners as documents of items, weighted by BM25 (Robertson and others 1994), with the 100 nearest of each item.
    pub fn bm25(plays: &Arc<Interactions>) -> Self {
        let (weighted, rarity) = bm25(plays);
        let mut near = nearest(&weighted, &weighted, 100, |_| 1.0);
        // In a history, too, a rare item says more than one that everybody plays.
        near.iter_mut().zip(rarity).for_each(|(row, rarity)| row.iter_mut().for_each(|(_, near)| *near *= rarity));
        Self { near }
    }

    /// A random walk from item to listener to item, with the pull of popular items taken off
    /// (Paudel, Christoffel, Newell and Bernstein 2017).
    pub fn rp3beta(plays: &Arc<Interactions>) -> Self {
        // Exponents and neighbours: the best of a small grid on an inner split (2026-11).
        let (alpha, beta, neighbours) = (0.7, 0.3, 200);
        let steps = |row: &Row| {
            let sum: f32 = row.iter().map(|(_, weight)| weight).sum();
            row.iter().map(|(to, weight)| (*to, (weight / sum).powf(alpha))).collect::<Row>()
        };
        let out = Interactions::new(transposed(plays.columns().iter().map(steps), plays.listeners()), plays.items());
        let back = Interactions::new(plays.rows().iter().map(steps).collect(), plays.items());
        let pull = |item: usize| (plays.column(item).len().max(1) as f32).powf(-beta);
        Self { near: nearest(&out, &back, neighbours, pull) }
    }
}

impl Model for ItemNeighbours {
    fn scores(&self, row: &[(u32, f32)], _member: Option<usize>) -> Vec<f32> {
        let mut scores = vec![0.0; self.near.len()];
        for (item, weight) in row {
            self.near[*item as usize].iter().for_each(|(other, near)| scores[*other as usize] += weight * near);
        }
        scores
    }
}

/// For each item the `count` others with the largest `sum over listeners of from * to`, times the other's `pull`.
fn nearest(from: &Interactions, to: &Interactions, count: usize, pull: impl Fn(usize) -> f32 + Sync) -> Vec<Row> {
    let of = |item: usize| {
        let mut shared = vec![0.0; to.items()];
        let mut met: Row = Vec::new();
        for (who, weight) in from.column(item) {
            for (other, back) in to.row(*who as usize) {
                if shared[*other as usize] == 0.0 {
                    met.push((*other, 0.0));
                }
                shared[*other as usize] += weight * back;
            }
        }
        met.retain(|(other, _)| *other as usize != item);
        met.iter_mut().for_each(|(other, near)| *near = shared[*other as usize] * pull(*other as usize));
        met.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        met.truncate(count);
        met
    };
    (0..from.items()).into_par_iter().map(of).collect()
}

fn transposed(columns: impl Iterator<Item = Row>, listeners: usize) -> Vec<Row> {
    let mut rows = vec![Row::new(); listeners];
    for (item, column) in columns.enumerate() {
        column.iter().for_each(|(who, weight)| rows[*who as usize].push((item as u32, *weight)));
    }
    rows
}

/// How soon a further play adds little, and how far long histories are held back.
const SATURATION: f32 = 1.2;
const LENGTH: f32 = 0.75;

/// The weights, and the rarity of each item.
fn bm25(plays: &Interactions) -> (Interactions, Vec<f32>) {
    let listeners = plays.listeners() as f32;
    let sum = |row: &Row| row.iter().map(|(_, weight)| weight).sum::<f32>();
    let mean = plays.rows().iter().map(sum).sum::<f32>() / listeners.max(1.0);
    let rare = |column: &Row| (listeners / (1.0 + column.len() as f32)).ln().max(0.0);
    let rarity: Vec<f32> = plays.columns().iter().map(rare).collect();
    let row = |row: &Row| {
        let norm = SATURATION * (1.0 - LENGTH + LENGTH * sum(row) / mean);
        let weigh = |(item, weight): &(u32, f32)| {
            (*item, weight * (SATURATION + 1.0) / (norm + weight) * rarity[*item as usize])
        };
        row.iter().map(weigh).collect()
    };
    (Interactions::new(plays.rows().iter().map(row).collect(), plays.items()), rarity)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plays() -> Arc<Interactions> {
        Arc::new(Interactions::new(
            vec![vec![(0, 1.0), (1, 1.0)], vec![(0, 1.0), (1, 1.0), (2, 2.0)], vec![(3, 1.0)]],
            4,
        ))
    }

    #[test]
    fn items_of_the_same_listeners_are_near_and_strangers_are_not() {
        let plays = Arc::new(Interactions::new(
            vec![vec![(0, 1.0), (1, 1.0)], vec![(0, 1.0), (1, 1.0)], vec![(2, 1.0)], vec![(3, 1.0)]],
            4,
        ));
        for model in [ItemNeighbours::bm25(&plays), ItemNeighbours::rp3beta(&plays)] {
            let scores = model.scores(&[(0, 1.0)], None);
            assert!(scores[1] > 0.0 && scores[3] == 0.0 && scores[0] == 0.0, "{scores:?}");
        }
    }

    #[test]
    fn the_walk_is_the_one_worked_out_by_hand() {
        // From item 0: to each of its two listeners with 1/2; from the first to item 1 with 1/2, from the second to item 1
        // with 1/4 and to item 2 with 2/4; each step to the power 0.7, each item over its listeners to 0.3.
        let scores = ItemNeighbours::rp3beta(&plays()).scores(&[(0, 2.0)], None);
        let step = |share: f32| share.powf(0.7);
        let one = step(0.5) * (step(0.5) + step(0.25)) / 2.0_f32.powf(0.3);
        assert!((scores[1] - 2.0 * one).abs() < 1e-6 && (scores[2] - 2.0 * step(0.5) * step(0.5)).abs() < 1e-6);
    }

    #[test]
    fn bm25_is_the_one_worked_out_by_hand() {
        // Three listeners of weights 2, 4 and 1: mean 7/3. Rarities: ln(3/3) = 0 twice, ln(3/2) twice.
        let (weighted, rarity) = bm25(&plays());
        assert_eq!((rarity[0], rarity[2]), (0.0, 1.5_f32.ln()));
        let norm = 1.2 * (0.25 + 0.75 * 4.0 / (7.0 / 3.0));
        let expected = 2.0 * 2.2 / (norm + 2.0) * 1.5_f32.ln();
        assert!((weighted.row(1)[2].1 - expected).abs() < 1e-6, "{:?} {expected}", weighted.row(1));
        assert_eq!(weighted.row(0)[0].1, 0.0);
    }
}
