//! Ranking: how well each song fits the target, how much this listener will like it, and both as one score.
//!
//! Which content score, which way of joining it with taste: what won the evaluations is the default (`moodring eval mood`,
//! `moodring eval hybrid`; docs/recommendation.md). The paper's, `R = a * S_content + (1 - a) * S_taste` with a cosine, can be
//! chosen in the settings.

use super::content::labels::{Labels, Shares};
use super::content::{Content, centre, cosine, gaussian, weighted};
use super::crowd::circle::Circle;
use super::fusion::Fusion;
use super::taste::Taste;
use super::{Opinion, Song};
use crate::config::Music;
use crate::mood::target::{Aim, Target};

/// The share of its weight that mood keeps when it is to be lifted: what lifts is a song one likes, not one near
/// (docs/feeling-and-liking.md).
const TO_LIFT: f32 = 0.5;
/// Without a history, no song is liked more than another.
const EVEN: f32 = 0.5;

/// A song with its score and the terms that made it, each 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked<'a> {
    pub song: &'a Song,
    pub score: f32,
    pub content: f32,
    pub taste: f32,
    /// The weight of content in the score; the rest is the weight of taste.
    pub alpha: f32,
}

/// What ranking knows of a library: learned once, and again when songs or evidence have changed.
#[derive(Clone, Debug)]
pub struct Ranker {
    content: Content,
    fusion: Fusion,
    mood_weight: f32,
    /// Mean valence and energy of the library.
    middle: (f32, f32),
    labels: Labels,
    circle: Circle,
    taste: Taste,
    /// The taste score of each song.
    tastes: Vec<f32>,
}

impl Ranker {
    pub fn new(songs: &[Song], music: &Music, circle: Circle) -> Self {
        let mut ranker = Self {
            content: music.content,
            fusion: music.fusion,
            mood_weight: music.mood_weight,
            middle: centre(songs.iter()),
            labels: if music.content == Content::Learned { Labels::of(songs) } else { Labels::default() },
            circle,
            taste: Taste::default(),
            tastes: Vec::new(),
        };
        ranker.revise(songs);
        ranker
    }

    /// Learns the taste anew, after the evidence of some of the same songs has changed.
    pub fn revise(&mut self, songs: &[Song]) {
        self.taste = Taste::new(songs, &self.circle);
        // A newcomer's score has no taste in it: looking every artist up would only cost time.
        let known = self.taste.weight() > 0.0;
        self.tastes = if known { songs.iter().map(|song| self.taste.score(song)).collect() } else { Vec::new() };
    }

    /// Takes in what other listeners' histories say, over the same songs.
    pub fn hear_others(&mut self, songs: &[Song], circle: Circle) {
        self.circle = circle;
        self.revise(songs);
    }

    pub fn circle(&self) -> &Circle {
        &self.circle
    }

    pub fn taste(&self) -> &Taste {
        &self.taste
    }

    /// The paper's `a` after the evidence: a newcomer's songs are ranked by mood alone.
    pub fn alpha(&self, target: &Target) -> f32 {
        let weight = self.mood_weight * if target.aim == Aim::Lift { TO_LIFT } else { 1.0 };
        1.0 - (1.0 - weight) * self.taste.weight()
    }

    /// The best `count` of the songs that this was learned from, best first; disliked and excluded ones are left out. Equal
    /// scores go by id.
    pub fn rank<'a>(
        &self,
        songs: &'a [Song],
        target: &Target,
        count: usize,
        excluded: impl Fn(&Song) -> bool,
    ) -> Vec<Ranked<'a>> {
        let (alpha, shares) = (self.alpha(target), self.labels.shares(target));
        let allowed = |song: &Song| song.evidence.opinion != Opinion::Dislike && !excluded(song);
        let judge = |(n, song): (usize, &'a Song)| {
            let content = self.fit(n, song, target, &shares);
            let taste = self.tastes.get(n).copied().unwrap_or(EVEN);
            Ranked { song, score: self.fusion.score(content, taste, alpha), content, taste, alpha }
        };
        let mut ranked: Vec<Ranked> = songs.iter().enumerate().filter(|(_, song)| allowed(song)).map(judge).collect();
        let best_first = |a: &Ranked, b: &Ranked| b.score.total_cmp(&a.score).then(a.song.id.cmp(&b.song.id));
        if ranked.len() > count && count > 0 {
            ranked.select_nth_unstable_by(count - 1, best_first);
        }
        ranked.truncate(count);
        ranked.sort_by(best_first);
        ranked
    }

    /// The content score of song `n`.
    fn fit(&self, n: usize, song: &Song, target: &Target, shares: &Shares) -> f32 {
        match self.content {
            Content::PaperCosine => cosine(song, target, (0.0, 0.0)),
            Content::CentredCosine => cosine(song, target, self.middle),
            Content::Gaussian => gaussian(song, target),
            Content::WeightedGaussian => weighted(song, target),
            Content::Learned => self.labels.blend(n, weighted(song, target), shares),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::mood::table::Table;
    use crate::mood::target::{Path, target};
    use crate::mood::{Intent, MoodName};

    pub(crate) fn song(id: i64, valence: f32, energy: f32) -> Song {
        Song {
            id,
            path: format!("/music/{id}.ogg").into(),
            title: format!("Song {id}"),
            artist: format!("Artist {id}"),
            seconds: 200.0,
            valence,
            energy,
            certainty: 0.5,
            ..Song::default()
        }
    }

    fn aimed(name: MoodName, intent: Intent) -> Target {
        let table = Table::default();
        target(&table.place(name), true, intent, Path::default(), &table)
    }

    fn ranked(songs: &[Song], name: MoodName, music: &Music) -> Vec<i64> {
        let target = aimed(name, Intent::Match);
        let ranked = Ranker::new(songs, music, Circle::default()).rank(songs, &target, 10, |_| false);
        ranked.iter().map(|r| r.song.id).collect()
    }

    fn order(songs: &[Song], name: MoodName) -> Vec<i64> {
        ranked(songs, name, &Music::default())
    }

    #[test]
    fn happy_and_sad_lead_to_opposite_corners() {
        let songs = [song(1, 0.2, 0.2), song(2, 0.8, 0.8), song(3, 0.5, 0.5)];
        assert_eq!(order(&songs, MoodName::Happy), [2, 3, 1]);
        assert_eq!(order(&songs, MoodName::Sad), [1, 3, 2]);
        assert_eq!(order(&songs, MoodName::Neutral)[0], 3);
    }

    #[test]
    fn the_papers_score_can_be_chosen_and_cannot_tell_the_corners_apart() {
        let paper = Music { content: Content::PaperCosine, fusion: Fusion::Sum, ..Music::default() };
        let songs = [song(1, 0.2, 0.2), song(2, 0.8, 0.8), song(3, 0.5, 0.4)];
        assert_eq!(ranked(&songs, MoodName::Happy, &paper), ranked(&songs, MoodName::Sad, &paper));
        let centred = Music { content: Content::CentredCosine, ..paper };
        assert_eq!(ranked(&songs, MoodName::Happy, &centred)[0], 2);
        assert_eq!(ranked(&songs, MoodName::Sad, &centred)[0], 1);
    }

    #[test]
    fn the_genre_decides_between_equal_places() {
        let mut songs = [song(1, 0.8, 0.8), song(2, 0.8, 0.8)];
        songs[0].genre = "dirge".into();
        songs[1].genre = "dance pop".into();
        assert_eq!(order(&songs, MoodName::Happy), [2, 1]);
    }

    #[test]
    fn with_a_history_taste_decides_between_songs_that_fit_alike() {
        let mut songs: Vec<Song> = (1..=3).map(|id| song(id, 0.75, 0.75)).collect();
        songs[2].evidence.finished = 30.0;
        songs[0].evidence.skipped = 10.0;
        assert_eq!(order(&songs, MoodName::Happy), [3, 2, 1]);
    }

    #[test]
    fn to_be_lifted_a_listener_is_given_more_of_what_they_like_than_of_what_is_near() {
        let mut songs = vec![song(1, 0.8, 0.8), song(2, 0.62, 0.62)];
        songs[1].evidence.finished = 30.0;
        (songs[0].genre, songs[1].genre) = ("polka".into(), "waltz".into());
        let ranker = Ranker::new(&songs, &Music { mood_weight: 0.8, ..Music::default() }, Circle::default());
        let first = |intent| {
            let target = Target { genres: vec![], ..aimed(MoodName::Happy, intent) };
            ranker.rank(&songs, &target, 1, |_| false)[0].song.id
        };
        assert_eq!((first(Intent::Match), first(Intent::Lift)), (1, 2));
    }

    #[test]
    fn evidence_gives_taste_its_weight_little_by_little() {
        let mut songs = vec![song(1, 0.8, 0.8)];
        let mut ranker = Ranker::new(&songs, &Music::default(), Circle::default());
        let target = aimed(MoodName::Happy, Intent::Match);
        assert_eq!(ranker.alpha(&target), 1.0);
        let mut before = 1.0;
        for finished in [5.0, 15.0, 30.0] {
            songs[0].evidence.finished = finished;
            ranker.revise(&songs);
            assert!(ranker.alpha(&target) < before);
            before = ranker.alpha(&target);
        }
        assert_eq!(before, Music::default().mood_weight);
    }

    #[test]
    fn disliked_and_excluded_songs_are_gone() {
        let mut songs: Vec<Song> = (1..=3).map(|id| song(id, 0.8, 0.8)).collect();
        songs[0].evidence.opinion = Opinion::Dislike;
        let ranker = Ranker::new(&songs, &Music::default(), Circle::default());
        let ranked = ranker.rank(&songs, &aimed(MoodName::Happy, Intent::Match), 10, |song| song.id == 2);
        assert_eq!(ranked.iter().map(|r| r.song.id).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn only_the_best_are_kept_in_order() {
        let songs: Vec<Song> = (0..100).map(|id| song(id, 0.8, id as f32 / 100.0)).collect();
        let ids: Vec<i64> = order(&songs, MoodName::Happy);
        assert_eq!(ids.len(), 10);
        assert_eq!(ids[0], 80);
    }

    #[test]
    fn places_that_are_no_numbers_do_no_harm() {
        let songs = [song(1, f32::NAN, 0.8), song(2, 0.8, 0.8)];
        assert_eq!(order(&songs, MoodName::Happy).len(), 2);
    }
}
