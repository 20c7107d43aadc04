//! Ways to rank by taste and content, by name.

use moodring_core::config::MusicConfig;
use moodring_core::recommend::collaborative::Method;
use moodring_core::recommend::fusion::Fusion;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taste {
    /// The same score for every item.
    None,
    By(Method),
}

/// The content score of a recipe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    None,
    /// Cosine of valence and energy, as in the paper.
    Cosine,
    /// A Gaussian of their distance.
    Gaussian,
    /// The probability of the mood, learned from labels.
    Chance,
}

#[derive(Clone, Debug)]
pub struct Recipe {
    pub name: String,
    pub taste: Taste,
    pub content: Kind,
    pub fusion: Fusion,
    /// The weight of content.
    pub alpha: f32,
    /// Whether the program uses this recipe.
    pub usual: bool,
}

/// The paper's `a`: the best of 0.1 to 0.9 on the measured cases (2026-11), so that the baseline is as strong as it can be.
const PAPER_ALPHA: f32 = 0.1;
/// The weight of a Gaussian in a sum with good taste scores.
const SUM_ALPHA: f32 = 0.2;

impl Recipe {
    /// All recipes; the number of listeners decides which one the program uses.
    pub fn all(listeners: usize) -> Vec<Self> {
        let usual = Method::usual(listeners);
        let (best, own) = (usual.name(), MusicConfig::default().mood_weight);
        let recipe = |name: &str, taste, content, fusion, alpha| Self {
            name: name.into(),
            taste,
            content,
            fusion,
            alpha,
            usual: false,
        };
        let of = |method: Method| Taste::By(method);
        vec![
            recipe("content-cosine", Taste::None, Kind::Cosine, Fusion::Sum, 1.0),
            recipe("content-gaussian", Taste::None, Kind::Gaussian, Fusion::Sum, 1.0),
            recipe("content-chance", Taste::None, Kind::Chance, Fusion::Sum, 1.0),
            recipe("popularity", of(Method::Popularity), Kind::None, Fusion::Sum, 0.0),
            recipe("chance*popularity", of(Method::Popularity), Kind::Chance, Fusion::Product, own),
            recipe("paper", of(Method::Paper), Kind::Cosine, Fusion::Sum, PAPER_ALPHA),
            recipe("paper-regularised", of(Method::PaperRegularised), Kind::Cosine, Fusion::Sum, PAPER_ALPHA),
            recipe(best, of(usual), Kind::None, Fusion::Sum, 0.0),
            recipe(&format!("cosine+{best}"), of(usual), Kind::Cosine, Fusion::Sum, SUM_ALPHA),
            recipe(&format!("gaussian+{best}"), of(usual), Kind::Gaussian, Fusion::Sum, SUM_ALPHA),
            recipe(&format!("filter-then-{best}"), of(usual), Kind::Chance, Fusion::Filter, 0.0),
            recipe(&format!("gaussian*{best}"), of(usual), Kind::Gaussian, Fusion::Product, own),
            Self { usual: true, ..recipe(&format!("chance*{best}"), of(usual), Kind::Chance, Fusion::default(), own) },
        ]
    }

    pub fn score(&self, content: f32, taste: f32) -> f32 {
        self.fusion.score(content, taste, self.alpha)
    }
}
