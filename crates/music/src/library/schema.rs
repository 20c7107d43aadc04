//! Whose file it is, and how an older one becomes a newer one.

use anyhow::Result;
use rusqlite::{Connection, TransactionBehavior};

use crate::library::migrations::STEPS;
use moodring_core::error::user_error;

/// "mood" in ASCII: tells our files from other programs' SQLite files.
const APPLICATION: i32 = 0x6d6f_6f64;

const NEWEST: usize = STEPS.len();

/// Reads only: whether the file is ours (or new and empty) and not from a newer program.
pub fn check(base: &Connection) -> Result<()> {
    let version = version(base)?;
    let tables: i64 = base.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    let application: i32 = base.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let fresh = version == 0 && tables == 0 && application == 0;
    if !fresh && application != APPLICATION {
        return Err(user_error("it is another program's database", "move it away, then run `moodring scan`"));
    }
    if version > NEWEST {
        let what = format!("it was written by a newer Moodring (format {version}; this one knows {NEWEST})");
        return Err(user_error(what, "update Moodring, or move the file away and run `moodring scan`"));
    }
    Ok(())
}

/// Whether a library of an older program is about to be brought up to date.
pub fn is_older(base: &Connection) -> Result<bool> {
    Ok((1..NEWEST).contains(&version(base)?))
}

/// Brings the file to the newest format, whole or not at all: no other process ever sees a format between two versions.
pub fn migrate(base: &mut Connection) -> Result<()> {
    if version(base)? >= NEWEST {
        return Ok(());
    }
    let steps = base.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have taken them while we waited for the lock.
    for step in STEPS.iter().skip(version(&steps)?) {
        steps.execute_batch(step)?;
    }
    steps.pragma_update(None, "application_id", APPLICATION)?;
    steps.pragma_update(None, "user_version", NEWEST as i64)?;
    Ok(steps.commit()?)
}

/// A negative version is nobody's: it counts as newer.
fn version(base: &Connection) -> Result<usize> {
    let version: i64 = base.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listens_of_a_library_that_kept_each_once_stay_and_count() {
        let mut base = Connection::open_in_memory().unwrap();
        base.execute_batch(&STEPS[..8].join("\n")).unwrap();
        base.execute_batch("INSERT INTO listens VALUES (1, 100, 1, 'lastfm'), (1, 2000, 0, 'spotify')").unwrap();
        base.pragma_update(None, "user_version", 8).unwrap();
        migrate(&mut base).unwrap();
        base.execute_batch("INSERT INTO listens VALUES (1, 100, 1, 'spotify', 1)").unwrap();
        let query = "SELECT group_concat(source || at || finished, ' ') FROM listens WHERE again = 0";
        let kept: String = base.query_row(query, [], |row| row.get(0)).unwrap();
        assert_eq!(kept, "lastfm1001 spotify20000");
    }
}
