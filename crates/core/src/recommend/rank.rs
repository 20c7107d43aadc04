//! Ranking: how well each song fits the target, how much this listener will like it, and both as one score.
//!
//! Which content score, which way of joining it with taste: what won the evaluations is the default (`moodring eval mood`,
//! `moodring eval hybrid`; docs/recommendation.md). The paper's, `R = a * S_content + (1 - a) * S_taste` with a cosine, can be
//! chosen in the settings.
//!
//! A library may hold a hundred thousand songs, and all but a few hundred can be ruled out without judging them: see `outline`.

pub mod bound_index;
#[cfg(test)]
pub(crate) mod tests;
pub mod top_k;

use crate::config::MusicConfig;
use crate::domain::pick::Aim;
use crate::domain::song::{Opinion, Song};
use crate::mood::target::Target;
use crate::recommend::collaborative::peer_affinities::PeerAffinities;
use crate::recommend::content::labels::{MoodLabels, Shares};
use crate::recommend::content::{Content, centre, cosine, gaussian, weighted};
use crate::recommend::fusion::{Fusion, logs};
use crate::recommend::mood_weight::{Feedback, weight};
use crate::recommend::rank::bound_index::BoundIndex;
use crate::recommend::rank::top_k::TopK;
use crate::recommend::taste::Taste;

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
    /// As the owner has set it, and after what they skipped.
    mood_weight: f32,
    learned_weight: f32,
    /// Mean valence and energy of the library.
    middle: (f32, f32),
    labels: MoodLabels,
    circle: PeerAffinities,
    taste: Taste,
    /// The taste score of each song.
    tastes: Vec<f32>,
    /// What [`logs`] says of it.
    likings: Vec<f32>,
    outlines: BoundIndex,
}

/// What all songs are asked.
struct RankQuery<'a> {
    target: &'a Target,
    alpha: f32,
    shares: Shares,
}

impl Ranker {
    pub fn new(songs: &[Song], music: &MusicConfig, circle: PeerAffinities) -> Self {
        let mut ranker = Self {
            content: music.content,
            fusion: music.fusion,
            mood_weight: music.mood_weight,
            learned_weight: music.mood_weight,
            middle: centre(songs.iter()),
            labels: if music.content == Content::Learned { MoodLabels::of(songs) } else { MoodLabels::default() },
            circle,
            taste: Taste::default(),
            tastes: Vec::new(),
            likings: Vec::new(),
            outlines: BoundIndex::of(songs),
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
        self.likings = self.tastes.iter().map(|taste| logs(0.0, *taste)[1]).collect();
    }

    /// Takes in what other listeners' histories say, over the same songs.
    pub fn hear_others(&mut self, songs: &[Song], circle: PeerAffinities) {
        self.circle = circle;
        self.revise(songs);
    }

    /// Learns how much the mood should count from what became of songs of ours.
    pub fn weigh(&mut self, lessons: &[Feedback]) {
        self.learned_weight = weight(self.mood_weight, lessons);
    }

    /// The weight of mood that the owner has set, and what it came to by their skips; see [`Self::alpha`] for what a newcomer's is.
    pub fn weights(&self) -> (f32, f32) {
        (self.mood_weight, self.learned_weight)
    }

    pub fn circle(&self) -> &PeerAffinities {
        &self.circle
    }

    pub fn taste(&self) -> &Taste {
        &self.taste
    }

    /// The paper's `a` after the evidence: a newcomer's songs are ranked by mood alone.
    pub fn alpha(&self, target: &Target) -> f32 {
        let weight = self.learned_weight * if target.aim == Aim::Lift { TO_LIFT } else { 1.0 };
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
        let question = self.question(target);
        let most = self.most(&question);
        self.best(songs, &question, count, excluded, most)
    }

    /// The same, by judging every song: what [`Self::rank`] must equal, and is measured against.
    pub fn rank_plainly<'a>(
        &self,
        songs: &'a [Song],
        target: &Target,
        count: usize,
        excluded: impl Fn(&Song) -> bool,
    ) -> Vec<Ranked<'a>> {
        self.best(songs, &self.question(target), count, excluded, |_| f32::INFINITY)
    }

    /// `most` says what the score of a song is not above.
    fn best<'a>(
        &self,
        songs: &'a [Song],
        question: &RankQuery,
        count: usize,
        excluded: impl Fn(&Song) -> bool,
        most: impl Fn(usize) -> f32,
    ) -> Vec<Ranked<'a>> {
        let mut best = TopK::new(count);
        for (n, song) in songs.iter().enumerate() {
            let judged = !best.rules_out(most(n)) && song.evidence.opinion != Opinion::Dislike && !excluded(song);
            if judged {
                best.offer(self.judge(n, song, question));
            }
        }
        best.in_order()
    }

    fn question<'a>(&self, target: &'a Target) -> RankQuery<'a> {
        RankQuery { target, alpha: self.alpha(target), shares: self.labels.shares(target) }
    }

    fn judge<'a>(&self, n: usize, song: &'a Song, question: &RankQuery) -> Ranked<'a> {
        let RankQuery { target, alpha, ref shares } = *question;
        let (content, taste) = (self.fit(n, song, target, shares), self.liked(n));
        Ranked { song, score: self.fusion.score(content, taste, alpha), content, taste, alpha }
    }

    /// What the score of song `n` is not above.
    fn most(&self, question: &RankQuery) -> impl Fn(usize) -> f32 {
        let outline = matches!(self.content, Content::WeightedGaussian | Content::Learned);
        let near = outline.then(|| self.outlines.nearness(question.target));
        let even = logs(0.0, EVEN)[1];
        move |n| {
            let Some(near) = &near else { return f32::INFINITY };
            let content = self.labels.most(n, near(n), &question.shares);
            let liking = self.likings.get(n).copied().unwrap_or(even);
            self.fusion.most(content, self.liked(n), liking, question.alpha)
        }
    }

    fn liked(&self, n: usize) -> f32 {
        self.tastes.get(n).copied().unwrap_or(EVEN)
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
