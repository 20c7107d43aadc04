//! How long choosing takes: `cargo bench --bench ranking`.
//!
//! The next of 100,000 songs; the first pick after the agent's start, from the file of the library on; and a taste model of 2,000
//! listeners by 18,000 artists.

mod processor;

use std::hint::black_box;
use std::path::Path as File;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use moodring_core::config::{Config, MusicConfig};
use moodring_core::domain::playback::{Playback, PlaybackStatus, QueueMethod};
use moodring_core::domain::song::{Evidence, Overrides, Song};
use moodring_core::domain::track::Track;
use moodring_core::message::{Effect, Event, PersistedState};
use moodring_core::mood::table::EmotionTable;
use moodring_core::mood::target::{Progress, target};
use moodring_core::mood::{Intent, MoodName};
use moodring_core::recommend::collaborative::peer_affinities::PeerAffinities;
use moodring_core::recommend::collaborative::{Interactions, Method};
use moodring_core::recommend::rank::Ranker;
use moodring_core::recommend::recent::RecentPlays;
use moodring_core::recommend::selection::{SelectionContext, choose};
use moodring_core::state::State;
use moodring_music::library::{self, Details, Library, Stamp};
use processor::Processor;

const SONGS: i64 = 100_000;

/// A number in 0..1 that runs over the whole range.
fn part(n: i64, step: f32) -> f32 {
    (n as f32 * step).fract()
}

fn genre(n: i64) -> &'static str {
    ["rock", "dance pop", "jazz", "classical", ""][(n % 5) as usize]
}

/// Spread over the plane by multiples of irrational numbers; a fifth has been played, a tenth names its mood.
fn song(n: i64) -> Song {
    let finished = if n % 5 == 0 { (n % 7) as f32 } else { 0.0 };
    Song {
        id: n,
        path: format!("/music/artist {}/song {n}.flac", n % 5000).into(),
        title: format!("Song {n}"),
        artist: format!("Artist {}", n % 5000),
        album: format!("Album {}", n % 10_000),
        genre: genre(n).into(),
        mood: if n % 10 == 0 { ["happy", "sad", "calm"][(n / 10 % 3) as usize] } else { "" }.into(),
        seconds: 200.0,
        valence: part(n, 0.618_034),
        energy: part(n, 0.414_214),
        tempo: 100.0,
        certainty: 0.5,
        told: Overrides::default(),
        evidence: Evidence { finished, skipped: finished / 3.0, ..Evidence::default() },
    }
}

fn next_song(criterion: &mut Criterion<Processor>) {
    let songs: Vec<Song> = (0..SONGS).map(song).collect();
    let (table, ranker, mut recent) = (
        EmotionTable::default(),
        Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default()),
        RecentPlays::default(),
    );
    let target = target(&table.place(MoodName::Happy), true, Intent::Match, Progress::default(), &table);
    let no_repeat = Duration::from_secs(4 * 3600);
    songs.iter().step_by(2000).for_each(|song| recent.note(song, Instant::now(), no_repeat));
    let mut turn = 0;
    criterion.bench_function("next of 100,000 songs", |bencher| {
        bencher.iter(|| {
            turn += 1;
            let choice = SelectionContext {
                target: &target,
                ranker: &ranker,
                no_repeat,
                recent: &recent,
                playing: None,
                coming: &[],
                streams: false,
                turn,
            };
            black_box(choose(&songs, &choice)).is_some()
        })
    });
    // Both for a hundred and fifty candidates, as a choice asks for.
    criterion.bench_function("ranking 100,000 songs, most ruled out at a glance", |bencher| {
        bencher.iter(|| black_box(ranker.rank(&songs, &target, 150, |_| false)).len())
    });
    criterion.bench_function("ranking 100,000 songs, each judged", |bencher| {
        bencher.iter(|| black_box(ranker.rank_plainly(&songs, &target, 150, |_| false)).len())
    });
    criterion.bench_function("taste learned anew, 100,000 songs", |bencher| {
        bencher.iter_batched(|| ranker.clone(), |mut ranker| ranker.revise(&songs), BatchSize::LargeInput)
    });
}

fn filled(file: &File) {
    let of = |n: i64| {
        let Song { path, title, artist, album, mood, valence, energy, tempo, .. } = song(n);
        let genre = genre(n).into();
        let place = Details { mood, valence, energy, tempo, ..Details::default() };
        let found = Ok(Details { title, artist, album, genre, seconds: 200.0, heard: true, ..place });
        library::FileRow { path, stamp: Stamp { size: 1, modified: 1, analysis: 1, ..Default::default() }, found }
    };
    let files: Vec<library::FileRow> = (0..SONGS).map(of).collect();
    Library::open(file).unwrap().put(&files).unwrap();
}

fn first_pick(criterion: &mut Criterion<Processor>) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    filled(&file);
    let playback = Playback {
        player: "Player".into(),
        way: QueueMethod::AfterCurrent { take_back: true },
        status: PlaybackStatus::Playing,
        track: Some(Track { title: "Something".into(), ..Track::default() }),
        position: Some(Duration::ZERO),
        upcoming: Some(vec![]),
        shuffle: false,
        obstacle: None,
    };
    let settings = PersistedState { by_hand: Some(MoodName::Happy), ..PersistedState::default() };
    criterion.bench_function("first pick after the start, 100,000 songs", |bencher| {
        bencher.iter(|| {
            let now = Instant::now();
            let mut state = State::new(Config::default(), settings, now);
            state.handle(Event::Playback(Some(playback.clone())), now);
            let songs = Library::open(&file).unwrap().songs(jiff::Timestamp::now()).unwrap();
            let effects = state.handle(Event::LibraryLoaded(songs), now);
            assert!(effects.iter().any(|effect| matches!(effect, Effect::Queue(_))));
        })
    });
}

fn taste_model(criterion: &mut Criterion<Processor>) {
    const ARTISTS: i64 = 18_000;
    // Fifty artists each, and some artists far more often than others.
    let artist = |who: i64, n: i64| (part(who * 50 + n, 0.618_034).powi(3) * ARTISTS as f32) as u32;
    let row = |who: i64| (0..50).map(|n| (artist(who, n), 1.0 + (n % 9) as f32)).collect();
    let plays = Arc::new(Interactions::of_counts((0..2000).map(row).collect(), ARTISTS as usize));
    criterion.bench_function("taste model, 2,000 listeners by 18,000 artists", |bencher| {
        bencher.iter(|| black_box(Method::usual(plays.listeners()).fit(&plays)).scores(plays.row(0), Some(0)).len())
    });
}

criterion_group! {
    name = choosing;
    config = processor::criterion();
    targets = next_song, first_pick, taste_model
}
criterion_main!(choosing);
