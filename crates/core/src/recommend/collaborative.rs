//! What other listeners play: models that learn from many histories which artists go together.
//!
//! They stand behind one trait and one list of names, so that the program's own choice and its rivals are measured by the
//! same code (`moodring eval taste`). An item is whatever the histories count: an artist, or a song.

pub mod als;
pub mod ease;
pub mod interactions;
pub mod item_neighbours;
pub mod peer_affinities;
pub mod popularity;
pub mod user_neighbours;

use std::sync::Arc;

pub use crate::recommend::collaborative::interactions::{Interactions, Row};

/// A model that has learned from many listeners.
pub trait Model: Send + Sync {
    /// A score for every item, higher is better; only scores of one call compare.
    ///
    /// `row` is the listener's history in the unit of [`Interactions`], by item. `member` is their place among the listeners
    /// that were learned from, if they are one: a neighbourhood must not count them as their own neighbour.
    fn scores(&self, row: &[(u32, f32)], member: Option<usize>) -> Vec<f32>;
}

/// The models by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    Popularity,
    /// The paper's mean-centred user neighbourhood, as written.
    Paper,
    /// The same with shrinkage and a least number of witnesses.
    PaperRegularised,
    UserCosine,
    ItemBm25,
    Rp3Beta,
    /// Alternating least squares on implicit ratings (Hu, Koren and Volinsky 2008).
    Als,
    Ease,
}

/// Beyond so many listeners the exact linear model is too dear, and item neighbours serve.
const EXACT: usize = 4000;

impl Method {
    pub const ALL: [Self; 8] = [
        Self::Popularity,
        Self::Paper,
        Self::PaperRegularised,
        Self::UserCosine,
        Self::ItemBm25,
        Self::Rp3Beta,
        Self::Als,
        Self::Ease,
    ];

    /// What the program uses with so many listeners.
    pub fn usual(listeners: usize) -> Self {
        if listeners <= EXACT { Self::Ease } else { Self::ItemBm25 }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Popularity => "popularity",
            Self::Paper => "paper-user-knn",
            Self::PaperRegularised => "paper-user-knn-regularised",
            Self::UserCosine => "user-knn-cosine",
            Self::ItemBm25 => "item-knn-bm25",
            Self::Rp3Beta => "rp3beta",
            Self::Als => "als",
            Self::Ease => "ease",
        }
    }

    /// Learns from the histories.
    pub fn fit(self, plays: &Arc<Interactions>) -> Box<dyn Model> {
        match self {
            Self::Popularity => Box::new(popularity::Popularity::new(plays)),
            Self::Paper => Box::new(user_neighbours::UserNeighbours::paper(plays)),
            Self::PaperRegularised => Box::new(user_neighbours::UserNeighbours::regularised(plays)),
            Self::UserCosine => Box::new(user_neighbours::UserNeighbours::cosine(plays)),
            Self::ItemBm25 => Box::new(item_neighbours::ItemNeighbours::bm25(plays)),
            Self::Rp3Beta => Box::new(item_neighbours::ItemNeighbours::rp3beta(plays)),
            Self::Als => Box::new(als::AlsFactors::new(plays)),
            Self::Ease => Box::new(ease::Ease::new(plays)),
        }
    }
}
