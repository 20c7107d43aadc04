//! The tables, in the order in which they came to be.

/// Each brings a file from the version of its index to the next; never change one that was released.
pub const STEPS: [&str; 10] = [
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
    // What several sources told of was kept once, and gone with the source that came first.
    "CREATE TABLE told (                   -- the owner's listens, elsewhere, as each source tells of them
        song INTEGER NOT NULL,
        at INTEGER NOT NULL,
        finished INTEGER NOT NULL,
        source TEXT NOT NULL,
        again INTEGER NOT NULL,           -- 1: another source told of it before; it counts once
        PRIMARY KEY (song, at, source)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO told SELECT song, at, finished, source, 0 FROM listens;
    DROP TABLE listens;
    ALTER TABLE told RENAME TO listens;",
    "ALTER TABLE songs ADD COLUMN problem TEXT;     -- why its tags could not be read; NULL: they could
    ALTER TABLE songs ADD COLUMN changed INTEGER NOT NULL DEFAULT 0; -- ctime, nanoseconds since 1970; 0: not known
    ALTER TABLE songs ADD COLUMN inode INTEGER NOT NULL DEFAULT 0;",
];
