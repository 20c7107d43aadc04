//! Which song next: the best of the ranking that does not repeat song, artist or album too soon.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::pick::DecidingFactor;
use crate::domain::song::Song;
use crate::domain::track::Track;
use crate::mood::target::Target;
pub use crate::recommend::explanation::explain_pick;
use crate::recommend::rank::{Ranked, Ranker};
pub use crate::recommend::recent::RecentPlays;
use crate::text::song_names::song_key;

/// Candidates looked at for spacing.
const CANDIDATES: usize = 100;
/// The share of its score that a candidate loses for an artist or album that was just heard.
const NEAR: f32 = 0.5;
/// The share by which chance may lift a score: a little exploration.
const CHANCE: f32 = 0.08;

/// What choosing depends on besides the songs.
pub struct SelectionContext<'a> {
    pub target: &'a Target,
    pub ranker: &'a Ranker,
    pub no_repeat: Duration,
    pub recent: &'a RecentPlays,
    /// What the player plays now; never chosen, neither by its file nor by its title and artist.
    pub playing: Option<&'a Track>,
    /// What the player will play anyway.
    pub coming: &'a [Track],
    /// The player has songs that have no file here.
    pub streams: bool,
    /// Changes with every choice, so that chance does not favour the same songs for ever.
    pub turn: u64,
}

impl SelectionContext<'_> {
    fn is_playing(&self, song: &Song) -> bool {
        self.playing.is_some_and(|track| is_same_song(song, track))
    }
}

/// Whether a player's track is this song of the library: by its file, or by title and artist.
pub fn is_same_song(song: &Song, track: &Track) -> bool {
    if track.path.as_ref() == Some(&song.path) {
        return true;
    }
    let named = !track.title.trim().is_empty() && !track.artist.trim().is_empty();
    named && song_key(&song.artist, &song.title) == song_key(&track.artist, &track.title)
}

/// The song that was chosen, and what besides its score decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Selected<'a> {
    pub ranked: Ranked<'a>,
    /// What an artist or album that was lately heard leaves of the score, 0..1.
    pub spacing: f32,
    /// What chance adds to it, as a factor of at least 1.
    pub chance: f32,
    pub decided: DecidingFactor,
}

impl Selected<'_> {
    pub fn value(&self) -> f32 {
        self.ranked.score * self.spacing * self.chance
    }
}

/// The next song; `None` when the library has none left that may be played.
pub fn choose<'a>(songs: &'a [Song], choice: &SelectionContext) -> Option<Selected<'a>> {
    let days = choice.no_repeat.as_secs_f32() / 86_400.0;
    let lately = |song: &Song| song.evidence.last_played_days.is_some_and(|ago| ago < days);
    let unfit = |song: &Song| lately(song) || (!choice.streams && song.is_elsewhere());
    let coming = choice.coming.iter().filter_map(|track| track.path.as_deref());
    let held: HashSet<&Path> = choice.recent.paths().chain(coming).collect();
    // So many more are ranked than may drop out: comparing paths is dear, and only the best matter.
    let mut ranked = choice.ranker.rank(songs, choice.target, CANDIDATES + held.len() + 1, unfit);
    ranked.retain(|ranked| !held.contains(ranked.song.path.as_path()) && !choice.is_playing(ranked.song));
    ranked.truncate(CANDIDATES);
    let first = ranked.first()?.song.id;
    let weigh = |ranked| weighed(ranked, choice);
    let best =
        |a: &Selected, b: &Selected| a.value().total_cmp(&b.value()).then(b.ranked.song.id.cmp(&a.ranked.song.id));
    let spaced = weighed(ranked[0], choice).spacing < 1.0;
    let mut chosen = ranked.into_iter().map(weigh).max_by(best)?;
    chosen.decided = match chosen.ranked.song.id == first {
        true => DecidingFactor::Score,
        false if spaced => DecidingFactor::Spacing,
        false => DecidingFactor::Chance,
    };
    Some(chosen)
}

fn weighed<'a>(ranked: Ranked<'a>, choice: &SelectionContext) -> Selected<'a> {
    let spacing = (1.0 - NEAR * choice.recent.near(ranked.song)).max(0.0);
    let chance = 1.0 + CHANCE * chance(ranked.song.id, choice.turn);
    Selected { ranked, spacing, chance, decided: DecidingFactor::Score }
}

/// The next `count` songs, as if each had been heard.
pub fn programme<'a>(songs: &'a [Song], choice: &SelectionContext, count: usize, now: Instant) -> Vec<Selected<'a>> {
    let mut recent = choice.recent.clone();
    let mut picked = Vec::new();
    while picked.len() < count {
        let turn = choice.turn + picked.len() as u64;
        let Some(next) = choose(songs, &SelectionContext { recent: &recent, turn, ..*choice }) else { break };
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
