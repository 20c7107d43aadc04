use crate::config::MusicConfig;
use crate::domain::pick::{Aim, Character, DecidingFactor, Level, Liking, Pick, PickReason, ScoreBreakdown};
use crate::mood::table::EmotionTable;
use crate::mood::target::target;
use crate::mood::{Intent, MoodName};
use crate::recommend::collaborative::peer_affinities::PeerAffinities;
use crate::recommend::fusion::Fusion;
use crate::recommend::rank::tests::song;
use crate::recommend::selection::*;

fn happy() -> Target {
    let table = EmotionTable::default();
    target(&table.place(MoodName::Happy), true, Intent::Match, Default::default(), &table)
}

fn picks(songs: &[Song], count: usize) -> Vec<i64> {
    let (target, ranker, recent) =
        (happy(), Ranker::new(songs, &MusicConfig::default(), PeerAffinities::default()), RecentPlays::default());
    let no_repeat = Duration::from_secs(3600);
    let choice = SelectionContext {
        target: &target,
        ranker: &ranker,
        no_repeat,
        recent: &recent,
        playing: None,
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
        (happy(), Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default()), RecentPlays::default());
    let coming = [Track { path: Some(songs[0].path.clone()), ..Track::default() }];
    let no_repeat = Duration::from_secs(1);
    let choice = SelectionContext {
        target: &target,
        ranker: &ranker,
        no_repeat,
        recent: &recent,
        playing: None,
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
        (happy(), Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default()), RecentPlays::default());
    let first = |turn| {
        let no_repeat = Duration::from_secs(1);
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
        choose(&songs, &choice).unwrap().ranked.song.id
    };
    let firsts: HashSet<i64> = (0..30).map(first).collect();
    assert!(firsts.len() > 5 && !firsts.contains(&99));
}

/// The reason for the first pick, after the songs of `recent` were heard.
fn first(songs: &[Song], recent: &RecentPlays, turn: u64) -> Pick {
    let (target, ranker) = (happy(), Ranker::new(songs, &MusicConfig::default(), PeerAffinities::default()));
    let no_repeat = Duration::from_secs(3600);
    let choice = SelectionContext {
        target: &target,
        ranker: &ranker,
        no_repeat,
        recent,
        playing: None,
        coming: &[],
        streams: false,
        turn,
    };
    explain_pick(&choose(songs, &choice).unwrap(), &target, &ranker)
}

#[test]
fn the_reason_names_song_mood_and_history() {
    let mut songs = vec![song(1, 0.8, 0.8)];
    songs[0].evidence.finished = 5.0;
    songs[0].evidence.skipped = 1.0;
    let pick = first(&songs, &RecentPlays::default(), 0);
    let expected = PickReason {
        character: Character::Area { valence: Level::High, energy: Level::High },
        aim: Aim::ByHand,
        mood: MoodName::Happy,
        fits_loosely: false,
        liking: Liking::Finished { finished: 5.0, plays: 6.0 },
        decided: DecidingFactor::Score,
    };
    assert_eq!(pick.reason, expected);
    let ScoreBreakdown { score, fit, taste, mood_weight, .. } = pick.terms;
    assert!(mood_weight > 0.6 && mood_weight < 1.0, "six plays give taste a part of its say");
    assert_eq!(score, Fusion::default().score(fit, taste, mood_weight));
}

#[test]
fn a_play_of_long_ago_is_not_denied() {
    let mut old = song(1, 0.9, 0.9);
    old.evidence.finished = 0.01;
    assert_eq!(first(&[old], &RecentPlays::default(), 0).reason.liking, Liking::NotPlayedLately);
}

#[test]
fn a_song_that_hardly_fits_is_not_praised() {
    assert!(first(&[song(1, 0.2, 0.2)], &RecentPlays::default(), 0).reason.fits_loosely);
}

#[test]
fn where_not_the_score_alone_decided_the_reason_says_so() {
    let mut songs: Vec<Song> = (0..3).map(|id| song(id, 0.8, 0.8)).collect();
    songs[2].valence = 0.7;
    (0..2).for_each(|n| songs[n].artist = "A".into());
    let mut recent = RecentPlays::default();
    recent.note(&songs[0], Instant::now(), Duration::from_secs(3600));
    let pick = first(&songs, &recent, 0);
    assert_eq!((pick.title.as_str(), pick.terms.decided), ("Song 2", DecidingFactor::Spacing));
    assert_eq!(pick.reason.decided, DecidingFactor::Spacing);
    let equals: Vec<Song> = (0..20).map(|id| song(id, 0.8, 0.8)).collect();
    let picks: Vec<Pick> = (0..10).map(|turn| first(&equals, &RecentPlays::default(), turn)).collect();
    assert!(picks.iter().any(|pick| pick.terms.decided == DecidingFactor::Chance));
}
