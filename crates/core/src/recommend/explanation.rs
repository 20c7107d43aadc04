//! Why a song was chosen: reasons and numbers.

use crate::domain::pick::{Character, Level, Liking, Pick, PickReason, ScoreBreakdown};
use crate::domain::song::{Opinion, Song};
use crate::mood::target::Target;
use crate::recommend::rank::{Ranked, Ranker};
use crate::recommend::selection::Selected;
use crate::recommend::taste::Taste;

/// A song that fits less than this is merely the best there is.
const LOOSE: f32 = 0.3;

/// The pick with its reason and the terms of its score.
pub fn explain_pick(chosen: &Selected, target: &Target, ranker: &Ranker) -> Pick {
    let Ranked { song, score, content, taste, alpha } = chosen.ranked;
    let reason = PickReason {
        character: find_character(song),
        aim: target.aim,
        mood: target.name,
        fits_loosely: content < LOOSE,
        liking: find_liking(song, ranker.taste()),
        decided: chosen.decided,
    };
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
    Pick { path: song.path.clone(), title: song.title.clone(), artist: song.artist.clone(), reason, terms }
}

fn find_character(song: &Song) -> Character {
    if song.is_elsewhere() {
        return Character::NotInLibrary;
    }
    Character::Area { valence: find_level(song.valence), energy: find_level(song.energy) }
}

fn find_level(value: f32) -> Level {
    match value {
        v if v < 0.38 => Level::Low,
        v if v > 0.62 => Level::High,
        _ => Level::Medium,
    }
}

fn find_liking(song: &Song, taste: &Taste) -> Liking {
    let evidence = &song.evidence;
    let (finished, plays) = (evidence.finished.round(), (evidence.finished + evidence.skipped).round());
    let artist = || song.artist.clone();
    if evidence.opinion == Opinion::Like {
        return Liking::Liked;
    }
    if plays >= 1.0 {
        return Liking::Finished { finished, plays };
    }
    match taste.habit(song) {
        Some(true) => Liking::ArtistOftenFinished { artist: artist() },
        None if taste.played_by_others(song) => Liking::ArtistPlayedByOthers { artist: artist() },
        Some(false) => Liking::ArtistOftenSkipped { artist: artist() },
        None if evidence.finished + evidence.skipped > 0.0 => Liking::NotPlayedLately,
        None => Liking::NeverPlayed,
    }
}
