//! What a look says: lines of JSON for programs, words and bars for people, or the picture itself into a terminal.

pub mod picture;
pub mod words;

use std::io::{self, Write, stdout};

use anyhow::Result;
use serde::Serialize;

use crate::frame::Frame;
use crate::protocol::{Header, OutputLine};
use moodring_core::domain::observation::{CaptureError, FrameResult};
use moodring_core::mood::Scores;
use moodring_core::mood::baseline::{Baseline, Baselines};

/// How a look speaks.
#[derive(Clone, Debug)]
pub struct Reporter {
    pub json: bool,
    pub show: bool,
    /// What is known of the owner's face at rest; `None`: only what the networks say is told.
    pub known: Option<Baselines>,
    baseline: Baseline,
}

/// A sighting, and its faces' scores with the owner's face at rest taken off.
#[derive(Serialize)]
struct CorrectedFrame<'a> {
    #[serde(flatten)]
    seen: &'a FrameResult,
    corrected: Vec<Scores>,
}

impl Reporter {
    pub fn new(json: bool, show: bool, known: Option<Baselines>) -> Self {
        Self { json, show, known, baseline: Baseline::default() }
    }

    pub fn begin(&mut self, look: Header) -> Result<()> {
        if let Some(gap) = look.sandbox.gap() {
            eprintln!("moodring: {gap}");
        }
        if let Some(known) = &self.known {
            self.baseline = known.get(&look.lasting_name).cloned().unwrap_or_default();
        }
        if self.show && self.canvas().is_none() {
            eprintln!("moodring: no picture is drawn: {}", picture::WANTED);
        }
        if self.json {
            say(&OutputLine::Header { look })?;
        } else if self.canvas().is_some() {
            write(b"\x1b[2J")?;
        } else {
            write(format!("looking at {} with {}\n", look.camera, look.engine).as_bytes())?;
        }
        Ok(())
    }

    pub fn tell(&self, frame: &Frame, seen: FrameResult) -> Result<()> {
        let corrected = || seen.faces.iter().map(|face| self.baseline.correct(&face.scores)).collect();
        let corrected: Option<Vec<Scores>> = self.known.as_ref().map(|_| corrected());
        if self.json {
            return match corrected {
                Some(corrected) => say(&CorrectedFrame { seen: &seen, corrected }),
                None => say(&OutputLine::FrameResult(seen)),
            };
        }
        let text = match self.canvas() {
            Some(canvas) => picture::draw(frame, &seen, canvas),
            None => words::frame(&seen, corrected.as_deref()),
        };
        Ok(write(text.as_bytes())?)
    }

    fn canvas(&self) -> Option<(u16, u16)> {
        self.show.then(picture::canvas).flatten()
    }

    /// The last word of a look that could not go on. Nobody may be left to hear it.
    pub fn complain(&self, trouble: &CaptureError) {
        let _ = if self.json {
            say(&OutputLine::CaptureError(trouble.clone()))
        } else {
            writeln!(io::stderr().lock(), "moodring: {trouble}\nhint: {}", words::find_hint(trouble))
                .map_err(Into::into)
        };
    }
}

fn say(line: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    Ok(write(text.as_bytes())?)
}

/// Not `print!`, which panics when the reader has gone.
fn write(text: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text)?;
    out.flush()
}
