//! Expressions of a face, moods as points of valence and energy, and what the music does with them.

use serde::{Deserialize, Serialize};

/// The seven expressions the product knows; the classifier's contempt is folded into disgust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expression {
    Neutral,
    Happy,
    Surprised,
    Sad,
    Angry,
    Disgusted,
    Fearful,
}

impl Expression {
    pub const ALL: [Self; 7] =
        [Self::Neutral, Self::Happy, Self::Surprised, Self::Sad, Self::Angry, Self::Disgusted, Self::Fearful];

    /// The lower-case English word, as in JSON and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Happy => "happy",
            Self::Surprised => "surprised",
            Self::Sad => "sad",
            Self::Angry => "angry",
            Self::Disgusted => "disgusted",
            Self::Fearful => "fearful",
        }
    }
}

/// Calibrated probabilities over [`Expression::ALL`]; they sum to one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    pub neutral: f32,
    pub happy: f32,
    pub surprised: f32,
    pub sad: f32,
    pub angry: f32,
    pub disgusted: f32,
    pub fearful: f32,
}

impl Scores {
    /// From values in the order of [`Expression::ALL`].
    pub fn new(values: [f32; 7]) -> Self {
        let [neutral, happy, surprised, sad, angry, disgusted, fearful] = values;
        Self { neutral, happy, surprised, sad, angry, disgusted, fearful }
    }

    /// The values in the order of [`Expression::ALL`].
    pub fn values(&self) -> [f32; 7] {
        [self.neutral, self.happy, self.surprised, self.sad, self.angry, self.disgusted, self.fearful]
    }

    /// Scaled to sum to one; even over all expressions when nothing is left or a value is not a number.
    pub fn normalised(values: [f32; 7]) -> Self {
        let sum: f32 = values.iter().sum();
        if sum.is_finite() && sum > 0.0 { Self::new(values.map(|v| v / sum)) } else { Self::new([1.0 / 7.0; 7]) }
    }

    /// The likeliest expression and its probability.
    pub fn top(&self) -> (Expression, f32) {
        let values = self.values();
        let best = (0..7).fold(0, |best, k| if values[k] > values[best] { k } else { best });
        (Expression::ALL[best], values[best])
    }
}

/// A point of valence (0 unpleasant, 1 pleasant) and energy (0 calm, 1 lively), and how sure we are of it (0..1).
///
/// Russell's circumplex (1980), with arousal called energy as players and listeners do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mood {
    pub valence: f32,
    pub energy: f32,
    pub confidence: f32,
}

impl Mood {
    /// The middle of the plane, known for nothing.
    pub const NEUTRAL: Self = Self { valence: 0.5, energy: 0.5, confidence: 0.0 };

    /// Distance in the plane of valence and energy; confidence does not count.
    pub fn distance(&self, other: &Self) -> f32 {
        (self.valence - other.valence).hypot(self.energy - other.energy)
    }
}

/// The moods a listener can set by hand: the rows of the paper's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum MoodName {
    Happy,
    Sad,
    Angry,
    Surprised,
    #[default]
    Neutral,
}

impl MoodName {
    pub const ALL: [Self; 5] = [Self::Happy, Self::Sad, Self::Angry, Self::Surprised, Self::Neutral];

    pub fn word(self) -> &'static str {
        match self {
            Self::Happy => "happy",
            Self::Sad => "sad",
            Self::Angry => "angry",
            Self::Surprised => "surprised",
            Self::Neutral => "neutral",
        }
    }

    pub fn expression(self) -> Expression {
        match self {
            Self::Happy => Expression::Happy,
            Self::Sad => Expression::Sad,
            Self::Angry => Expression::Angry,
            Self::Surprised => Expression::Surprised,
            Self::Neutral => Expression::Neutral,
        }
    }
}

/// What the music is to do with the mood.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Intent {
    /// Mirror it.
    #[default]
    Match,
    /// Meet it, then lead it upwards in small steps (the iso principle of music therapy).
    Lift,
    /// Meet it, then lead it towards low energy.
    Calm,
}

impl Intent {
    pub const ALL: [Self; 3] = [Self::Match, Self::Lift, Self::Calm];

    pub fn word(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Lift => "lift",
            Self::Calm => "calm",
        }
    }
}
