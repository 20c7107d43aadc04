//! Which song next, and why: the best of the ranking that does not repeat song, artist or album too soon.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::event::{Decided, Pick, Terms};
use crate::mood::target::{Aim, Target};
use crate::music::rank::{Ranked, Ranker};
use crate::music::taste::Taste;
use crate::music::{Opinion, Song};
use crate::player::Track;

/// Candidates looked at for spacing.
const CANDIDATES: usize = 100;
/// The last so many songs hold their artist and album back.
const SPACING: usize = 4;
/// The share of its score that a candidate loses for an artist or album that was just heard.
const NEAR: f32 = 0.5;
/// How much an album holds its other artists back, against the artist who was heard: samplers and scores of films and
/// games may be half of a library.
const SAMPLER: f32 = 0.3;
/// The share by which chance may lift a score: a little exploration.
const CHANCE: f32 = 0.08;
/// A song that fits less than this is the best of what there is, and no more.
const LOOSE: f32 = 0.3;

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

    fn paths(&self) -> impl Iterator<Item = &Path> {
        self.songs.iter().map(|heard| heard.path.as_path())
    }

    /// 0..1: how lately the artist was heard, or another artist of the same album.
    fn near(&self, song: &Song) -> f32 {
        let alike = |heard: &Heard| {
            if heard.artist == song.artist {
                1.0
            } else if !song.album.is_empty() && heard.album == song.album {
                SAMPLER
            } else {
                0.0
            }
        };
        let last = self.songs.iter().take(SPACING).enumerate();
        last.map(|(n, heard)| alike(heard) / (n + 1) as f32).fold(0.0, f32::max)
    }
}

/// What choosing depends on besides the songs.
pub struct Choice<'a> {
    pub target: &'a Target,
    pub ranker: &'a Ranker,
    pub no_repeat: Duration,
    pub recent: &'a Recent,
    /// What the player will play anyway.
    pub coming: &'a [Track],
    /// The player has songs that have no file here.
    pub streams: bool,
    /// Changes with every choice, so that chance does not favour the same songs for ever.
    pub turn: u64,
}

/// The song that was chosen, and what besides its score decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chosen<'a> {
    pub ranked: Ranked<'a>,
    /// What an artist or album that was lately heard leaves of the score, 0..1.
    pub spacing: f32,
    /// What chance adds to it, as a factor of at least 1.
    pub chance: f32,
    pub decided: Decided,
}

impl Chosen<'_> {
    fn value(&self) -> f32 {
        self.ranked.score * self.spacing * self.chance
    }
}

/// The next song; `None` when the library has none left that may be played.
pub fn choose<'a>(songs: &'a [Song], choice: &Choice) -> Option<Chosen<'a>> {
    let days = choice.no_repeat.as_secs_f32() / 86_400.0;
    let lately = |song: &Song| song.evidence.last_played_days.is_some_and(|ago| ago < days);
    let unfit = |song: &Song| lately(song) || (!choice.streams && song.is_elsewhere());
    let coming = choice.coming.iter().filter_map(|track| track.path.as_deref());
    let held: HashSet<&Path> = choice.recent.paths().chain(coming).collect();
    // So many more are ranked than may drop out: comparing paths is dear, and only the best matter.
    let mut ranked = choice.ranker.rank(songs, choice.target, CANDIDATES + held.len(), unfit);
    ranked.retain(|ranked| !held.contains(ranked.song.path.as_path()));
    ranked.truncate(CANDIDATES);
    let first = ranked.first()?.song.id;
    let weigh = |ranked| weighed(ranked, choice);
    let best = |a: &Chosen, b: &Chosen| a.value().total_cmp(&b.value()).then(b.ranked.song.id.cmp(&a.ranked.song.id));
    let spaced = weighed(ranked[0], choice).spacing < 1.0;
    let mut chosen = ranked.into_iter().map(weigh).max_by(best)?;
    chosen.decided = match chosen.ranked.song.id == first {
        true => Decided::Score,
        false if spaced => Decided::Spacing,
        false => Decided::Chance,
    };
    Some(chosen)
}

fn weighed<'a>(ranked: Ranked<'a>, choice: &Choice) -> Chosen<'a> {
    let spacing = (1.0 - NEAR * choice.recent.near(ranked.song)).max(0.0);
    let chance = 1.0 + CHANCE * chance(ranked.song.id, choice.turn);
    Chosen { ranked, spacing, chance, decided: Decided::Score }
}

/// The next `count` songs, as if each had been heard.
pub fn programme<'a>(songs: &'a [Song], choice: &Choice, count: usize, now: Instant) -> Vec<Chosen<'a>> {
    let mut recent = choice.recent.clone();
    let mut picked = Vec::new();
    while picked.len() < count {
        let turn = choice.turn + picked.len() as u64;
        let Some(next) = choose(songs, &Choice { recent: &recent, turn, ..*choice }) else { break };
        recent.note(next.ranked.song, now, choice.no_repeat);
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

/// The pick with its reason in a sentence, and the terms behind it.
pub fn explained(chosen: &Chosen, target: &Target, ranker: &Ranker) -> Pick {
    let Ranked { song, score, content, taste, alpha } = chosen.ranked;
    let loosely = if content < LOOSE { ", though it fits only loosely" } else { "" };
    let decided = match chosen.decided {
        Decided::Score => "",
        Decided::Spacing => "; another artist or album than just now",
        Decided::Chance => "; a little for variety",
    };
    let liking = liking(song, ranker.taste());
    let why = format!("{}, {}{loosely}; {liking}{decided}", character(song), aim(target));
    let terms = Terms {
        score,
        fit: content,
        taste,
        mood_weight: alpha,
        spacing: chosen.spacing,
        chance: chosen.chance,
        decided: chosen.decided,
        place: [song.valence, song.energy],
        target: [target.valence, target.energy],
    };
    Pick { path: song.path.clone(), title: song.title.clone(), artist: song.artist.clone(), why, terms }
}

fn character(song: &Song) -> &'static str {
    if song.is_elsewhere() {
        return "not in your library";
    }
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
        None if taste.played_by_others(song) => format!("listeners like you play {}", song.artist),
        Some(false) => format!("you often skip {}, but it fits", song.artist),
        None => "not played for you yet".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Music;
    use crate::mood::table::Table;
    use crate::mood::target::target;
    use crate::mood::{Intent, MoodName};
    use crate::music::crowd::circle::Circle;
    use crate::music::fusion::Fusion;
    use crate::music::rank::tests::song;

    fn happy() -> Target {
        let table = Table::default();
        target(&table.place(MoodName::Happy), true, Intent::Match, Default::default(), &table)
    }

    fn picks(songs: &[Song], count: usize) -> Vec<i64> {
        let (target, ranker, recent) =
            (happy(), Ranker::new(songs, &Music::default(), Circle::default()), Recent::default());
        let no_repeat = Duration::from_secs(3600);
        let choice = Choice {
            target: &target,
            ranker: &ranker,
            no_repeat,
            recent: &recent,
            coming: &[],
            streams: false,
            turn: 0,
        };
        programme(songs, &choice, count, Instant::now()).iter().map(|chosen| chosen.ranked.song.id).collect()
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
        let (target, ranker, recent) =
            (happy(), Ranker::new(&songs, &Music::default(), Circle::default()), Recent::default());
        let coming = [Track { path: Some(songs[0].path.clone()), ..Track::default() }];
        let no_repeat = Duration::from_secs(1);
        let choice = Choice {
            target: &target,
            ranker: &ranker,
            no_repeat,
            recent: &recent,
            coming: &coming,
            streams: false,
            turn: 0,
        };
        assert_eq!(choose(&songs, &choice).unwrap().ranked.song.id, 2);
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
        let (target, ranker, recent) =
            (happy(), Ranker::new(&songs, &Music::default(), Circle::default()), Recent::default());
        let first = |turn| {
            let no_repeat = Duration::from_secs(1);
            let choice = Choice {
                target: &target,
                ranker: &ranker,
                no_repeat,
                recent: &recent,
                coming: &[],
                streams: false,
                turn,
            };
            choose(&songs, &choice).unwrap().ranked.song.id
        };
        let firsts: HashSet<i64> = (0..30).map(first).collect();
        assert!(firsts.len() > 5 && !firsts.contains(&99));
    }

    /// The reason for the first pick, after the songs of `recent` were heard.
    fn first(songs: &[Song], recent: &Recent, turn: u64) -> Pick {
        let (target, ranker) = (happy(), Ranker::new(songs, &Music::default(), Circle::default()));
        let no_repeat = Duration::from_secs(3600);
        let choice = Choice { target: &target, ranker: &ranker, no_repeat, recent, coming: &[], streams: false, turn };
        explained(&choose(songs, &choice).unwrap(), &target, &ranker)
    }

    #[test]
    fn the_reason_names_song_mood_and_history() {
        let mut songs = vec![song(1, 0.8, 0.8)];
        songs[0].evidence.finished = 5.0;
        songs[0].evidence.skipped = 1.0;
        let pick = first(&songs, &Recent::default(), 0);
        assert_eq!(pick.why, "lively and bright, for the happy mood you set; you finished 5 of its 6 recent plays");
        let Terms { score, fit, taste, mood_weight, .. } = pick.terms;
        assert!(mood_weight > 0.6 && mood_weight < 1.0, "six plays give taste a part of its say");
        assert_eq!(score, Fusion::default().score(fit, taste, mood_weight));
    }

    #[test]
    fn a_song_that_hardly_fits_is_not_praised() {
        let why = first(&[song(1, 0.2, 0.2)], &Recent::default(), 0).why;
        assert!(why.contains("fits only loosely"), "{why}");
    }

    #[test]
    fn where_not_the_score_alone_decided_the_reason_says_so() {
        let mut songs: Vec<Song> = (0..3).map(|id| song(id, 0.8, 0.8)).collect();
        songs[2].valence = 0.7;
        (0..2).for_each(|n| songs[n].artist = "A".into());
        let mut recent = Recent::default();
        recent.note(&songs[0], Instant::now(), Duration::from_secs(3600));
        let pick = first(&songs, &recent, 0);
        assert_eq!((pick.title.as_str(), pick.terms.decided), ("Song 2", Decided::Spacing));
        assert!(pick.why.ends_with("another artist or album than just now"), "{}", pick.why);
        let equals: Vec<Song> = (0..20).map(|id| song(id, 0.8, 0.8)).collect();
        let picks: Vec<Pick> = (0..10).map(|turn| first(&equals, &Recent::default(), turn)).collect();
        assert!(picks.iter().any(|pick| pick.terms.decided == Decided::Chance && pick.why.ends_with("for variety")));
    }
}
