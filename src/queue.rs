//! Which song next, and why: the best of the ranking that does not repeat song, artist or album too soon.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::event::Pick;
use crate::mood::target::{Aim, Target};
use crate::music::rank::{Ranked, rank};
use crate::music::taste::Taste;
use crate::music::{Opinion, Song};
use crate::player::Track;

/// Candidates looked at for spacing.
const CANDIDATES: usize = 100;
/// The last so many songs hold their artist and album back.
const SPACING: usize = 4;
/// The share of its score that a candidate loses for an artist or album that was just heard.
const NEAR: f32 = 0.5;
/// The share by which chance may lift a score: a little exploration.
const CHANCE: f32 = 0.08;

/// What was lately heard or taken back, whoever chose it.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    songs: VecDeque<Heard>,
}

#[derive(Clone, Debug)]
struct Heard {
    path: PathBuf,
    artist: String,
    album: String,
    at: Instant,
}

impl Recent {
    /// Notes a song; ones from before `window` are forgotten.
    pub fn note(&mut self, song: &Song, now: Instant, window: Duration) {
        self.songs.retain(|heard| heard.path != song.path && now.saturating_duration_since(heard.at) < window);
        let (path, artist, album) = (song.path.clone(), song.artist.clone(), song.album.clone());
        self.songs.push_front(Heard { path, artist, album, at: now });
    }

    fn has(&self, path: &Path) -> bool {
        self.songs.iter().any(|heard| heard.path == path)
    }

    /// 0..1: how lately the artist or the album was heard.
    fn near(&self, song: &Song) -> f32 {
        let last = self.songs.iter().take(SPACING).enumerate();
        let alike = last
            .filter(|(_, heard)| heard.artist == song.artist || (!song.album.is_empty() && heard.album == song.album));
        alike.map(|(n, _)| 1.0 / (n + 1) as f32).sum()
    }
}

/// What choosing depends on besides the songs.
pub struct Choice<'a> {
    pub target: &'a Target,
    pub taste: &'a Taste,
    pub mood_weight: f32,
    pub no_repeat: Duration,
    pub recent: &'a Recent,
    /// What the player will play anyway.
    pub coming: &'a [Track],
    /// Changes with every choice, so that chance does not favour the same songs for ever.
    pub turn: u64,
}

/// The next song; `None` when the library has none left that may be played.
pub fn choose<'a>(songs: &'a [Song], choice: &Choice) -> Option<Ranked<'a>> {
    let days = choice.no_repeat.as_secs_f32() / 86_400.0;
    let repeats = |song: &Song| {
        choice.coming.iter().any(|track| track.path.as_ref() == Some(&song.path))
            || choice.recent.has(&song.path)
            || song.evidence.last_played_days.is_some_and(|ago| ago < days)
    };
    let ranked = rank(songs, choice.target, choice.taste, choice.mood_weight, CANDIDATES, repeats);
    let value = |r: &Ranked| {
        r.score * (1.0 - NEAR * choice.recent.near(r.song)) * (1.0 + CHANCE * chance(r.song.id, choice.turn))
    };
    ranked.into_iter().max_by(|a, b| value(a).total_cmp(&value(b)).then(b.song.id.cmp(&a.song.id)))
}

/// The next `count` songs, as if each had been heard.
pub fn programme<'a>(songs: &'a [Song], choice: &Choice, count: usize, now: Instant) -> Vec<Ranked<'a>> {
    let mut recent = choice.recent.clone();
    let mut picked = Vec::new();
    while picked.len() < count {
        let turn = choice.turn + picked.len() as u64;
        let Some(next) = choose(songs, &Choice { recent: &recent, turn, ..*choice }) else { break };
        recent.note(next.song, now, choice.no_repeat);
        picked.push(next);
    }
    picked
}

/// A number in 0..1 that depends on the song and the turn alone.
fn chance(id: i64, turn: u64) -> f32 {
    let mut hasher = DefaultHasher::new();
    (id, turn).hash(&mut hasher);
    (hasher.finish() >> 40) as f32 / (1u64 << 24) as f32
}

/// The pick with its reason in a sentence.
pub fn explained(ranked: &Ranked, target: &Target, taste: &Taste) -> Pick {
    let song = ranked.song;
    let why = format!("{}, {}; {}", character(song), aim(target), liking(song, taste));
    Pick { path: song.path.clone(), title: song.title.clone(), artist: song.artist.clone(), why }
}

fn character(song: &Song) -> &'static str {
    match (level(song.valence), level(song.energy)) {
        (0, 0) => "calm and dark",
        (1, 0) => "calm",
        (2, 0) => "calm and bright",
        (0, 1) => "on the dark side",
        (1, 1) => "even-tempered",
        (2, 1) => "bright",
        (0, 2) => "lively and dark",
        (1, 2) => "lively",
        _ => "lively and bright",
    }
}

/// 0 low, 1 medium, 2 high.
fn level(value: f32) -> u8 {
    match value {
        v if v < 0.38 => 0,
        v if v > 0.62 => 2,
        _ => 1,
    }
}

fn aim(target: &Target) -> String {
    match target.aim {
        Aim::Mirror => format!("for the {} mood you show", target.name.word()),
        Aim::ByHand => format!("for the {} mood you set", target.name.word()),
        Aim::Lift => "on the way up, as you asked".into(),
        Aim::Calm => "on the way to calm, as you asked".into(),
        Aim::OutOfTheLow => "a step up after several low songs".into(),
    }
}

fn liking(song: &Song, taste: &Taste) -> String {
    let evidence = &song.evidence;
    let (finished, plays) = (evidence.finished.round(), (evidence.finished + evidence.skipped).round());
    if evidence.opinion == Opinion::Like {
        return "you like it".into();
    }
    if plays >= 1.0 {
        return format!("you finished {finished} of its {plays} recent plays");
    }
    match taste.habit(song) {
        Some(true) => format!("you often hear {} to the end", song.artist),
        Some(false) => format!("you often skip {}, but it fits", song.artist),
        None => "not played for you yet".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mood::table::Table;
    use crate::mood::target::target;
    use crate::mood::{Intent, MoodName};
    use crate::music::rank::tests::song;

    fn happy() -> Target {
        let table = Table::default();
        target(&table.place(MoodName::Happy), true, Intent::Match, Default::default(), &table)
    }

    fn picks(songs: &[Song], count: usize) -> Vec<i64> {
        let (target, taste, recent) = (happy(), Taste::new(songs), Recent::default());
        let no_repeat = Duration::from_secs(3600);
        let choice = Choice {
            target: &target,
            taste: &taste,
            mood_weight: 0.6,
            no_repeat,
            recent: &recent,
            coming: &[],
            turn: 0,
        };
        programme(songs, &choice, count, Instant::now()).iter().map(|r| r.song.id).collect()
    }

    #[test]
    fn no_song_comes_twice_within_the_window() {
        let songs: Vec<Song> = (0..5).map(|id| song(id, 0.8, 0.8)).collect();
        let mut ids = picks(&songs, 10);
        assert_eq!(ids.len(), 5);
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 5);
    }

    #[test]
    fn a_song_played_before_a_restart_does_not_repeat_either() {
        let mut songs = vec![song(1, 0.8, 0.8), song(2, 0.2, 0.2)];
        songs[0].evidence.last_played_days = Some(0.01);
        assert_eq!(picks(&songs, 1), [2]);
    }

    #[test]
    fn what_the_listener_has_in_the_player_is_not_queued_a_second_time() {
        let songs = [song(1, 0.8, 0.8), song(2, 0.2, 0.2)];
        let (target, taste, recent) = (happy(), Taste::new(&songs), Recent::default());
        let coming = [Track { path: Some(songs[0].path.clone()), ..Track::default() }];
        let no_repeat = Duration::from_secs(1);
        let choice = Choice {
            target: &target,
            taste: &taste,
            mood_weight: 0.6,
            no_repeat,
            recent: &recent,
            coming: &coming,
            turn: 0,
        };
        assert_eq!(choose(&songs, &choice).unwrap().song.id, 2);
    }

    #[test]
    fn artists_take_turns() {
        let mut songs: Vec<Song> = (0..6).map(|id| song(id, 0.8, 0.8)).collect();
        for (n, song) in songs.iter_mut().enumerate() {
            song.artist = if n < 3 { "A".into() } else { "B".into() };
        }
        let artists: Vec<bool> = picks(&songs, 4).iter().map(|id| *id < 3).collect();
        assert!(artists.windows(2).all(|pair| pair[0] != pair[1]), "{artists:?}");
    }

    #[test]
    fn chance_varies_among_equals_but_never_beats_a_better_fit() {
        let mut songs: Vec<Song> = (0..20).map(|id| song(id, 0.8, 0.8)).collect();
        songs.push(song(99, 0.2, 0.2));
        let (target, taste, recent) = (happy(), Taste::new(&songs), Recent::default());
        let first = |turn| {
            let no_repeat = Duration::from_secs(1);
            let choice = Choice {
                target: &target,
                taste: &taste,
                mood_weight: 0.6,
                no_repeat,
                recent: &recent,
                coming: &[],
                turn,
            };
            choose(&songs, &choice).unwrap().song.id
        };
        let firsts: std::collections::HashSet<i64> = (0..30).map(first).collect();
        assert!(firsts.len() > 5 && !firsts.contains(&99));
    }

    #[test]
    fn the_reason_names_song_mood_and_history() {
        let mut songs = vec![song(1, 0.8, 0.8)];
        songs[0].evidence.finished = 5.0;
        songs[0].evidence.skipped = 1.0;
        let (target, taste) = (happy(), Taste::new(&songs));
        let ranked = rank(&songs, &target, &taste, 0.6, 1, |_| false);
        let why = explained(&ranked[0], &target, &taste).why;
        assert_eq!(why, "lively and bright, for the happy mood you set; you finished 5 of its 6 recent plays");
    }
}
