//! What a scan says: progress while it runs, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, IsTerminal, Write, stderr};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde::Serialize;

use crate::scan::reader::{ReadOutcome, Unreachable};
use moodring_core::text::plural::with_count;
use moodring_core::text::sanitize::escape_path;

/// Between lines of progress where there is no terminal.
const LINES_EVERY: Duration = Duration::from_secs(10);

/// What came of a scan.
#[derive(Debug, Default, Serialize)]
pub struct Summary {
    /// Music files found in the folders.
    pub found: usize,
    /// New or changed, and read now.
    pub read: usize,
    pub unchanged: usize,
    /// Found again under another path.
    pub moved: usize,
    /// Gone from the folders since the last scan.
    pub vanished: usize,
    /// Gone before, and there again.
    pub returned: usize,
    /// Read now, but by their tags only: how many of each ending.
    pub by_tags_only: BTreeMap<String, usize>,
    /// Read now, but their tags could not be read: title and artist are those of file and folder.
    pub tags_unreadable: usize,
    /// Read now, and skipped.
    pub failed: Vec<Failure>,
    /// Could not be reached now; what was known of them is kept, and the next scan tries them again.
    pub unreachable: Vec<Failure>,
    /// Failed in an earlier scan and unchanged since.
    pub failed_before: usize,
    /// What a listener should know: folders that could not be read, and the like.
    pub notes: Vec<String>,
    /// Songs in the library now.
    pub songs: u64,
    pub seconds: f32,
}

#[derive(Debug, Serialize)]
pub struct Failure {
    pub path: String,
    pub why: String,
}

impl Failure {
    fn new(path: &Path, why: &str) -> Self {
        Self { path: escape_path(path), why: why.into() }
    }
}

impl Summary {
    /// Counts a file that was to be read now.
    pub fn count(&mut self, outcome: &ReadOutcome) {
        let file = match outcome {
            ReadOutcome::Read(file) => file,
            ReadOutcome::Unreachable(file) => return self.unreachable.push(Failure::new(&file.path, &file.why)),
        };
        self.read += 1;
        let has_problem = file.found.as_ref().is_ok_and(|details| details.problem.is_some());
        self.tags_unreadable += usize::from(has_problem);
        match &file.found {
            Ok(details) if details.heard => {}
            Ok(_) => *self.by_tags_only.entry(ending(&file.path)).or_default() += 1,
            Err(why) => self.failed.push(Failure::new(&file.path, why)),
        }
    }

    /// In words, for people.
    pub fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let music = self.read - self.failed.len();
        writeln!(
            out,
            "{} music files: {music} read, {} unchanged, {} moved, {} skipped, {} gone, {} back, in {:.1} s",
            self.found,
            self.unchanged,
            self.moved,
            self.failed.len() + self.failed_before,
            self.vanished,
            self.returned,
            self.seconds
        )?;
        if !self.by_tags_only.is_empty() {
            let kinds: Vec<_> = self.by_tags_only.iter().map(|(ending, count)| format!("{count} {ending}")).collect();
            writeln!(out, "by their tags only, as they cannot be decoded or are very large: {}", kinds.join(", "))?;
        }
        if self.tags_unreadable > 0 {
            let files = with_count(self.tags_unreadable, "file");
            writeln!(out, "the tags of {files} could not be read; `moodring library --problems` lists them")?;
        }
        if let Some(Failure { path, why }) = self.unreachable.first() {
            let files = with_count(self.unreachable.len(), "file");
            writeln!(out, "{files} could not be reached, for instance {path}: {why}; the next scan tries again")?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "{note}"))?;
        writeln!(out, "the library holds {}", with_count(self.songs as usize, "song"))
    }
}

fn ending(path: &Path) -> String {
    path.extension().map_or("without ending".into(), |ending| ending.to_string_lossy().to_lowercase())
}

/// A bar on a terminal, a line now and then elsewhere; both on stderr.
pub struct Progress {
    bar: ProgressBar,
    total: usize,
    done: usize,
    started: Instant,
    told: Instant,
}

impl Progress {
    pub fn new(total: usize, now: Instant) -> Self {
        let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} songs, {rate} a second, {eta} left");
        let rate = |state: &ProgressState, text: &mut dyn fmt::Write| {
            write!(text, "{:.1}", state.per_sec()).expect("a bar is written into memory");
        };
        bar.set_style(style.expect("the template is a constant that was seen to work").with_key("rate", rate));
        Self { bar, total, done: 0, started: now, told: now }
    }

    /// One more file is done.
    pub fn step(&mut self, outcome: &ReadOutcome, now: Instant) {
        self.done += 1;
        match outcome {
            ReadOutcome::Unreachable(Unreachable { path, why }) => {
                self.say(&format!("could not reach {}: {why}", escape_path(path)));
            }
            ReadOutcome::Read(file) => {
                if let Err(why) = &file.found {
                    self.say(&format!("skipped {}: {why}", escape_path(&file.path)));
                }
            }
        }
        self.bar.inc(1);
        if !stderr().is_terminal() && now - self.told >= LINES_EVERY {
            self.told = now;
            let rate = self.done as f32 / (now - self.started).as_secs_f32();
            let left = (self.total - self.done) as f32 / rate;
            eprintln!("{}/{} songs, {rate:.1} a second, {left:.0} s left", self.done, self.total);
        }
    }

    /// A line that does not tear the bar.
    pub fn say(&self, line: &str) {
        self.bar.suspend(|| eprintln!("{line}"));
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
