//! Taste: how much this listener will like a song, from their own plays, skips, likes and dislikes.
//!
//! Each count is smoothed towards what is known of the artist, and that towards the genre, and that towards even odds
//! (empirical Bayes with a beta prior): the first play of a song says little, many say much. Where other listeners' histories
//! were imported, those alike speak for an artist before the first play does.

use std::collections::{HashMap, HashSet};

use crate::domain::song::{Evidence, Opinion, Song};
use crate::recommend::collaborative::peer_affinities::PeerAffinities;
use crate::text::song_names::artist_key;

/// How many plays the next wider circle (artist, genre, all) is worth.
const PRIOR: f32 = 2.0;
/// What a like or dislike is worth in plays.
const OPINION: f32 = 6.0;
/// Plays of an artist from which a habit can be seen.
const OFTEN: f32 = 3.0;
/// Plays after which taste has its full say against the mood.
const ENOUGH: f32 = 20.0;
/// The least say of taste where others alike are known.
const BY_OTHERS: f32 = 0.5;
/// How far those alike can raise the share of an artist that was not played, towards one.
const RAISED: f32 = 0.7;
/// From such an affinity on it is worth telling.
const TELLING: f32 = 0.3;

/// Finished and skipped plays of a circle of songs.
#[derive(Clone, Copy, Debug, Default)]
struct PlayCount {
    good: f32,
    bad: f32,
}

impl PlayCount {
    fn add(&mut self, evidence: &Evidence) {
        let (likes, dislikes) = match evidence.opinion {
            Opinion::Like => (OPINION, 0.0),
            Opinion::Dislike => (0.0, OPINION),
            Opinion::None => (0.0, 0.0),
        };
        self.good += evidence.finished + likes;
        self.bad += evidence.skipped + dislikes;
    }

    fn share(self, prior: f32) -> f32 {
        (self.good + PRIOR * prior) / (self.good + self.bad + PRIOR)
    }
}

/// What the whole history says; made once when the history has changed.
#[derive(Clone, Debug, Default)]
pub struct Taste {
    artists: HashMap<String, PlayCount>,
    genres: HashMap<String, PlayCount>,
    /// By artist, how much others alike play them; only of artists whom they play.
    affinities: HashMap<String, f32>,
    plays: f32,
}

impl Taste {
    pub fn new(songs: &[Song], circle: &PeerAffinities) -> Self {
        let mut taste = Self { affinities: affinities(songs, circle), ..Self::default() };
        for song in songs {
            let evidence = &song.evidence;
            if evidence.finished + evidence.skipped > 0.0 || evidence.opinion != Opinion::None {
                taste.artists.entry(song.artist.clone()).or_default().add(evidence);
                if !song.genre.is_empty() {
                    taste.genres.entry(song.genre.clone()).or_default().add(evidence);
                }
                taste.plays += evidence.finished + evidence.skipped;
            }
        }
        taste
    }

    /// 0..1: the share of plays of this song that will be heard to the end.
    pub fn score(&self, song: &Song) -> f32 {
        let mut own = PlayCount::default();
        own.add(&song.evidence);
        own.share(self.artist(song))
    }

    /// The same for its artist alone.
    pub fn artist(&self, song: &Song) -> f32 {
        let genre = self.genres.get(&song.genre).copied().unwrap_or_default().share(0.5);
        let affinity = self.affinities.get(&song.artist).copied().unwrap_or_default();
        let prior = genre + RAISED * affinity * (1.0 - genre);
        self.artists.get(&song.artist).copied().unwrap_or_default().share(prior)
    }

    /// Whether others with such a history play this artist.
    pub fn played_by_others(&self, song: &Song) -> bool {
        self.affinities.get(&song.artist).is_some_and(|affinity| *affinity >= TELLING)
    }

    /// What is often done with this artist's songs: `Some(true)` heard to the end, `Some(false)` skipped.
    pub fn habit(&self, song: &Song) -> Option<bool> {
        let count = self.artists.get(&song.artist)?;
        let all = count.good + count.bad;
        (all >= OFTEN && (count.good / all - 0.5).abs() > 0.15).then_some(count.good > count.bad)
    }

    /// 0 for a newcomer .. 1: how much of its say taste has.
    pub fn weight(&self) -> f32 {
        let others = if self.affinities.is_empty() { 0.0 } else { BY_OTHERS };
        (self.plays / ENOUGH).min(1.0).max(others)
    }
}

fn affinities(songs: &[Song], circle: &PeerAffinities) -> HashMap<String, f32> {
    if circle.is_empty() {
        return HashMap::new();
    }
    // Spelling out each artist once is what takes the time.
    let artists: HashSet<&str> = songs.iter().map(|song| song.artist.as_str()).collect();
    let known = artists.into_iter().map(|artist| (artist.to_owned(), circle.affinity(&artist_key(artist))));
    known.filter(|(_, affinity)| *affinity > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recommend::rank::tests::song;

    fn heard(id: i64, artist: &str, finished: f32, skipped: f32) -> Song {
        let mut song = song(id, 0.5, 0.5);
        song.artist = artist.into();
        song.evidence = Evidence { finished, skipped, ..Evidence::default() };
        song
    }

    #[test]
    fn a_newcomer_has_no_taste_yet() {
        let songs = [song(1, 0.5, 0.5)];
        let taste = Taste::new(&songs, &PeerAffinities::default());
        assert_eq!((taste.score(&songs[0]), taste.weight()), (0.5, 0.0));
    }

    #[test]
    fn finished_plays_raise_and_skips_lower_a_song_and_its_artist() {
        let songs =
            [heard(1, "A", 5.0, 0.0), heard(2, "B", 0.0, 5.0), heard(3, "A", 0.0, 0.0), heard(4, "B", 0.0, 0.0)];
        let taste = Taste::new(&songs, &PeerAffinities::default());
        assert!(taste.score(&songs[0]) > taste.score(&songs[2]));
        assert!(taste.score(&songs[2]) > 0.6 && taste.score(&songs[3]) < 0.4);
        assert!(taste.score(&songs[3]) > taste.score(&songs[1]));
    }

    #[test]
    fn a_like_outweighs_two_skips() {
        let mut liked = heard(1, "A", 0.0, 2.0);
        liked.evidence.opinion = Opinion::Like;
        assert!(Taste::new(std::slice::from_ref(&liked), &PeerAffinities::default()).score(&liked) > 0.6);
    }

    #[test]
    fn an_artist_whom_others_alike_play_is_preferred_until_own_plays_say_otherwise() {
        let songs = [heard(1, "The Chic", 0.0, 0.0), heard(2, "Venom", 0.0, 0.0)];
        let history =
            |artists: &[&str]| artists.iter().map(|artist| ((*artist).to_owned(), 5.0)).collect::<HashMap<_, _>>();
        let others = ["a", "b", "c"].map(|who| (who.to_owned(), history(&["abba", "chic"])));
        let circle = PeerAffinities::of(&history(&["abba"]), &others.into());
        let taste = Taste::new(&songs, &circle);
        assert!(taste.score(&songs[0]) > 0.7 && taste.score(&songs[1]) == 0.5);
        assert!(taste.played_by_others(&songs[0]) && !taste.played_by_others(&songs[1]));
        assert_eq!(taste.weight(), 0.5);
        let skipped = [heard(1, "The Chic", 0.0, 20.0), heard(2, "Venom", 0.0, 0.0)];
        assert!(Taste::new(&skipped, &circle).score(&skipped[0]) < 0.3);
    }
}
