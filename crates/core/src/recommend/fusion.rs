//! How content and taste become one score.
//!
//! The paper's is a weighted sum, `a * S_content + (1 - a) * S_taste`. On listeners whose favourites of each mood were held
//! out, a product does better (`moodring eval hybrid`; docs/recommendation.md): taste leads, the mood is a factor, and a song
//! whose mood may have been misjudged keeps a chance. A hard filter by mood has no such doubt, and gains less.

pub use crate::config::scoring::Fusion;
use crate::recommend::exponential_bounds::{exp_at_most, ln_at_most};

/// How far content is doubted: what a song that seems not to fit at all keeps of its chance. From 0.1 to 0.3 the evaluation
/// cannot tell (2026-11).
const DOUBT: f32 = 0.25;
/// The same for taste: nothing is known to be disliked for ever.
const DOUBT_OF_TASTE: f32 = 0.01;
/// Content from which a song passes the filter.
const GATE: f32 = 0.3;

impl Fusion {
    /// A score that orders songs; 0..1, but for the filter.
    pub fn score(self, content: f32, taste: f32, alpha: f32) -> f32 {
        match self {
            Self::Sum => alpha * content + (1.0 - alpha) * taste,
            Self::Filter => taste + f32::from(content >= GATE),
            Self::Product => {
                let [content, taste] = logs(content, taste);
                (alpha * content + (1.0 - alpha) * taste).exp()
            }
        }
    }

    /// How [`Self::score`] comes about, in figures.
    pub fn formula(self, content: f32, taste: f32, alpha: f32) -> String {
        let rest = 1.0 - alpha;
        match self {
            Self::Sum => format!("{alpha:.2} x {content:.3} + {rest:.2} x {taste:.3}"),
            Self::Filter => format!("{taste:.3} + {}", u8::from(content >= GATE)),
            Self::Product => {
                let doubted = |value: f32, doubt: f32| format!("(({value:.3} + {doubt}) / {})", 1.0 + doubt);
                let (content, taste) = (doubted(content, DOUBT), doubted(taste, DOUBT_OF_TASTE));
                format!("{content} ^ {alpha:.2} x {taste} ^ {rest:.2}")
            }
        }
    }

    /// What [`Self::score`] is not above, where content is not above `content`; `liking` is what [`logs`] says of `taste`.
    pub fn most(self, content: f32, taste: f32, liking: f32, alpha: f32) -> f32 {
        match self {
            Self::Sum | Self::Filter => self.score(content, taste, alpha),
            Self::Product => exp_at_most(alpha * ln_at_most(doubted(content, DOUBT)) + (1.0 - alpha) * liking),
        }
    }
}

/// Content and taste as the product weighs them: doubted, and as logarithms.
pub fn logs(content: f32, taste: f32) -> [f32; 2] {
    [doubted(content, DOUBT).ln(), doubted(taste, DOUBT_OF_TASTE).ln()]
}

fn doubted(value: f32, doubt: f32) -> f32 {
    (value.max(0.0) + doubt) / (1.0 + doubt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_papers_and_the_filter_puts_what_fits_first() {
        assert!((Fusion::Sum.score(0.8, 0.4, 0.25) - 0.5).abs() < 1e-6);
        assert!(Fusion::Filter.score(0.5, 0.1, 0.6) > Fusion::Filter.score(0.1, 0.9, 0.6));
        assert!(Fusion::Filter.score(0.5, 0.2, 0.6) > Fusion::Filter.score(0.9, 0.1, 0.6));
    }

    #[test]
    fn the_formula_that_is_shown_gives_the_score() {
        assert_eq!(Fusion::Sum.formula(0.8, 0.4, 0.25), "0.25 x 0.800 + 0.75 x 0.400");
        assert_eq!(Fusion::Filter.formula(0.5, 0.1, 0.6), "0.100 + 1");
        let shown = Fusion::Product.formula(0.5, 0.1, 0.6);
        assert_eq!(shown, "((0.500 + 0.25) / 1.25) ^ 0.60 x ((0.100 + 0.01) / 1.01) ^ 0.40");
        let worked_out = (0.75_f32 / 1.25).powf(0.6) * (0.11_f32 / 1.01).powf(0.4);
        assert!((Fusion::Product.score(0.5, 0.1, 0.6) - worked_out).abs() < 1e-5);
    }

    #[test]
    fn in_the_product_a_song_must_be_good_by_both_and_neither_alone_can_rule_it_out() {
        let score = |content, taste| Fusion::Product.score(content, taste, 0.5);
        assert!(score(0.6, 0.6) > score(1.0, 0.2) && score(0.6, 0.6) > score(0.1, 1.0));
        assert!(score(0.0, 1.0) > score(0.0, 0.5) && score(0.0, 1.0) > 0.4);
        assert!((score(1.0, 1.0) - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_weight_moves_the_say_from_taste_to_content() {
        let (fits, liked) = ((0.9, 0.3), (0.3, 0.9));
        let ahead =
            |alpha| Fusion::Product.score(fits.0, fits.1, alpha) > Fusion::Product.score(liked.0, liked.1, alpha);
        assert!(ahead(0.9) && !ahead(0.2));
        assert_eq!(Fusion::Product.score(0.7, 0.1, 1.0), Fusion::Product.score(0.7, 0.9, 1.0));
    }
}
