//! Figures of a ranking: precision, recall and NDCG of its first ten, and the area under the curve.

use std::collections::HashSet;

use serde::Serialize;

/// The length of the list that a listener gets.
pub const SHOWN: usize = 10;

/// The items with the highest scores, best first, without those of `known`. Equal scores are sorted by item number.
pub fn best(scores: &[f32], known: &[(u32, f32)], count: usize) -> Vec<u32> {
    let mut wanted = vec![true; scores.len()];
    known.iter().for_each(|(item, _)| wanted[*item as usize] = false);
    let mut order: Vec<u32> = (0..scores.len() as u32).filter(|item| wanted[*item as usize]).collect();
    let best_first = |a: &u32, b: &u32| scores[*b as usize].total_cmp(&scores[*a as usize]).then(a.cmp(b));
    if order.len() > count && count > 0 {
        order.select_nth_unstable_by(count - 1, best_first);
        order.truncate(count);
    }
    order.sort_by(best_first);
    order
}

/// Precision, recall and NDCG of one list, and the area under the curve of the whole ranking where it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hits {
    pub precision: f64,
    pub recall: f64,
    pub ndcg: f64,
    pub auc: Option<f64>,
}

/// `all` counts every relevant item, also those that are not in the training set.
pub fn hits(shown: &[u32], relevant: &HashSet<u32>, all: usize) -> Hits {
    let discount = |place: usize| 1.0 / (place as f64 + 2.0).log2();
    let found: Vec<usize> = (0..shown.len()).filter(|place| relevant.contains(&shown[*place])).collect();
    let ideal: f64 = (0..all.min(SHOWN)).map(discount).sum();
    Hits {
        precision: found.len() as f64 / SHOWN as f64,
        recall: found.len() as f64 / all.max(1) as f64,
        // An empty sum is -0.
        ndcg: if found.is_empty() { 0.0 } else { found.iter().map(|place| discount(*place)).sum::<f64>() / ideal },
        auc: None,
    }
}

/// [`area_under_curve`] of a ranking without `known`; fast if few items are relevant.
pub fn area_of_few(scores: &[f32], relevant: &HashSet<u32>, known: &[(u32, f32)]) -> Option<f64> {
    let mut others = vec![true; scores.len()];
    known.iter().for_each(|(item, _)| others[*item as usize] = false);
    let wanted: Vec<u32> = relevant.iter().copied().filter(|item| others[*item as usize]).collect();
    wanted.iter().for_each(|item| others[*item as usize] = false);
    let others: Vec<f32> = scores.iter().zip(others).filter(|(_, other)| *other).map(|(score, _)| *score).collect();
    let won = |score: f32| {
        let halves: u32 = others.iter().map(|other| u32::from(*other < score) + u32::from(*other <= score)).sum();
        f64::from(halves) / 2.0
    };
    let pairs = (wanted.len() * others.len()) as f64;
    (pairs > 0.0).then(|| wanted.iter().map(|item| won(scores[*item as usize])).sum::<f64>() / pairs)
}

/// The probability that a random relevant item has a higher score than a random other item; a tie counts half. `None` if
/// there are none of either.
pub fn area_under_curve(scores: &[f32], relevant: &[bool]) -> Option<f64> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    let (mut below, mut won, mut all) = (0.0, 0.0, 0.0);
    for equal in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let found = equal.iter().filter(|n| relevant[**n]).count() as f64;
        let others = equal.len() as f64 - found;
        won += found * (below + others / 2.0);
        below += others;
        all += found;
    }
    (all * below > 0.0).then(|| won / (all * below))
}

/// The figures of one way to rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RankingFigures {
    pub precision_at_10: f64,
    pub recall_at_10: f64,
    pub ndcg_at_10: f64,
    /// Over the whole ranking; `None` if no relevant item could be ranked.
    pub auc: Option<f64>,
    /// The share of all items that are in the list of at least one listener.
    pub coverage: f64,
    /// Training, and ranking for all lists.
    pub seconds: f64,
    /// Peak memory of the process during that time, in MiB.
    pub memory: f64,
}

impl RankingFigures {
    /// From all lists, the number of items that could be in them, and the cost in seconds and MiB.
    pub fn of(judged: &[Hits], lists: Vec<Vec<u32>>, items: usize, (seconds, memory): (f64, f64)) -> Self {
        let Hits { precision, recall, ndcg, auc } = mean(judged);
        let different: HashSet<u32> = lists.into_iter().flatten().collect();
        let coverage = different.len() as f64 / items as f64;
        Self { precision_at_10: precision, recall_at_10: recall, ndcg_at_10: ndcg, auc, coverage, seconds, memory }
    }
}

/// Prints a row of the table of rankings, with the column names above the first. A star marks what the program uses.
pub fn print(name: &str, usual: bool, figures: &RankingFigures, first: bool) {
    if first {
        println!(
            "{:28} {:>6} {:>6} {:>7} {:>6} {:>8} {:>7} {:>5}",
            "", "P@10", "R@10", "NDCG@10", "AUC", "coverage", "seconds", "MiB"
        );
    }
    let RankingFigures { precision_at_10, recall_at_10, ndcg_at_10, auc, coverage, seconds, memory } = figures;
    let name = format!("{name}{}", if usual { " *" } else { "" });
    let auc = auc.map_or_else(|| "-".into(), |auc| format!("{auc:.4}"));
    println!(
        "{name:28} {precision_at_10:6.4} {recall_at_10:6.4} {ndcg_at_10:7.4} {auc:>6} {coverage:8.4} {seconds:7.2} {memory:5.0}"
    );
}

/// The mean over all lists.
pub fn mean(hits: &[Hits]) -> Hits {
    let mean = |part: fn(&Hits) -> f64| hits.iter().map(part).sum::<f64>() / hits.len().max(1) as f64;
    let areas: Vec<f64> = hits.iter().filter_map(|hits| hits.auc).collect();
    let auc = (!areas.is_empty()).then(|| areas.iter().sum::<f64>() / areas.len() as f64);
    Hits { precision: mean(|h| h.precision), recall: mean(|h| h.recall), ndcg: mean(|h| h.ndcg), auc }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_items_are_sorted_and_known_ones_left_out() {
        assert_eq!(best(&[0.1, 0.9, 0.5, 0.5, 0.7], &[(1, 1.0)], 3), [4, 2, 3]);
        assert_eq!(best(&[0.1, 0.2], &[], 10), [1, 0]);
    }

    #[test]
    fn figures_of_a_list_are_those_worked_out_by_hand() {
        // Hits at the first and third of ten places; one of three relevant items is not in the training set.
        let shown: Vec<u32> = (0..10).collect();
        let found = hits(&shown, &HashSet::from([0, 2]), 3);
        assert_eq!((found.precision, found.recall), (0.2, 2.0 / 3.0));
        let ideal = 1.0 + 1.0 / 3.0_f64.log2() + 0.5;
        assert!((found.ndcg - 1.5 / ideal).abs() < 1e-12);
    }

    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order() {
        // Of the four pairs two are right, one is a tie and one is wrong.
        let scores = [0.9, 0.5, 0.5, 0.7];
        assert_eq!(area_under_curve(&scores, &[true, true, false, false]), Some(2.5 / 4.0));
        assert_eq!(area_under_curve(&scores, &[false; 4]), None);
    }

    #[test]
    fn the_area_without_known_items_equals_the_plain_one() {
        let scores = [0.9, 0.5, 0.5, 0.7, 0.1, 1.0];
        let plain = area_under_curve(&scores[..5], &[true, true, false, false, false]);
        assert_eq!(area_of_few(&scores, &HashSet::from([0, 1]), &[(5, 1.0)]), plain);
        assert_eq!(area_of_few(&scores, &HashSet::from([5]), &[(5, 1.0)]), None);
    }

    #[test]
    fn a_list_without_hits_has_a_positive_zero() {
        assert!(hits(&[1, 2], &HashSet::from([3]), 1).ndcg.is_sign_positive());
    }

    #[test]
    fn a_perfect_short_list_is_worth_one() {
        assert_eq!(hits(&[5, 6], &HashSet::from([5, 6]), 2).ndcg, 1.0);
    }
}
