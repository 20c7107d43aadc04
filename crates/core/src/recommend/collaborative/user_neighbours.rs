//! User neighbourhoods: what those play whose histories are like this one.
//!
//! The paper's formula is here as written: the mean over the nearest neighbours who know the item of their deviations from their
//! own means, weighted by similarity. With few neighbours for an item, one deviation becomes the prediction, and rare
//! items rise to the top; shrinkage and a least number of witnesses mend that.

use std::sync::Arc;

use crate::recommend::collaborative::{Interactions, Model};

pub struct UserNeighbours {
    plays: Arc<Interactions>,
    /// Each listener's mean weight where deviations from it count, otherwise 0.
    means: Vec<f32>,
    lengths: Vec<f32>,
    form: Form,
}

#[derive(Clone, Copy)]
struct Form {
    centred: bool,
    neighbours: usize,
    /// Divide by the sum of similarities and so much more; `None`: do not divide.
    shrinkage: Option<f32>,
    /// Items known to fewer neighbours are left alone.
    witnesses: u32,
}

impl UserNeighbours {
    /// The paper's formula; 5 neighbours are its best on an inner split.
    pub fn paper(plays: &Arc<Interactions>) -> Self {
        Self::with(plays, Form { centred: true, neighbours: 5, shrinkage: Some(0.0), witnesses: 1 })
    }

    /// The best of a small grid (neighbours 50 to 400, shrinkage 1 to 100, witnesses 2 to 5) on an inner split.
    pub fn regularised(plays: &Arc<Interactions>) -> Self {
        Self::with(plays, Form { centred: true, neighbours: 50, shrinkage: Some(10.0), witnesses: 5 })
    }

    pub fn cosine(plays: &Arc<Interactions>) -> Self {
        Self::with(plays, Form { centred: false, neighbours: 50, shrinkage: None, witnesses: 1 })
    }

    fn with(plays: &Arc<Interactions>, form: Form) -> Self {
        let means: Vec<f32> = plays.rows().iter().map(|row| if form.centred { mean(row) } else { 0.0 }).collect();
        let lengths = plays.rows().iter().zip(&means).map(|(row, mean)| length(row, *mean)).collect();
        Self { plays: plays.clone(), means, lengths, form }
    }

    /// The nearest listeners and how near, nearest first.
    fn neighbours(&self, row: &[(u32, f32)], member: Option<usize>) -> Vec<(usize, f32)> {
        let centre = if self.form.centred { mean(row) } else { 0.0 };
        let mut shared = vec![0.0; self.plays.listeners()];
        for (item, weight) in row {
            for (who, other) in self.plays.column(*item as usize) {
                shared[*who as usize] += (weight - centre) * (other - self.means[*who as usize]);
            }
        }
        let own = length(row, centre);
        let near = |who: usize, shared: f32| shared / (own * self.lengths[who]);
        let others = shared.into_iter().enumerate().filter(|(who, shared)| *shared > 0.0 && Some(*who) != member);
        let mut found: Vec<(usize, f32)> = others.map(|(who, shared)| (who, near(who, shared))).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        found.truncate(self.form.neighbours);
        found
    }
}

impl Model for UserNeighbours {
    fn scores(&self, row: &[(u32, f32)], member: Option<usize>) -> Vec<f32> {
        let items = self.plays.items();
        let (mut sums, mut known, mut witnesses) = (vec![0.0; items], vec![0.0; items], vec![0; items]);
        for (who, near) in self.neighbours(row, member) {
            for (item, weight) in self.plays.row(who) {
                let item = *item as usize;
                sums[item] += near * (weight - self.means[who]);
                known[item] += near;
                witnesses[item] += 1;
            }
        }
        for (item, sum) in sums.iter_mut().enumerate() {
            match self.form.shrinkage {
                _ if witnesses[item] < self.form.witnesses => *sum = 0.0,
                Some(shrinkage) => *sum /= known[item] + shrinkage,
                None => {}
            }
        }
        sums
    }
}

fn mean(row: &[(u32, f32)]) -> f32 {
    row.iter().map(|(_, weight)| weight).sum::<f32>() / row.len().max(1) as f32
}

fn length(row: &[(u32, f32)], mean: f32) -> f32 {
    row.iter().map(|(_, weight)| (weight - mean) * (weight - mean)).sum::<f32>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first listener is asked about; the second deviates like them, the third against them.
    fn plays() -> Arc<Interactions> {
        let rows = vec![
            vec![(0, 1.0), (1, 3.0)],
            vec![(0, 1.0), (1, 3.0), (2, 2.0), (3, 4.0)],
            vec![(0, 3.0), (1, 1.0), (2, 5.0)],
        ];
        Arc::new(Interactions::new(rows, 5))
    }

    #[test]
    fn the_papers_formula_is_the_one_worked_out_by_hand() {
        // Means 2, 2.5 and 3. Deviations: the first (-1, 1), the second (-1.5, 0.5, -0.5, 1.5), the third (0, -2, 2).
        // The second is similar (2 > 0) and the third is not (-2), so that alone its deviations are the prediction.
        let scores = UserNeighbours::paper(&plays()).scores(plays().row(0), Some(0));
        for (item, expected) in [(2, -0.5), (3, 1.5), (4, 0.0)] {
            assert!((scores[item] - expected).abs() < 1e-6, "{item}: {scores:?}");
        }
    }

    #[test]
    fn a_single_neighbour_does_not_decide_where_witnesses_are_asked_for() {
        let scores = UserNeighbours::regularised(&plays()).scores(plays().row(0), Some(0));
        assert_eq!(scores, [0.0; 5]);
    }

    #[test]
    fn by_cosine_each_neighbour_counts_by_how_near_they_are() {
        let scores = UserNeighbours::cosine(&plays()).scores(plays().row(0), Some(0));
        let second = 10.0 / (10.0_f32.sqrt() * 30.0_f32.sqrt());
        let third = 6.0 / (10.0_f32.sqrt() * 35.0_f32.sqrt());
        assert!((scores[2] - (2.0 * second + 5.0 * third)).abs() < 1e-5);
        assert!((scores[3] - 4.0 * second).abs() < 1e-5);
    }
}
