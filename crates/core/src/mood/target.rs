//! From a mood and the user's intent to the target for the next song.

use crate::domain::pick::Aim;
use crate::mood::table::EmotionTable;
use crate::mood::{Intent, Mood, MoodName};

/// The point of valence and energy for which the next song is chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub valence: f32,
    pub energy: f32,
    /// Lower case; of the nearest row of the table.
    pub genres: Vec<String>,
    pub name: MoodName,
    pub aim: Aim,
}

/// How far each song leads, and where to.
const STEP: f32 = 0.07;
const BRIGHT: f32 = 0.8;
const QUIET: f32 = 0.2;

/// How far the songs since the mood settled have led.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Progress {
    /// Moodring's songs since the mood settled.
    pub led: u32,
    /// Moodring's songs of low valence in a row, and their limit.
    pub low: u32,
    pub low_limit: u32,
}

/// The target for the next song.
pub fn target(mood: &Mood, by_hand: bool, intent: Intent, path: Progress, table: &EmotionTable) -> Target {
    let (mut valence, mut energy) = (mood.valence, mood.energy);
    let steps = STEP * path.led as f32;
    let aim = match intent {
        Intent::Lift => {
            valence = towards(valence, BRIGHT, steps);
            energy = towards(energy, 0.65, steps / 2.0);
            Aim::Lift
        }
        Intent::Calm => {
            energy = towards(energy, QUIET, steps);
            Aim::Calm
        }
        Intent::Match if !by_hand && path.low >= path.low_limit && valence < 0.4 => {
            let beyond = STEP * 2.0 * (path.low - path.low_limit + 1) as f32;
            valence = towards(valence, 0.6, beyond);
            energy = towards(energy, 0.5, beyond);
            Aim::OutOfTheLow
        }
        Intent::Match if by_hand => Aim::ByHand,
        Intent::Match => Aim::Mirror,
    };
    let name = table.nearest(&Mood { valence, energy, confidence: 1.0 });
    Target { valence, energy, genres: table.genres(name).to_vec(), name, aim }
}

/// Moves by at most `step`.
fn towards(from: f32, to: f32, step: f32) -> f32 {
    from + (to - from).clamp(-step, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAD: Mood = Mood { valence: 0.25, energy: 0.3, confidence: 0.9 };

    fn at(intent: Intent, by_hand: bool, led: u32, low: u32) -> Target {
        target(&SAD, by_hand, intent, Progress { led, low, low_limit: 3 }, &EmotionTable::default())
    }

    #[test]
    fn match_mirrors_the_mood_with_its_genres() {
        let target = at(Intent::Match, false, 5, 0);
        assert_eq!((target.valence, target.energy, target.aim), (0.25, 0.3, Aim::Mirror));
        assert!(target.genres.contains(&"classical".into()));
    }

    #[test]
    fn lift_meets_the_mood_and_then_leads_up_in_small_steps() {
        assert_eq!(at(Intent::Lift, false, 0, 0).valence, 0.25);
        let (one, two) = (at(Intent::Lift, false, 1, 0).valence, at(Intent::Lift, false, 2, 0).valence);
        assert!(one > 0.25 && two > one && two - one <= STEP + 1e-6);
        assert_eq!(at(Intent::Lift, false, 100, 0).valence, BRIGHT);
    }

    #[test]
    fn calm_lowers_the_energy_and_leaves_valence_alone() {
        let lively = Mood { valence: 0.6, energy: 0.8, confidence: 1.0 };
        let path = Progress { led: 4, low: 0, low_limit: 3 };
        let target = target(&lively, false, Intent::Calm, path, &EmotionTable::default());
        assert!((target.energy - 0.52).abs() < 0.01 && target.valence == 0.6);
    }

    #[test]
    fn low_songs_in_a_row_have_a_limit_unless_the_listener_asked_for_them() {
        assert_eq!(at(Intent::Match, false, 3, 2).aim, Aim::Mirror);
        let out = at(Intent::Match, false, 3, 3);
        assert_eq!(out.aim, Aim::OutOfTheLow);
        assert!(out.valence > 0.3);
        assert_eq!(at(Intent::Match, true, 9, 9).valence, 0.25);
    }
}
