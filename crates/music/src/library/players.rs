//! How songs get into each build of a player, as found out by trying.

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Row, params};

use crate::library::{Library, doing};
use moodring_core::domain::playback::{Known, Way};

/// A player that took no song is tried anew after so many seconds: it may have been a bad day.
const GRUDGE: i64 = 7 * 24 * 3600;

impl Library {
    /// What is known of players, and when it was found out.
    pub fn players(&self, now: Timestamp) -> Result<Vec<(Known, Timestamp)>> {
        let all = doing("read what is known of players", self.read_players())?;
        let stale =
            |known: &Known, at: Timestamp| known.way == Way::SuggestOnly && now.as_second() - at.as_second() > GRUDGE;
        Ok(all.into_iter().flatten().filter(|(known, at)| !stale(known, *at)).collect())
    }

    fn read_players(&self) -> rusqlite::Result<Vec<Option<(Known, Timestamp)>>> {
        let mut query = self.base.prepare("SELECT player, build, way, at FROM players")?;
        query.query_map([], read)?.collect()
    }

    pub(super) fn keep_player(&self, known: &Known, at: i64) -> rusqlite::Result<()> {
        let row = params![known.player, known.build, word(known.way), at];
        // Only the newest build is worth keeping.
        self.base.execute("DELETE FROM players WHERE player = ?1", [&known.player])?;
        self.base.execute("INSERT INTO players (player, build, way, at) VALUES (?1, ?2, ?3, ?4)", row).map(drop)
    }
}

/// `None` for a way that this version does not know.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<(Known, Timestamp)>> {
    let (way, at): (String, i64) = (row.get(2)?, row.get(3)?);
    let way = WAYS.into_iter().find(|one| word(*one) == way);
    let known = |way| Ok::<_, rusqlite::Error>(Known { player: row.get(0)?, build: row.get(1)?, way });
    Ok(way.map(known).transpose()?.zip(Timestamp::from_second(at).ok()))
}

const WAYS: [Way; 5] =
    [Way::Next { take_back: true }, Way::Next { take_back: false }, Way::Behind, Way::AtEnd, Way::SuggestOnly];

fn word(way: Way) -> &'static str {
    match way {
        Way::Next { take_back: true } => "next",
        Way::Next { take_back: false } => "next for good",
        Way::Behind => "behind",
        Way::AtEnd => "at end",
        Way::SuggestOnly => "suggest only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::domain::message::Memory;

    #[test]
    fn what_was_found_out_about_a_player_is_kept_for_its_newest_build() {
        let mut library = Library::in_memory().unwrap();
        let known = |build: &str, way| Known { player: "vlc".into(), build: build.into(), way };
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        library.remember(&Memory::Player(known("1", Way::SuggestOnly)), now).unwrap();
        for way in WAYS {
            library.remember(&Memory::Player(known("2", way)), now).unwrap();
            assert_eq!(library.players(now).unwrap(), [(known("2", way), now)]);
        }
    }

    #[test]
    fn a_player_that_took_no_song_is_tried_anew_after_a_week() {
        let mut library = Library::in_memory().unwrap();
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let known = Known { player: "p".into(), build: "1".into(), way: Way::SuggestOnly };
        library.remember(&Memory::Player(known), now).unwrap();
        let later = Timestamp::from_second(now.as_second() + GRUDGE + 1).unwrap();
        assert_eq!((library.players(now).unwrap().len(), library.players(later).unwrap().len()), (1, 0));
    }
}
