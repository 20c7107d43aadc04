//! How songs get into each build of a player, as found out by trying.

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Row, params};

use crate::library::{Library, doing};
use moodring_core::domain::playback::{QueueMethod, QueueSupport};

/// A player that took no song is tried anew after so many seconds: it may have been a bad day.
const GRUDGE: i64 = 7 * 24 * 3600;

impl Library {
    /// What is known of players, and when it was found out.
    pub fn players(&self, now: Timestamp) -> Result<Vec<(QueueSupport, Timestamp)>> {
        let all = doing("read what is known of players", self.read_players())?;
        let stale = |known: &QueueSupport, at: Timestamp| {
            known.way == QueueMethod::Unsupported && now.as_second() - at.as_second() > GRUDGE
        };
        Ok(all.into_iter().flatten().filter(|(known, at)| !stale(known, *at)).collect())
    }

    fn read_players(&self) -> rusqlite::Result<Vec<Option<(QueueSupport, Timestamp)>>> {
        let mut query = self.base.prepare("SELECT player, build, way, at FROM players")?;
        query.query_map([], read)?.collect()
    }

    pub(super) fn keep_player(&self, known: &QueueSupport, at: i64) -> rusqlite::Result<()> {
        let row = params![known.player, known.build, word(known.way), at];
        // Only the newest build is worth keeping.
        self.base.execute("DELETE FROM players WHERE player = ?1", [&known.player])?;
        self.base.execute("INSERT INTO players (player, build, way, at) VALUES (?1, ?2, ?3, ?4)", row).map(drop)
    }
}

/// `None` for a way that this version does not know.
fn read(row: &Row<'_>) -> rusqlite::Result<Option<(QueueSupport, Timestamp)>> {
    let (way, at): (String, i64) = (row.get(2)?, row.get(3)?);
    let way = WAYS.into_iter().find(|one| word(*one) == way);
    let known = |way| Ok::<_, rusqlite::Error>(QueueSupport { player: row.get(0)?, build: row.get(1)?, way });
    Ok(way.map(known).transpose()?.zip(Timestamp::from_second(at).ok()))
}

const WAYS: [QueueMethod; 5] = [
    QueueMethod::AfterCurrent { take_back: true },
    QueueMethod::AfterCurrent { take_back: false },
    QueueMethod::Append,
    QueueMethod::OpenAtEnd,
    QueueMethod::Unsupported,
];

fn word(way: QueueMethod) -> &'static str {
    match way {
        QueueMethod::AfterCurrent { take_back: true } => "next",
        QueueMethod::AfterCurrent { take_back: false } => "next for good",
        QueueMethod::Append => "behind",
        QueueMethod::OpenAtEnd => "at end",
        QueueMethod::Unsupported => "suggest only",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::message::Record;

    #[test]
    fn what_was_found_out_about_a_player_is_kept_for_its_newest_build() {
        let mut library = Library::in_memory().unwrap();
        let known = |build: &str, way| QueueSupport { player: "vlc".into(), build: build.into(), way };
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        library.remember(&Record::QueueSupport(known("1", QueueMethod::Unsupported)), now).unwrap();
        for way in WAYS {
            library.remember(&Record::QueueSupport(known("2", way)), now).unwrap();
            assert_eq!(library.players(now).unwrap(), [(known("2", way), now)]);
        }
    }

    #[test]
    fn a_player_that_took_no_song_is_tried_anew_after_a_week() {
        let mut library = Library::in_memory().unwrap();
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        let known = QueueSupport { player: "p".into(), build: "1".into(), way: QueueMethod::Unsupported };
        library.remember(&Record::QueueSupport(known), now).unwrap();
        let later = Timestamp::from_second(now.as_second() + GRUDGE + 1).unwrap();
        assert_eq!((library.players(now).unwrap().len(), library.players(later).unwrap().len()), (1, 0));
    }
}
