//! Why a song was chosen, in a sentence and in numbers.

use crate::domain::song::{Opinion, Song};
use crate::domain::view::{DecidingFactor, Pick, ScoreBreakdown};
use crate::mood::target::{Aim, Target};
use crate::recommend::rank::{Ranked, Ranker};
use crate::recommend::selection::Selected;
use crate::recommend::taste::Taste;

/// A song that fits less than this is the best of what there is, and no more.
const LOOSE: f32 = 0.3;

/// The pick with its reason in a sentence, and the terms behind it.
pub fn explained(chosen: &Selected, target: &Target, ranker: &Ranker) -> Pick {
    let Ranked { song, score, content, taste, alpha } = chosen.ranked;
    let loosely = if content < LOOSE { ", though it fits only loosely" } else { "" };
    let decided = match chosen.decided {
        DecidingFactor::Score => "",
        DecidingFactor::Spacing => "; another artist or album than just now",
        DecidingFactor::Chance => "; a little for variety",
    };
    let liking = liking(song, ranker.taste());
    let why = format!("{}, {}{loosely}; {liking}{decided}", character(song), aim(target));
    let terms = ScoreBreakdown {
        score,
        total: chosen.value(),
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
        Some(false) => format!("you often skip {}", song.artist),
        None if evidence.finished + evidence.skipped > 0.0 => "not played for a long time".into(),
        None => "not played for you yet".into(),
    }
}
