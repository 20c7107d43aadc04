//! The best few of many, without keeping the rest.

use std::cmp::Ordering;

use crate::recommend::rank::Ranked;

/// A bound and a score are worked out in different ways, and may differ by so much where they should be equal.
const SLACK: f32 = 1e-5;
/// So many more than wanted are held before the worst are let go.
const SPARE: usize = 256;

pub struct TopK<'a> {
    held: Vec<Ranked<'a>>,
    count: usize,
    /// What scores less is not among the best.
    floor: f32,
}

impl<'a> TopK<'a> {
    pub fn new(count: usize) -> Self {
        let floor = if count == 0 { f32::INFINITY } else { f32::NEG_INFINITY };
        Self { held: Vec::new(), count, floor }
    }

    /// Whether a song that scores at most this cannot be among the best.
    pub fn rules_out(&self, most: f32) -> bool {
        most + SLACK < self.floor
    }

    pub fn offer(&mut self, ranked: Ranked<'a>) {
        self.held.push(ranked);
        if self.held.len() >= self.count.saturating_add(SPARE) {
            self.let_go();
        }
    }

    /// Best first.
    pub fn in_order(mut self) -> Vec<Ranked<'a>> {
        self.let_go();
        self.held.sort_by(best_first);
        self.held
    }

    fn let_go(&mut self) {
        if self.count > 0 && self.held.len() > self.count {
            let (_, last, _) = self.held.select_nth_unstable_by(self.count - 1, best_first);
            self.floor = last.score;
        }
        self.held.truncate(self.count);
    }
}

fn best_first(a: &Ranked, b: &Ranked) -> Ordering {
    b.score.total_cmp(&a.score).then(a.song.id.cmp(&b.song.id))
}
