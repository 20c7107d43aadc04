//! What other listeners' histories say of each artist to the owner of this library.

use std::collections::HashMap;
use std::sync::Arc;

use crate::recommend::collaborative::interactions::logged;
use crate::recommend::collaborative::{Interactions, Method, Row};

/// By artist, as [`crate::text::song_names::artist_key`] spells them: 0..1, how much others with such a history play them.
/// Empty without other listeners, or without a history of one's own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PeerAffinities {
    affinities: HashMap<String, f32>,
}

/// So many others, the most like the owner, are learned from: who is less alike hardly speaks for anything, and the exact model of more
/// would take much memory.
pub const CLOSEST: usize = 2000;

/// Plays by artist.
pub type PeerHistory = HashMap<String, f32>;

impl PeerAffinities {
    /// Learns from the others with the model that wins the evaluation. Two thousand listeners take a second.
    pub fn of(own: &PeerHistory, others: &HashMap<String, PeerHistory>) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut listeners: Vec<(&String, &PeerHistory)> = others.iter().collect();
        // In an order of their own, so that the same histories give the same figures.
        listeners.sort_by_key(|(name, _)| *name);
        for (_, history) in &listeners {
            let mut artists: Vec<&str> = history.keys().map(String::as_str).collect();
            artists.sort_unstable();
            for artist in artists {
                let next = numbers.len() as u32;
                numbers.entry(artist).or_insert(next);
            }
        }
        let row = |history: &PeerHistory| -> Row {
            history.iter().filter_map(|(artist, plays)| Some((*numbers.get(artist.as_str())?, *plays))).collect()
        };
        let known = row(own);
        if known.is_empty() || listeners.len() < 2 {
            return Self::default();
        }
        let rows = listeners.iter().map(|(_, history)| row(history)).collect();
        let plays = Arc::new(Interactions::of_counts(rows, numbers.len()));
        let own = Interactions::new(vec![logged(known)], numbers.len());
        let scores = Method::usual(plays.listeners()).fit(&plays).scores(own.row(0), None);
        let most = scores.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        // The best stand far above the rest; roots let the rest be told apart too.
        let affinity = |(artist, n): (&str, u32)| (artist.to_owned(), (scores[n as usize] / most).max(0.0).sqrt());
        Self { affinities: numbers.into_iter().map(affinity).filter(|(_, affinity)| *affinity > 0.0).collect() }
    }

    pub fn is_empty(&self) -> bool {
        self.affinities.is_empty()
    }

    /// 0 for an artist whom nobody alike plays.
    pub fn affinity(&self, artist: &str) -> f32 {
        self.affinities.get(artist).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(artists: &[&str]) -> PeerHistory {
        artists.iter().map(|artist| ((*artist).to_owned(), 5.0)).collect()
    }

    fn others() -> HashMap<String, PeerHistory> {
        let circle =
            |n: usize| if n < 5 { history(&["abba", "boney m", "chic"]) } else { history(&["slayer", "venom"]) };
        (0..10).map(|n| (n.to_string(), circle(n))).collect()
    }

    #[test]
    fn an_artist_is_known_by_those_who_play_what_the_owner_plays() {
        let circle = PeerAffinities::of(&history(&["abba", "nobody else"]), &others());
        assert!(circle.affinity("chic") > 0.5 && circle.affinity("boney m") > 0.5, "{circle:?}");
        assert!(circle.affinity("venom") < 0.1 && circle.affinity("unheard") == 0.0, "{circle:?}");
        assert_eq!(circle, PeerAffinities::of(&history(&["abba", "nobody else"]), &others()));
    }

    #[test]
    fn without_a_history_in_common_nothing_is_known() {
        assert!(PeerAffinities::of(&history(&["nobody else"]), &others()).is_empty());
        assert!(PeerAffinities::of(&PeerHistory::new(), &others()).is_empty());
        assert!(PeerAffinities::of(&history(&["abba"]), &HashMap::new()).is_empty());
    }
}
