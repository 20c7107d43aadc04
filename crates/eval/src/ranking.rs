//! Figures of a ranking: precision, recall and NDCG of its first ten, and the area under the curve.

use std::collections::HashSet;

use serde::Serialize;

/// How long a list a listener is shown.
pub const SHOWN: usize = 10;

/// The items with the highest scores, best first; those of `known` are left out, equal scores go by number.
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

/// Precision, recall and NDCG of one list, and the area under the curve of the whole ranking where that was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Hits {
    pub precision: f64,
    pub recall: f64,
    pub ndcg: f64,
    pub auc: Option<f64>,
}

/// `all` counts every relevant item, also those that no model can know.
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

/// [`area_under_curve`] of a ranking in which `known` has no place; quick where little is relevant.
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

/// How often a relevant one of two items, chosen by chance, has the higher score; a tie is half. `None`: nothing to compare.
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

/// What was measured of one way to rank.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RankingFigures {
    pub precision_at_10: f64,
    pub recall_at_10: f64,
    pub ndcg_at_10: f64,
    /// Over the whole ranking; `None`: nothing relevant could be ranked.
    pub auc: Option<f64>,
    /// The share of all items that somebody is shown.
    pub coverage: f64,
    /// Learning and ranking for all lists.
    pub seconds: f64,
    /// The peak of the process meanwhile, in MiB.
    pub memory: f64,
}

impl RankingFigures {
    /// Of all lists, among `items` that could be shown, at a cost of seconds and MiB.
    pub fn of(judged: &[Hits], lists: Vec<Vec<u32>>, items: usize, (seconds, memory): (f64, f64)) -> Self {
        let Hits { precision, recall, ndcg, auc } = mean(judged);
        let different: HashSet<u32> = lists.into_iter().flatten().collect();
        let coverage = different.len() as f64 / items as f64;
        Self { precision_at_10: precision, recall_at_10: recall, ndcg_at_10: ndcg, auc, coverage, seconds, memory }
    }
}

/// A row of the table of rankings, under its head when it is the first; a star marks what the product uses.
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
    fn the_best_come_in_order_without_what_is_known() {
        assert_eq!(best(&[0.1, 0.9, 0.5, 0.5, 0.7], &[(1, 1.0)], 3), [4, 2, 3]);
        assert_eq!(best(&[0.1, 0.2], &[], 10), [1, 0]);
    }

    #[test]
    fn a_list_is_judged_as_worked_out_by_hand() {
        // Hits at the first and third place of ten, three relevant items of which one cannot be known.
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
    fn the_area_of_a_ranking_leaves_out_what_is_known_and_agrees_with_the_plain_one() {
        let scores = [0.9, 0.5, 0.5, 0.7, 0.1, 1.0];
        let plain = area_under_curve(&scores[..5], &[true, true, false, false, false]);
        assert_eq!(area_of_few(&scores, &HashSet::from([0, 1]), &[(5, 1.0)]), plain);
        assert_eq!(area_of_few(&scores, &HashSet::from([5]), &[(5, 1.0)]), None);
    }

    #[test]
    fn nothing_found_is_a_plain_zero() {
        assert!(hits(&[1, 2], &HashSet::from([3]), 1).ndcg.is_sign_positive());
    }

    #[test]
    fn a_perfect_short_list_is_worth_one() {
        assert_eq!(hits(&[5, 6], &HashSet::from([5, 6]), 2).ndcg, 1.0);
    }
}
