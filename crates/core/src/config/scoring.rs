//! The scores that the settings can choose.

use serde::{Deserialize, Serialize};

/// How well a song fits a target; `recommend::content` computes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// The paper's: cosine of valence and energy.
    PaperCosine,
    /// The same, with the library's mean taken off.
    CentredCosine,
    /// A Gaussian of the distance in valence and energy.
    Gaussian,
    /// The same with a little of tempo and genre.
    WeightedGaussian,
    /// The weighted Gaussian, and what labelled songs say of the mood, the more of them the more.
    #[default]
    Learned,
}

impl Content {
    pub const ALL: [Self; 5] =
        [Self::PaperCosine, Self::CentredCosine, Self::Gaussian, Self::WeightedGaussian, Self::Learned];

    pub fn name(self) -> &'static str {
        match self {
            Self::PaperCosine => "paper-cosine",
            Self::CentredCosine => "centred-cosine",
            Self::Gaussian => "gaussian",
            Self::WeightedGaussian => "weighted-gaussian",
            Self::Learned => "learned",
        }
    }
}

/// How content and taste become one score; `recommend::fusion` computes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fusion {
    /// The weighted sum of the paper.
    Sum,
    /// What fits comes first, in the order of taste.
    Filter,
    /// Both, each to the power of its weight.
    #[default]
    Product,
}
