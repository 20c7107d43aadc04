//! Analysis of one frame: its faces and their expression scores.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::frame::Frame;
use crate::inference::crop::{GreyImage, Place};
use crate::inference::engine::Backend;
use crate::inference::expression::{self, Classifier};
use crate::inference::face::{Detection, Detector, Search};
use crate::inference::models;
use moodring_core::domain::observation::{DetectedFace, FrameResult, Timing};
use moodring_core::mood::Scores;

/// The largest faces are read; in a crowd the others are too small to matter.
const MAX_FACES: usize = 8;
/// Side, in pixels, of the crop in which sharpness and brightness are measured.
const MEASURED_SIDE: usize = 64;

/// The networks, loaded.
pub struct FaceAnalyzer {
    backend: Backend,
    detector: Detector,
    classifier: Classifier,
}

impl FaceAnalyzer {
    /// Loads the networks that every look needs; the other one is loaded from memory when it is. After this no file is opened
    /// and no thread started, so the sandbox can be completed.
    pub fn open() -> Result<Self> {
        Self::with_backend(Backend::choose()?)
    }

    /// Like [`FaceAnalyzer::open`], run by a backend of the caller's choice.
    pub fn with_backend(backend: Backend) -> Result<Self> {
        Ok(Self { backend, detector: models::detector(backend)?, classifier: models::classifier(backend)? })
    }

    /// The backend with its version, for example "rten 0.27".
    pub fn engine(&self) -> &str {
        self.backend.name()
    }

    /// Finds faces and reads their expressions. `capture_ms` is copied into the result.
    pub fn analyze(&mut self, frame: &Frame, number: u32, capture_ms: f32) -> Result<FrameResult> {
        let whole = frame.width > 0 && frame.height > 0;
        let bytes = 3 * frame.width as usize * frame.height as usize;
        ensure!(
            whole && frame.rgb.len() == bytes,
            "a frame of {}x{} has {} bytes",
            frame.width,
            frame.height,
            frame.rgb.len()
        );
        let started = Instant::now();
        let Search { faces: mut found, brightness } = self.detector.find(frame)?;
        found.truncate(MAX_FACES);
        let detected = Instant::now();
        let scores = self.read_scores(frame, &found)?;
        let faces = found.iter().zip(scores).map(|(face, scores)| describe(frame, face, scores)).collect();
        let detection = (detected - started).as_secs_f32() * 1e3;
        let ms = Timing { capture: capture_ms, detection, classification: detected.elapsed().as_secs_f32() * 1e3 };
        Ok(FrameResult { frame: number, size: [frame.width, frame.height], brightness, faces, ms })
    }

    fn read_scores(&mut self, frame: &Frame, found: &[Detection]) -> Result<Vec<Scores>> {
        let cut = |face: &Detection| GreyImage::cut(frame, &Place::of(face), expression::SIDE);
        let faces: Vec<GreyImage> = found.iter().map(cut).collect();
        Ok(self.classifier.read(&faces)?.iter().map(expression::Reading::scores).collect())
    }
}

fn describe(frame: &Frame, found: &Detection, scores: Scores) -> DetectedFace {
    let longer = found.size[0].max(found.size[1]);
    let place = Place { centre: found.centre, scale: longer / MEASURED_SIDE as f32, angle: 0.0 };
    let grey = GreyImage::cut(frame, &place, MEASURED_SIDE);
    DetectedFace {
        bounds: found.bounds(),
        confidence: found.confidence,
        sharpness: grey.sharpness(),
        brightness: grey.brightness(),
        turn: found.turn(),
        scores,
    }
}
