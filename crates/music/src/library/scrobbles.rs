//! The owner's listens elsewhere, as each source tells of them.

use std::sync::LazyLock;

use rusqlite::{Row, Transaction, params};

use crate::imported_data::Listen;
use crate::library::imported_tracks::Names;
use crate::library::matching::SAME;

/// Adds what the source has not told yet.
pub(super) fn keep_listens(
    step: &Transaction,
    names: &mut Names,
    source: &str,
    listens: &[Listen],
) -> rusqlite::Result<()> {
    let mut insert = step.prepare(&format!(
        "INSERT INTO listens (song, at, source, finished, again) SELECT ?1, ?2, ?3, ?4, {}
         WHERE NOT EXISTS
            (SELECT 1 FROM listens WHERE song = ?1 AND at > ?2 - {ROUNDED} AND at < ?2 + {ROUNDED} AND source = ?3)",
        *TOLD_BEFORE
    ))?;
    for listen in listens {
        let song = names.id(step, &listen.song)?;
        insert.execute(params![song, listen.at, source, listen.finished])?;
    }
    Ok(())
}

/// Lets the listens count that only a source that is gone had told of before.
pub(super) fn count_again(step: &Transaction) -> rusqlite::Result<()> {
    let mut told = step.prepare("SELECT song, at, source FROM listens WHERE again = 1 ORDER BY at")?;
    let row = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    let told: Vec<(i64, i64, String)> = told.query_map([], row)?.collect::<Result<_, _>>()?;
    // One by one: of two that are left, the first that counts makes the other one told before.
    let change = format!("UPDATE listens SET again = {} WHERE song = ?1 AND at = ?2 AND source = ?3", *TOLD_BEFORE);
    let mut change = step.prepare(&change)?;
    told.iter().try_for_each(|(song, at, source)| change.execute(params![song, at, source]).map(drop))
}

/// Whether another source told of the listen of the song ?1 at ?2 before the source ?3 did.
static TOLD_BEFORE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "EXISTS (SELECT 1 FROM listens AS other WHERE other.song = ?1 AND other.at > ?2 - {SAME} AND other.at < ?2 + {SAME}
            AND other.source <> ?3 AND other.again = 0)"
    )
});

/// Spotify's short history names minutes where its long one names seconds.
const ROUNDED: i64 = 60;
