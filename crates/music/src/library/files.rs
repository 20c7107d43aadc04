//! What the scan needs: which files are known, and rows to write.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Transaction, params};

use crate::library::{Library, doing};

/// By what a file is known to be unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub size: i64,
    /// Nanoseconds since 1970.
    pub modified: i64,
    /// Nanoseconds since 1970 of the last change of the file or what the disk notes of it (ctime). Programs that keep the
    /// date of a file whose tags they change cannot keep this one.
    pub changed: i64,
    pub inode: i64,
    /// Version of the analysis that read it.
    pub analysis: i64,
}

impl Stamp {
    /// Whether the file has not been written since. The inode does not count: some network disks number files afresh
    /// each time that they are mounted.
    pub fn is_unchanged(&self, now: &Self) -> bool {
        self.changed == now.changed && self.is_same_data(now)
    }

    /// Whether it is the same file with the same data, under this name or another.
    pub fn is_same_file(&self, now: &Self) -> bool {
        self.inode == now.inode && self.is_same_data(now)
    }

    fn is_same_data(&self, now: &Self) -> bool {
        (self.size, self.modified, self.analysis) == (now.size, now.modified, now.analysis)
    }
}

/// A file that the library knows, readable or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownFile {
    pub stamp: Stamp,
    pub failed: bool,
    pub vanished: bool,
    /// What stands for its sound; see [`crate::audio::analysis::Features::print`].
    pub print: Option<i64>,
}

/// A file as the scan found it.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRow {
    pub path: PathBuf,
    pub stamp: Stamp,
    /// What it holds, or why it could not be read.
    pub found: Result<Details, String>,
}

/// All that a song's file tells: tags, and what was heard in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    pub title: String,
    pub artist: String,
    pub album: String,
    /// Lower case, as is mood.
    pub genre: String,
    pub mood: String,
    pub year: Option<u32>,
    pub track: Option<u32>,
    /// MusicBrainz ids of the recording, its artist and the release.
    pub recording: Option<String>,
    pub artist_id: Option<String>,
    pub release: Option<String>,
    /// ReplayGain of the track, in dB.
    pub gain: Option<f32>,
    pub seconds: f32,
    /// Beats per minute; 0 when unknown.
    pub tempo: f32,
    /// For instance "a minor".
    pub key: Option<String>,
    pub valence: f32,
    pub energy: f32,
    /// 0..1: how far each of the two can be trusted.
    pub valence_certainty: f32,
    pub energy_certainty: f32,
    /// From the audio; else from tags alone.
    pub heard: bool,
    /// The same for the same sound, whatever the file's name, date and tags.
    pub print: Option<i64>,
    /// Why its tags could not be read; `None`: they could, or there are none.
    pub problem: Option<String>,
}

impl Library {
    /// Every file the library knows, also failed and vanished ones.
    pub fn known(&self) -> Result<HashMap<PathBuf, KnownFile>> {
        doing("read the known files", self.read_known())
    }

    fn read_known(&self) -> rusqlite::Result<HashMap<PathBuf, KnownFile>> {
        let query =
            "SELECT path, size, modified, analysis, fault IS NOT NULL, vanished IS NOT NULL, print, changed, inode
            FROM songs";
        let mut query = self.base.prepare(query)?;
        let rows = query.query_map([], |row| {
            let (size, modified, analysis) = (row.get(1)?, row.get(2)?, row.get(3)?);
            let stamp = Stamp { size, modified, analysis, changed: row.get(7)?, inode: row.get(8)? };
            let (failed, vanished, print) = (row.get(4)?, row.get(5)?, row.get(6)?);
            Ok((path_of(row.get(0)?), KnownFile { stamp, failed, vanished, print }))
        })?;
        rows.collect()
    }

    /// Writes files, new or changed, in one transaction: all of them or none.
    pub fn put(&mut self, files: &[FileRow]) -> Result<()> {
        let put = |step: &Transaction| files.iter().try_for_each(|file| put(step, file));
        doing("write songs into the library", self.at_once(put))
    }

    /// Marks files as gone; what is known of them stays, should they come back.
    pub fn mark_vanished(&mut self, paths: &[PathBuf], now: Timestamp) -> Result<()> {
        let mark = |step: &Transaction| {
            let mut mark = step.prepare("UPDATE songs SET vanished = ?2 WHERE path = ?1")?;
            paths.iter().try_for_each(|path| mark.execute(params![bytes(path), now.as_second()]).map(drop))
        };
        doing("mark vanished songs", self.at_once(mark))
    }

    /// Marks files that are there again, unchanged.
    pub fn mark_present(&mut self, paths: &[PathBuf]) -> Result<()> {
        let mark = |step: &Transaction| {
            let mut mark = step.prepare("UPDATE songs SET vanished = NULL WHERE path = ?1")?;
            paths.iter().try_for_each(|path| mark.execute([bytes(path)]).map(drop))
        };
        doing("mark songs that came back", self.at_once(mark))
    }

    /// Follows files to new paths, with all that is known of them and was done with them.
    pub fn move_files(&mut self, moves: &[(PathBuf, PathBuf)]) -> Result<()> {
        let follow = |step: &Transaction| moves.iter().try_for_each(|(from, to)| follow(step, bytes(from), bytes(to)));
        doing("follow moved songs", self.at_once(follow))
    }

    /// Notes the stamps of files that need not be read, as they only moved or came back.
    pub fn note_stamps(&mut self, files: &[(PathBuf, Stamp)]) -> Result<()> {
        let note = |step: &Transaction| {
            let mut note = step.prepare("UPDATE songs SET changed = ?2, inode = ?3 WHERE path = ?1")?;
            let mut one = |(path, stamp): &(PathBuf, Stamp)| {
                note.execute(params![bytes(path), stamp.changed, stamp.inode]).map(drop)
            };
            files.iter().try_for_each(&mut one)
        };
        doing("note the dates of songs", self.at_once(note))
    }

    /// Follows files that took each other's places, all at once; what was known of a place that nobody takes over is
    /// kept under a name that no file can have, as that of a song that is gone.
    pub fn exchange_files(&mut self, moves: &[(PathBuf, PathBuf)], now: Timestamp) -> Result<()> {
        let exchange = |step: &Transaction| {
            for (from, _) in moves {
                follow(step, bytes(from), &aside(from))?;
            }
            for (from, to) in moves {
                put_aside(step, to, now)?;
                follow(step, &aside(from), bytes(to))?;
            }
            rusqlite::Result::Ok(())
        };
        doing("follow songs that took each other's places", self.at_once(exchange))
    }

    pub(super) fn at_once(&mut self, work: impl FnOnce(&Transaction) -> rusqlite::Result<()>) -> rusqlite::Result<()> {
        let step = self.base.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        work(&step)?;
        step.commit()
    }
}

fn put(step: &Transaction, file: &FileRow) -> rusqlite::Result<()> {
    let nothing = Details { valence: 0.5, energy: 0.5, ..Details::default() };
    let (fault, song) = match &file.found {
        Ok(details) => (None, details),
        Err(why) => (Some(why), &nothing),
    };
    // An id stays with its path, so that a changed song is still the same song.
    let mut insert = step.prepare_cached(
        "INSERT INTO songs (path, size, modified, analysis, fault, title, artist, album, genre, year, track, recording,
            seconds, tempo, key, valence, energy, certainty, heard, mood, artist_id, release, gain, valence_certainty,
            energy_certainty, print, problem, changed, inode)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
            ?24, ?25, ?26, ?27, ?28, ?29)
         ON CONFLICT (path) DO UPDATE SET size = ?2, modified = ?3, analysis = ?4, fault = ?5, vanished = NULL, title = ?6,
            artist = ?7, album = ?8, genre = ?9, year = ?10, track = ?11, recording = ?12, seconds = ?13, tempo = ?14,
            key = ?15, valence = ?16, energy = ?17, certainty = ?18, heard = ?19, mood = ?20, artist_id = ?21,
            release = ?22, gain = ?23, valence_certainty = ?24, energy_certainty = ?25, print = ?26, problem = ?27,
            changed = ?28, inode = ?29",
    )?;
    insert.execute(params![
        bytes(&file.path),
        file.stamp.size,
        file.stamp.modified,
        file.stamp.analysis,
        fault,
        song.title,
        song.artist,
        song.album,
        song.genre,
        song.year,
        song.track,
        song.recording,
        song.seconds,
        song.tempo,
        song.key,
        song.valence,
        song.energy,
        (song.valence_certainty + song.energy_certainty) / 2.0,
        song.heard,
        song.mood,
        song.artist_id,
        song.release,
        song.gain,
        song.valence_certainty,
        song.energy_certainty,
        song.print,
        song.problem,
        file.stamp.changed,
        file.stamp.inode,
    ])?;
    Ok(())
}

fn follow(step: &Transaction, from: &[u8], to: &[u8]) -> rusqlite::Result<()> {
    step.prepare_cached("UPDATE songs SET path = ?2, vanished = NULL WHERE path = ?1")?.execute([from, to])?;
    step.prepare_cached("UPDATE plays SET path = ?2 WHERE path = ?1")?.execute([from, to])?;
    // What was said of the new path is the newer word.
    step.prepare_cached("UPDATE OR IGNORE opinions SET path = ?2 WHERE path = ?1")?.execute([from, to])?;
    step.prepare_cached("UPDATE OR IGNORE corrections SET path = ?2 WHERE path = ?1")?.execute([from, to])?;
    Ok(())
}

/// Keeps what is known of a song that another one has replaced, as that of a song that is gone.
fn put_aside(step: &Transaction, path: &Path, now: Timestamp) -> rusqlite::Result<()> {
    let known: bool =
        step.query_row("SELECT EXISTS (SELECT 1 FROM songs WHERE path = ?1)", [bytes(path)], |row| row.get(0))?;
    if !known {
        return Ok(());
    }
    let left = [b"\0gone ".as_slice(), &now.as_nanosecond().to_be_bytes(), bytes(path)].concat();
    follow(step, bytes(path), &left)?;
    step.execute("UPDATE songs SET vanished = ?2 WHERE path = ?1", params![left, now.as_second()]).map(drop)
}

/// A name that no file can have.
fn aside(path: &Path) -> Vec<u8> {
    [b"\0moving ".as_slice(), bytes(path)].concat()
}

pub fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

pub fn path_of(bytes: Vec<u8>) -> PathBuf {
    OsString::from_vec(bytes).into()
}
