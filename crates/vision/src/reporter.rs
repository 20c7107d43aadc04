//! Output of a look: JSON lines for programs, text for people, or the picture itself on a terminal.

mod picture;
pub mod words;

use std::io::{self, Write, stdout};

use anyhow::Result;
use serde::Serialize;

use crate::frame::Frame;
use crate::protocol::{Header, OutputLine};
use moodring_core::domain::observation::{CaptureError, FrameResult};
use moodring_core::mood::Scores;
use moodring_core::mood::baseline::{Baseline, Baselines};

/// Writes the results of a look to standard output.
#[derive(Clone, Debug)]
pub struct Reporter {
    json: bool,
    show: bool,
    /// Baselines of the user by camera; `None`: only the raw scores are reported.
    baselines: Option<Baselines>,
    baseline: Baseline,
}

/// A frame result with the scores of its faces after the baseline was subtracted.
#[derive(Serialize)]
struct CorrectedFrame<'a> {
    #[serde(flatten)]
    seen: &'a FrameResult,
    corrected: Vec<Scores>,
}

impl Reporter {
    pub fn new(json: bool, show: bool, baselines: Option<Baselines>) -> Self {
        Self { json, show, baselines, baseline: Baseline::default() }
    }

    pub(crate) fn report_header(&mut self, look: Header) -> Result<()> {
        if let Some(gap) = look.sandbox.gap() {
            eprintln!("moodring: {gap}");
        }
        if let Some(baselines) = &self.baselines {
            self.baseline = baselines.get(&look.lasting_name).cloned().unwrap_or_default();
        }
        if self.show && self.find_canvas().is_none() {
            eprintln!("moodring: no picture is drawn: {}", picture::WANTED);
        }
        if self.json {
            write_json(&OutputLine::Header { look })?;
        } else if self.find_canvas().is_some() {
            write(b"\x1b[2J")?;
        } else {
            write(format!("looking at {} with {}\n", look.camera, look.engine).as_bytes())?;
        }
        Ok(())
    }

    pub fn report(&self, frame: &Frame, seen: FrameResult) -> Result<()> {
        let corrected = || seen.faces.iter().map(|face| self.baseline.correct(&face.scores)).collect();
        let corrected: Option<Vec<Scores>> = self.baselines.as_ref().map(|_| corrected());
        if self.json {
            return match corrected {
                Some(corrected) => write_json(&CorrectedFrame { seen: &seen, corrected }),
                None => write_json(&OutputLine::FrameResult(seen)),
            };
        }
        let text = match self.find_canvas() {
            Some(canvas) => picture::draw(frame, &seen, canvas),
            None => words::frame(&seen, corrected.as_deref()),
        };
        Ok(write(text.as_bytes())?)
    }

    fn find_canvas(&self) -> Option<(u16, u16)> {
        self.show.then(picture::canvas).flatten()
    }

    /// Reports the error that ended the look. A closed output is ignored.
    pub fn report_error(&self, error: &CaptureError) {
        let _ = if self.json {
            write_json(&OutputLine::CaptureError(error.clone()))
        } else {
            writeln!(io::stderr().lock(), "moodring: {error}\nhint: {}", words::find_hint(error)).map_err(Into::into)
        };
    }
}

fn write_json(line: &impl Serialize) -> Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    Ok(write(text.as_bytes())?)
}

/// Unlike `print!`, returns an error if the output is closed.
fn write(text: &[u8]) -> io::Result<()> {
    let mut out = stdout().lock();
    out.write_all(text)?;
    out.flush()
}
