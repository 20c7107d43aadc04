use crate::mood::table::EmotionTable;
use crate::mood::target::{Progress, target};
use crate::mood::{Intent, MoodName};
use crate::recommend::rank::*;

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
    let table = EmotionTable::default();
    target(&table.place(name), true, intent, Progress::default(), &table)
}

fn ranked(songs: &[Song], name: MoodName, music: &MusicConfig) -> Vec<i64> {
    let target = aimed(name, Intent::Match);
    let ranked = Ranker::new(songs, music, PeerAffinities::default()).rank(songs, &target, 10, |_| false);
    ranked.iter().map(|r| r.song.id).collect()
}

fn order(songs: &[Song], name: MoodName) -> Vec<i64> {
    ranked(songs, name, &MusicConfig::default())
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
    let paper = MusicConfig { content: Content::PaperCosine, fusion: Fusion::Sum, ..MusicConfig::default() };
    let songs = [song(1, 0.2, 0.2), song(2, 0.8, 0.8), song(3, 0.5, 0.4)];
    assert_eq!(ranked(&songs, MoodName::Happy, &paper), ranked(&songs, MoodName::Sad, &paper));
    let centred = MusicConfig { content: Content::CentredCosine, ..paper };
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
    let ranker =
        Ranker::new(&songs, &MusicConfig { mood_weight: 0.8, ..MusicConfig::default() }, PeerAffinities::default());
    let first = |intent| {
        let target = Target { genres: vec![], ..aimed(MoodName::Happy, intent) };
        ranker.rank(&songs, &target, 1, |_| false)[0].song.id
    };
    assert_eq!((first(Intent::Match), first(Intent::Lift)), (1, 2));
}

#[test]
fn evidence_gives_taste_its_weight_little_by_little() {
    let mut songs = vec![song(1, 0.8, 0.8)];
    let mut ranker = Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default());
    let target = aimed(MoodName::Happy, Intent::Match);
    assert_eq!(ranker.alpha(&target), 1.0);
    let mut before = 1.0;
    for finished in [5.0, 15.0, 30.0] {
        songs[0].evidence.finished = finished;
        ranker.revise(&songs);
        assert!(ranker.alpha(&target) < before);
        before = ranker.alpha(&target);
    }
    assert_eq!(before, MusicConfig::default().mood_weight);
}

#[test]
fn disliked_and_excluded_songs_are_gone() {
    let mut songs: Vec<Song> = (1..=3).map(|id| song(id, 0.8, 0.8)).collect();
    songs[0].evidence.opinion = Opinion::Dislike;
    let ranker = Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default());
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

/// Places, genres, tempos and plays of every kind; of some the tags name the mood.
fn motley(count: i64) -> Vec<Song> {
    let part = |n: i64, step: f32| (n as f32 * step).fract();
    let of = |n: i64| {
        let mut song = song(n, part(n, 0.618_034), part(n, 0.414_214));
        song.genre = ["", "rock", "dance pop", "dirge"][(n % 4) as usize].into();
        let mood =
            ["calm", "sad", "happy", "happy"][2 * usize::from(song.valence > 0.5) + usize::from(song.energy > 0.4)];
        song.mood = if n % 9 == 0 { mood } else { "" }.into();
        (song.tempo, song.certainty) = ([0.0, 60.0, 128.0][(n % 3) as usize], part(n, 0.732_051));
        song.artist = format!("Artist {}", n % 50);
        (song.evidence.finished, song.evidence.skipped) = ((n % 11 / 8 * 3) as f32, (n % 13 / 10) as f32);
        song
    };
    (0..count).map(of).collect()
}

#[test]
fn ruling_songs_out_at_a_glance_changes_nothing_in_the_order() {
    let mut songs = motley(5000);
    songs[17].valence = f32::NAN;
    for content in Content::ALL {
        for (fusion, mood_weight) in
            [(Fusion::Product, 0.6), (Fusion::Product, 1.0), (Fusion::Sum, 0.3), (Fusion::Filter, 0.5)]
        {
            let ranker = Ranker::new(
                &songs,
                &MusicConfig { content, fusion, mood_weight, ..MusicConfig::default() },
                PeerAffinities::default(),
            );
            for mood in MoodName::ALL {
                let target = aimed(mood, Intent::Match);
                let excluded = |song: &Song| song.id % 7 == 0;
                let plain = ranker.rank_plainly(&songs, &target, songs.len(), excluded);
                let ids = |ranked: &[Ranked]| ranked.iter().map(|r| (r.song.id, r.score.to_bits())).collect::<Vec<_>>();
                let quick = ranker.rank(&songs, &target, 60, excluded);
                assert_eq!(ids(&quick), ids(&plain[..60]), "{content:?} {fusion:?} {mood:?}");
                assert!(plain.windows(2).all(|pair| pair[0].score.total_cmp(&pair[1].score).is_ge()), "best first");
            }
        }
    }
}

#[test]
fn most_songs_are_ruled_out_at_a_glance() {
    let songs = motley(20_000);
    let ranker = Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default());
    let judged = std::cell::Cell::new(0);
    let count = |_: &Song| {
        judged.set(judged.get() + 1);
        false
    };
    ranker.rank(&songs, &aimed(MoodName::Happy, Intent::Match), 100, count);
    assert!(judged.get() < 3000, "{} of 20,000 were judged", judged.get());
}

#[test]
fn who_wants_no_songs_gets_none() {
    let songs = motley(3);
    let ranker = Ranker::new(&songs, &MusicConfig::default(), PeerAffinities::default());
    assert!(ranker.rank(&songs, &aimed(MoodName::Happy, Intent::Match), 0, |_| false).is_empty());
}
