//! The emotion table: the point of valence and energy of each expression, and its genres.
//!
//! Rows and genres are those of "Music Recommendation System Using Facial Expressions"; low, medium and high are 0.2, 0.5
//! and 0.8. Disgust and fear have no row there and lead to the middle.

use std::collections::BTreeMap;

use crate::config::EmotionPoint;
use crate::mood::{Expression, Mood, MoodName, Scores};

/// The paper's table with the user's changes.
#[derive(Clone, Debug)]
pub struct EmotionTable {
    rows: [EmotionRow; 5],
}

#[derive(Clone, Debug)]
struct EmotionRow {
    valence: f32,
    energy: f32,
    genres: Vec<String>,
}

fn row(valence: f32, energy: f32, genres: [&str; 2]) -> EmotionRow {
    let genres = genres.iter().filter(|g| !g.is_empty()).map(ToString::to_string).collect();
    EmotionRow { valence, energy, genres }
}

/// The row of an expression.
fn name_of(expression: Expression) -> MoodName {
    match expression {
        Expression::Happy => MoodName::Happy,
        Expression::Sad => MoodName::Sad,
        Expression::Angry => MoodName::Angry,
        Expression::Surprised => MoodName::Surprised,
        Expression::Neutral | Expression::Disgusted | Expression::Fearful => MoodName::Neutral,
    }
}

impl Default for EmotionTable {
    fn default() -> Self {
        let rows = MoodName::ALL.map(|name| match name {
            MoodName::Happy => row(0.8, 0.8, ["pop", "dance"]),
            MoodName::Sad => row(0.2, 0.2, ["acoustic", "classical"]),
            MoodName::Angry => row(0.2, 0.8, ["rock", "metal"]),
            MoodName::Surprised => row(0.5, 0.8, ["electronic", ""]),
            MoodName::Neutral => row(0.5, 0.5, ["indie", "jazz"]),
        });
        Self { rows }
    }
}

impl EmotionTable {
    /// The paper's table with some rows replaced, by the names of [`MoodName`]; the configuration rejects unknown names.
    pub fn with(changes: &BTreeMap<String, EmotionPoint>) -> Self {
        let mut table = Self::default();
        for (name, row) in MoodName::ALL.into_iter().zip(&mut table.rows) {
            if let Some(place) = changes.get(name.word()) {
                *row = EmotionRow { valence: place.valence, energy: place.energy, genres: place.genres.clone() };
            }
        }
        table
    }

    fn row(&self, name: MoodName) -> &EmotionRow {
        &self.rows[name as usize]
    }

    /// The point of a mood set by hand.
    pub fn place(&self, name: MoodName) -> Mood {
        let row = self.row(name);
        Mood { valence: row.valence, energy: row.energy, confidence: 1.0 }
    }

    pub fn genres(&self, name: MoodName) -> &[String] {
        &self.row(name).genres
    }

    /// The expected point under the scores.
    pub fn expect(&self, scores: &Scores, confidence: f32) -> Mood {
        let mut mood = Mood { valence: 0.0, energy: 0.0, confidence };
        for (expression, share) in Expression::ALL.into_iter().zip(scores.values()) {
            let row = self.row(name_of(expression));
            mood.valence += share * row.valence;
            mood.energy += share * row.energy;
        }
        mood
    }

    /// The row nearest to a point.
    pub fn nearest(&self, mood: &Mood) -> MoodName {
        let far = |name: &MoodName| self.place(*name).distance(mood);
        let nearest = MoodName::ALL.into_iter().min_by(|a, b| far(a).total_cmp(&far(b)));
        nearest.unwrap_or(MoodName::Neutral)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_is_nearest_to_itself() {
        let table = EmotionTable::default();
        for name in MoodName::ALL {
            assert_eq!(table.nearest(&table.place(name)), name);
        }
    }

    #[test]
    fn a_certain_smile_is_bright_and_lively_and_fear_leads_to_the_middle() {
        let table = EmotionTable::default();
        let happy = table.expect(&Scores::new([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 1.0);
        assert_eq!((happy.valence, happy.energy), (0.8, 0.8));
        let afraid = table.expect(&Scores::new([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), 1.0);
        assert_eq!((afraid.valence, afraid.energy), (0.5, 0.5));
    }

    #[test]
    fn the_owner_can_move_a_row() {
        let place = EmotionPoint { valence: 0.9, energy: 0.1, genres: vec!["ambient".into()] };
        let table = EmotionTable::with(&BTreeMap::from([("happy".to_string(), place)]));
        assert_eq!(table.place(MoodName::Happy).energy, 0.1);
        assert_eq!(table.genres(MoodName::Happy), ["ambient"]);
        assert_eq!(table.place(MoodName::Sad).energy, 0.2);
    }
}
