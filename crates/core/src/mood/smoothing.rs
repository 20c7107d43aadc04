//! A filter that combines many look summaries into one mood that does not flicker.
//!
//! Evidence fades with real time (exponential smoothing); a constant share of the neutral middle holds against it, so
//! that an empty chair leads back there by itself. The music follows only when the mood has left a dead band around
//! what it followed before, for two looks in a row.

use std::time::{Duration, Instant};

use crate::mood::Mood;

/// Weight of the neutral middle, in looks of full confidence.
const PRIOR: f32 = 0.4;
/// Looks in a row outside the dead band before the music follows.
const LOOKS: u32 = 2;
/// Weight of the user's correction, in looks of full confidence.
const WORD: f32 = 3.0;

/// The running mood, and the one that the music follows.
#[derive(Clone, Debug)]
pub struct MoodFilter {
    half_life: Duration,
    dead_band: f32,
    /// Sums of valence and energy over faded evidence, and its weight.
    valence: f32,
    energy: f32,
    weight: f32,
    at: Option<Instant>,
    settled: Option<Mood>,
    outside: u32,
}

impl MoodFilter {
    pub fn new(half_life: Duration, dead_band: f32) -> Self {
        Self { half_life, dead_band, valence: 0.0, energy: 0.0, weight: 0.0, at: None, settled: None, outside: 0 }
    }

    /// Adds a look; `None`: nobody was there. Returns the mood if it has settled at a new point.
    pub fn feel(&mut self, glimpse: Option<Mood>, now: Instant) -> Option<Mood> {
        self.fade(now);
        if let Some(mood) = glimpse {
            self.valence += mood.confidence * mood.valence;
            self.energy += mood.confidence * mood.energy;
            self.weight += mood.confidence;
        }
        let mood = self.mood();
        let moved = self.settled.is_none_or(|settled| settled.distance(&mood) > self.dead_band);
        self.outside = if moved { self.outside + 1 } else { 0 };
        if self.outside < LOOKS {
            return None;
        }
        self.outside = 0;
        self.settled = Some(mood);
        self.settled
    }

    /// Adds the user's correction: it counts as several looks, and the music follows at once. Returns the settled mood.
    pub fn tell(&mut self, mood: Mood, now: Instant) -> Mood {
        self.at = Some(now);
        (self.valence, self.energy, self.weight) = (WORD * mood.valence, WORD * mood.energy, WORD);
        self.outside = 0;
        let mood = self.mood();
        self.settled = Some(mood);
        mood
    }

    fn fade(&mut self, now: Instant) {
        let elapsed = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        let share = 0.5f32.powf(elapsed.as_secs_f32() / self.half_life.as_secs_f32());
        self.valence *= share;
        self.energy *= share;
        self.weight *= share;
        self.at = Some(now);
    }

    /// The smoothed mood of this moment.
    pub fn mood(&self) -> Mood {
        let all = self.weight + PRIOR;
        Mood {
            valence: (self.valence + PRIOR * Mood::NEUTRAL.valence) / all,
            energy: (self.energy + PRIOR * Mood::NEUTRAL.energy) / all,
            confidence: self.weight / all,
        }
    }

    /// The mood the music follows; `None` until the first looks agree.
    pub fn settled(&self) -> Option<Mood> {
        self.settled
    }

    /// Whether the next look decides if the mood has moved.
    pub fn undecided(&self) -> bool {
        self.settled.is_none() || self.outside > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HAPPY: Mood = Mood { valence: 0.8, energy: 0.8, confidence: 0.9 };
    const NEUTRAL: Mood = Mood { valence: 0.5, energy: 0.5, confidence: 0.9 };
    const ANGRY: Mood = Mood { valence: 0.2, energy: 0.8, confidence: 0.9 };

    /// Looks two minutes apart; returns the number of times the mood settled.
    fn look(steady: &mut MoodFilter, start: Instant, moods: &[Option<Mood>]) -> usize {
        let minutes = |n: usize| start + Duration::from_secs(120 * n as u64);
        moods.iter().enumerate().filter(|(n, mood)| steady.feel(**mood, minutes(*n)).is_some()).count()
    }

    fn steady() -> MoodFilter {
        MoodFilter::new(Duration::from_secs(300), 0.12)
    }

    #[test]
    fn the_first_two_looks_settle_it() {
        let mut steady = steady();
        assert_eq!(look(&mut steady, Instant::now(), &[Some(HAPPY)]), 0);
        let mut steady = self::steady();
        assert_eq!(look(&mut steady, Instant::now(), &[Some(HAPPY), Some(HAPPY)]), 1);
        assert!(steady.settled().unwrap().valence > 0.7);
    }

    #[test]
    fn the_owners_word_counts_at_once_and_holds_against_the_next_look() {
        let (mut steady, start) = (steady(), Instant::now());
        look(&mut steady, start, &[Some(ANGRY); 4]);
        let told = steady.tell(HAPPY, start + Duration::from_secs(480));
        assert!(told.valence > 0.7 && steady.settled() == Some(told));
        assert_eq!(steady.feel(Some(ANGRY), start + Duration::from_secs(600)), None);
        assert!(steady.mood().valence > 0.5);
    }

    #[test]
    fn one_grimace_changes_nothing() {
        let mut steady = steady();
        let mut moods = vec![Some(NEUTRAL); 6];
        moods.push(Some(ANGRY));
        moods.extend([Some(NEUTRAL); 6]);
        assert_eq!(look(&mut steady, Instant::now(), &moods), 1);
        assert!(steady.settled().unwrap().distance(&NEUTRAL) < 0.01);
    }

    #[test]
    fn a_lasting_change_is_followed_within_a_few_looks() {
        let mut steady = steady();
        let mut moods = vec![Some(NEUTRAL); 6];
        moods.extend([Some(HAPPY); 5]);
        assert!(look(&mut steady, Instant::now(), &moods) >= 2);
        assert!(steady.settled().unwrap().valence > 0.6);
    }

    #[test]
    fn an_empty_chair_leads_back_to_the_middle() {
        let mut steady = steady();
        let mut moods = vec![Some(HAPPY); 6];
        moods.extend([None; 12]);
        look(&mut steady, Instant::now(), &moods);
        assert!(steady.mood().distance(&Mood::NEUTRAL) < 0.12, "{:?}", steady.mood());
        assert!(steady.settled().unwrap().distance(&steady.mood()) < 0.12);
        assert!(steady.mood().confidence < 0.3);
    }
}
