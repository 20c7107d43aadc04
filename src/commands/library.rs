//! `moodring library`: what is in the library, what is not, and where its songs lie in the plane.

pub mod plane;
pub mod restore;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

use crate::commands::library::plane::Plane;
use moodring_core::domain::song::Song;
use moodring_core::text::plural::with_count;
use moodring_core::text::sanitize::escape_path;
use moodring_core::text::sanitize::sanitize_line;
use moodring_music::library::{Counts, Library};
use moodring_platform::folders;

/// Failures that are listed in words; `--json` has them all.
const LISTED: usize = 10;
/// Certainty of a certain place, as the mean over both axes: 0.5 is a guess, 1 is sure.
const CERTAIN: f32 = 0.75;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    action: Option<LibraryAction>,
    /// List every file that could not be read
    #[arg(long)]
    failures: bool,
    /// List every song whose tags could not be read, and every file that could not be read
    #[arg(long)]
    problems: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum LibraryAction {
    /// Put a backup in the library's place, for instance after the file was damaged
    Restore(restore::RestoreArgs),
}

#[derive(Debug, Serialize)]
struct Overview {
    #[serde(flatten)]
    counts: Counts,
    artists: usize,
    albums: usize,
    hours: f32,
    /// Songs by genre, the most frequent first.
    genres: Vec<(String, usize)>,
    /// Songs whose place is more than a guess.
    certain: usize,
    /// Folders that were scanned and are watched.
    #[serde(serialize_with = "moodring_core::domain::address::json::all::serialize")]
    folders: Vec<PathBuf>,
    failures: Vec<Failure>,
    /// Songs whose tags could not be read.
    tag_problems: Vec<Failure>,
    plane: Plane,
}

#[derive(Debug, Serialize)]
struct Failure {
    #[serde(serialize_with = "moodring_core::domain::address::json::one::serialize")]
    path: PathBuf,
    why: String,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    if let Some(LibraryAction::Restore(args)) = &args.action {
        return restore::run(args);
    }
    let library = Library::open(&folders::library_file()?)?;
    let overview = Overview::of(&library)?;
    let mut out = io::stdout().lock();
    if args.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&overview)?)?;
    } else if args.problems {
        write!(out, "{}", overview.problems())?;
    } else {
        write!(out, "{}", overview.in_words(args.failures))?;
    }
    Ok(ExitCode::SUCCESS)
}

impl Overview {
    fn of(library: &Library) -> Result<Self> {
        let songs = library.songs(Timestamp::now())?;
        let distinct = |of: fn(&Song) -> &str| {
            songs.iter().map(of).filter(|name| !name.is_empty()).collect::<std::collections::HashSet<_>>().len()
        };
        let all = |files: Vec<(PathBuf, String)>| files.into_iter().map(|(path, why)| Failure { path, why }).collect();
        let (failures, tag_problems) = (all(library.failures()?), all(library.tag_problems()?));
        Ok(Self {
            counts: library.counts()?,
            artists: distinct(|song| &song.artist),
            albums: distinct(|song| &song.album),
            hours: songs.iter().map(|song| song.seconds).sum::<f32>() / 3600.0,
            genres: genres(&songs),
            certain: songs.iter().filter(|song| song.certainty >= CERTAIN).count(),
            folders: library.folders()?,
            failures,
            tag_problems,
            plane: Plane::new(songs.iter().map(|song| (song.valence, song.energy))),
        })
    }

    fn in_words(&self, all_failures: bool) -> String {
        if self.counts.songs == 0 && self.failures.is_empty() {
            return "the library is empty: run `moodring scan`, or `moodring scan FOLDER`\n".into();
        }
        let Counts { songs, by_tags_only, vanished, plays, likes, dislikes, .. } = self.counts;
        let mut lines = vec![
            format!(
                "{} of {} on {}, {:.1} hours",
                with_count(songs as usize, "song"),
                with_count(self.artists, "artist"),
                with_count(self.albums, "album"),
                self.hours
            ),
            format!(
                "{} listened to, {by_tags_only} known by their tags only; {} with a certain place",
                songs - by_tags_only,
                self.certain
            ),
            [(plays, "play"), (likes, "like"), (dislikes, "dislike")]
                .map(|(n, what)| with_count(n as usize, what))
                .join(", "),
        ];
        lines.extend(
            (vanished > 0).then(|| format!("{vanished} gone from the disk, and remembered should they come back")),
        );
        let named: Vec<_> =
            self.genres.iter().take(8).map(|(genre, count)| format!("{} {count}", sanitize_line(genre))).collect();
        lines.extend((!named.is_empty()).then(|| format!("genres: {}", named.join(", "))));
        let watched: Vec<_> = self.folders.iter().map(|folder| escape_path(folder)).collect();
        lines.extend((!watched.is_empty()).then(|| format!("folders: {}", watched.join(", "))));
        lines.push(self.plane.drawn());
        lines.extend(self.failed(if all_failures { usize::MAX } else { LISTED }));
        lines.join("\n") + "\n"
    }

    /// What is wrong with files, one line each.
    fn problems(&self) -> String {
        let line =
            |what: &str, file: &Failure| format!("{}: {what}{}\n", escape_path(&file.path), sanitize_line(&file.why));
        let tags = self.tag_problems.iter().map(|file| line("its tags could not be read: ", file));
        let all: String = tags.chain(self.failures.iter().map(|file| line("", file))).collect();
        if all.is_empty() { "no problems: every file and its tags could be read\n".into() } else { all }
    }

    fn failed(&self, most: usize) -> Vec<String> {
        let count = self.failures.len();
        let heading = (count > 0).then(|| format!("{} could not be read:", with_count(count, "file")));
        let line = |failure: &Failure| format!("  {}: {}", escape_path(&failure.path), sanitize_line(&failure.why));
        let more = (count > most).then(|| format!("  and {} more: `moodring library --failures`", count - most));
        heading.into_iter().chain(self.failures.iter().take(most).map(line)).chain(more).collect()
    }
}

fn genres(songs: &[Song]) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<&str, usize>::new();
    for genre in songs.iter().flat_map(|song| song.genre.split(", ")).filter(|genre| !genre.is_empty()) {
        *counts.entry(genre).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().map(|(genre, count)| (genre.to_owned(), count)).collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
