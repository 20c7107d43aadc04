//! Ranking: the hybrid `R = a * S_content + (1 - a) * S_taste` of "Music Recommendation System Using Facial Expressions".
//!
//! `S_content` is a Gaussian of the distance in valence and energy, with a share for the genre: the paper's cosine of
//! all-positive values gives (0.2, 0.2) and (0.8, 0.8) a similarity of one and cannot tell sad from happy.

use super::taste::Taste;
use super::{Opinion, Song};
use crate::mood::target::Target;

/// Width of the Gaussian for songs whose place is certain; uncertain ones are judged more leniently.
const WIDTH: f32 = 0.16;
/// Share of the genre in the content score.
const GENRE: f32 = 0.2;

/// A song with its score and the terms that made it, each 0..1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked<'a> {
    pub song: &'a Song,
    pub score: f32,
    pub content: f32,
    pub taste: f32,
}

/// How well a song fits the target, 0..1.
pub fn content(song: &Song, target: &Target) -> f32 {
    let (v, e) = (song.valence - target.valence, song.energy - target.energy);
    let width = WIDTH * (1.5 - 0.5 * song.certainty);
    let near = (-(v * v + e * e) / (2.0 * width * width)).exp();
    let genre = if fits_genre(song, target) { 1.0 } else { 0.0 };
    (1.0 - GENRE) * near + GENRE * genre
}

fn fits_genre(song: &Song, target: &Target) -> bool {
    !song.genre.is_empty() && target.genres.iter().any(|genre| song.genre.contains(genre.as_str()))
}

/// The paper's `a` after the evidence: a newcomer's songs are ranked by mood alone.
pub fn alpha(mood_weight: f32, taste: &Taste) -> f32 {
    1.0 - (1.0 - mood_weight) * taste.weight()
}

/// The best `count` songs, best first; disliked and excluded ones are left out. Equal scores go by id.
pub fn rank<'a>(
    songs: &'a [Song],
    target: &Target,
    taste: &Taste,
    mood_weight: f32,
    count: usize,
    excluded: impl Fn(&Song) -> bool,
) -> Vec<Ranked<'a>> {
    let alpha = alpha(mood_weight, taste);
    let allowed = songs.iter().filter(|song| song.evidence.opinion != Opinion::Dislike && !excluded(song));
    let mut ranked: Vec<Ranked> = allowed.map(|song| judge(song, target, taste, alpha)).collect();
    let best_first = |a: &Ranked, b: &Ranked| b.score.total_cmp(&a.score).then(a.song.id.cmp(&b.song.id));
    if ranked.len() > count && count > 0 {
        ranked.select_nth_unstable_by(count - 1, best_first);
    }
    ranked.truncate(count);
    ranked.sort_by(best_first);
    ranked
}

fn judge<'a>(song: &'a Song, target: &Target, taste: &Taste, alpha: f32) -> Ranked<'a> {
    let content = content(song, target);
    // A newcomer's score has no taste in it: looking every artist up would only cost time.
    let taste = if alpha < 1.0 { taste.score(song) } else { 0.5 };
    Ranked { song, score: alpha * content + (1.0 - alpha) * taste, content, taste }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::mood::table::Table;
    use crate::mood::target::{Path, target};
    use crate::mood::{Intent, MoodName};
    use crate::music::Evidence;

    pub(crate) fn song(id: i64, valence: f32, energy: f32) -> Song {
        Song {
            id,
            path: format!("/music/{id}.ogg").into(),
            title: format!("Song {id}"),
            artist: format!("Artist {id}"),
            album: String::new(),
            genre: String::new(),
            seconds: 200.0,
            valence,
            energy,
            tempo: 0.0,
            certainty: 0.5,
            told: crate::music::Told::default(),
            evidence: Evidence::default(),
        }
    }

    fn aimed(name: MoodName) -> Target {
        let table = Table::default();
        target(&table.place(name), true, Intent::Match, Path::default(), &table)
    }

    fn order(songs: &[Song], name: MoodName) -> Vec<i64> {
        let ranked = rank(songs, &aimed(name), &Taste::new(songs), 0.6, 10, |_| false);
        ranked.iter().map(|r| r.song.id).collect()
    }

    #[test]
    fn happy_and_sad_lead_to_opposite_corners() {
        let songs = [song(1, 0.2, 0.2), song(2, 0.8, 0.8), song(3, 0.5, 0.5)];
        assert_eq!(order(&songs, MoodName::Happy), [2, 3, 1]);
        assert_eq!(order(&songs, MoodName::Sad), [1, 3, 2]);
        assert_eq!(order(&songs, MoodName::Neutral)[0], 3);
    }

    #[test]
    fn the_genre_decides_between_equal_places() {
        let mut songs = [song(1, 0.8, 0.8), song(2, 0.8, 0.8)];
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
    fn disliked_and_excluded_songs_are_gone() {
        let mut songs: Vec<Song> = (1..=3).map(|id| song(id, 0.8, 0.8)).collect();
        songs[0].evidence.opinion = Opinion::Dislike;
        let ranked = rank(&songs, &aimed(MoodName::Happy), &Taste::default(), 0.6, 10, |song| song.id == 2);
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
