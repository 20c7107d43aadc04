//! The tables, and how an older file becomes a newer one.

use anyhow::Result;
use rusqlite::{Connection, TransactionBehavior};

use crate::fault::fault;

/// "mood" in ASCII: tells our files from other programs' SQLite files.
const APPLICATION: i32 = 0x6d6f_6f64;

/// Each brings a file from the version of its index to the next; never change one that was released.
const MIGRATIONS: [&str; 8] = [
    "CREATE TABLE songs (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,            -- bytes
        modified INTEGER NOT NULL,        -- nanoseconds since 1970
        analysis INTEGER NOT NULL,        -- version of the analysis that read it
        fault TEXT,                       -- why it could not be read; NULL: it could
        vanished INTEGER,                 -- seconds since 1970; NULL: it is there
        title TEXT NOT NULL DEFAULT '',
        artist TEXT NOT NULL DEFAULT '',
        album TEXT NOT NULL DEFAULT '',
        genre TEXT NOT NULL DEFAULT '',   -- lower case
        year INTEGER,
        track INTEGER,
        recording TEXT,                   -- MusicBrainz recording id
        seconds REAL NOT NULL DEFAULT 0,
        tempo REAL NOT NULL DEFAULT 0,    -- beats per minute; 0: unknown
        key TEXT,                         -- for instance 'a minor'
        valence REAL NOT NULL DEFAULT 0.5,
        energy REAL NOT NULL DEFAULT 0.5,
        certainty REAL NOT NULL DEFAULT 0,
        heard INTEGER NOT NULL DEFAULT 0  -- 1: from the audio; 0: from tags alone
    ) STRICT;",
    "CREATE TABLE plays (
        id INTEGER PRIMARY KEY,
        path BLOB NOT NULL,
        at INTEGER NOT NULL,              -- seconds since 1970
        finished INTEGER NOT NULL,        -- 1 finished, 0 skipped
        ours INTEGER NOT NULL             -- 1: we had queued it
    ) STRICT;
    CREATE INDEX plays_by_path ON plays (path);
    CREATE TABLE opinions (
        path BLOB PRIMARY KEY,
        opinion INTEGER NOT NULL,         -- 1 like, -1 dislike
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
    CREATE TABLE moods (
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        valence REAL NOT NULL,
        energy REAL NOT NULL,
        confidence REAL NOT NULL
    ) STRICT;",
    "ALTER TABLE songs ADD COLUMN mood TEXT NOT NULL DEFAULT '';
    ALTER TABLE songs ADD COLUMN artist_id TEXT;             -- MusicBrainz
    ALTER TABLE songs ADD COLUMN release TEXT;               -- MusicBrainz
    ALTER TABLE songs ADD COLUMN gain REAL;                  -- ReplayGain, dB
    ALTER TABLE songs ADD COLUMN valence_certainty REAL NOT NULL DEFAULT 0;
    ALTER TABLE songs ADD COLUMN energy_certainty REAL NOT NULL DEFAULT 0;
    ALTER TABLE songs ADD COLUMN print INTEGER;              -- hash of the coded sound
    CREATE TABLE corrections (
        path BLOB PRIMARY KEY,
        valence REAL,                     -- NULL: as measured
        energy REAL,
        tempo REAL,
        at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE folders (path BLOB PRIMARY KEY) STRICT;     -- that were scanned, and are watched
    CREATE TABLE disks (
        path BLOB PRIMARY KEY,            -- a folder on another disk than the folder that holds it
        link INTEGER NOT NULL             -- 1: by a link
    ) STRICT;
    CREATE TABLE outside (                -- songs as other places name them
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,         -- the same for all spellings
        artist TEXT NOT NULL,
        title TEXT NOT NULL,              -- empty: the artist as such
        album TEXT NOT NULL,
        recording TEXT,                   -- MusicBrainz
        address TEXT                      -- of a streaming service
    ) STRICT;
    CREATE INDEX outside_by_recording ON outside (recording);
    CREATE TABLE listens (                -- the owner's, elsewhere
        song INTEGER NOT NULL,
        at INTEGER NOT NULL,
        finished INTEGER NOT NULL,
        source TEXT NOT NULL,
        PRIMARY KEY (song, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE histories (              -- counts without dates: other listeners', and lists of the owner's
        source TEXT NOT NULL,
        listener TEXT NOT NULL,
        song INTEGER NOT NULL,
        plays REAL NOT NULL,
        ours INTEGER NOT NULL,            -- 1: the owner's
        at INTEGER NOT NULL,              -- when it was imported
        PRIMARY KEY (source, listener, song)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE advice (                 -- what a service recommends to the owner
        source TEXT NOT NULL,
        song INTEGER NOT NULL,
        score REAL NOT NULL,
        PRIMARY KEY (source, song)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE matches (                -- songs of other places that the library has
        song INTEGER NOT NULL,
        path BLOB NOT NULL,
        PRIMARY KEY (song, path)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE elsewhere (              -- what the listens come to, faded up to a moment
        path BLOB PRIMARY KEY,
        finished REAL NOT NULL,
        skipped REAL NOT NULL,
        last INTEGER NOT NULL,
        up_to INTEGER NOT NULL
    ) STRICT;",
    "CREATE TABLE players (
        player TEXT NOT NULL,             -- its name on the bus
        build TEXT NOT NULL,
        way TEXT NOT NULL,                -- how songs get into it
        at INTEGER NOT NULL,              -- seconds since 1970
        PRIMARY KEY (player, build)
    ) STRICT;",
    "ALTER TABLE plays ADD COLUMN lasted INTEGER;   -- seconds from its begin to its end; NULL: not known
    ALTER TABLE plays ADD COLUMN intent TEXT;       -- what it was chosen for; NULL: not by us, or not known
    ALTER TABLE moods ADD COLUMN source TEXT NOT NULL DEFAULT 'looks'; -- or 'hand', or 'none': no mood from here on",
    "CREATE TABLE baselines (
        camera TEXT PRIMARY KEY,          -- its name that lasts
        at INTEGER NOT NULL,
        baseline TEXT NOT NULL            -- JSON of mood::baseline::Baseline
    ) STRICT;
    CREATE TABLE wrongs (                 -- readings that the owner called wrong
        id INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        camera TEXT NOT NULL,
        read TEXT NOT NULL,
        meant TEXT NOT NULL
    ) STRICT;",
    "ALTER TABLE plays ADD COLUMN fit REAL;         -- how well it fitted when we chose it; NULL: not by us, or not known
    ALTER TABLE plays ADD COLUMN taste REAL;       -- how much it was liked then",
    // Of a table of millions, the owner's few rows.
    "CREATE INDEX histories_of_owner ON histories (song, plays, at) WHERE ours = 1;",
];

const NEWEST: usize = MIGRATIONS.len();

/// Reads only: whether the file is ours (or new and empty) and not from a newer program.
pub fn check(base: &Connection) -> Result<()> {
    let version = version(base)?;
    let tables: i64 = base.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    let application: i32 = base.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let fresh = version == 0 && tables == 0 && application == 0;
    if !fresh && application != APPLICATION {
        return Err(fault("it is another program's database", "move it away, then run `moodring scan`"));
    }
    if version > NEWEST {
        let what = format!("it was written by a newer Moodring (format {version}; this one knows {NEWEST})");
        return Err(fault(what, "update Moodring, or move the file away and run `moodring scan`"));
    }
    Ok(())
}

/// Brings the file to the newest format, step by step; each step is kept whole or not at all.
pub fn migrate(base: &mut Connection) -> Result<()> {
    while version(base)? < NEWEST {
        let step = base.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have taken the step while we waited for the lock.
        let from = version(&step)?;
        if let Some(migration) = MIGRATIONS.get(from) {
            step.execute_batch(migration)?;
            step.pragma_update(None, "application_id", APPLICATION)?;
            step.pragma_update(None, "user_version", from as i64 + 1)?;
        }
        step.commit()?;
    }
    Ok(())
}

/// A negative version is nobody's: it counts as newer.
fn version(base: &Connection) -> Result<usize> {
    let version: i64 = base.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}
