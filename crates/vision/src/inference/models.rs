//! The networks: part of the program, or the owner's own from a folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::frame::Frame;
use crate::inference::crop::GreyImage;
use crate::inference::engine::Backend;
use crate::inference::expression::{self, Classifier};
use crate::inference::face::Detector;
use moodring_core::error::user_error;

/// A network's file name, and the program's own bytes.
type ModelFile = (&'static str, &'static [u8]);

const FACE: ModelFile = ("face.onnx", include_bytes!("../../../../models/face.onnx"));
const NEAR: ModelFile = ("face-near.onnx", include_bytes!("../../../../models/face-near.onnx"));
const EXPRESSION: ModelFile = ("expression.onnx", include_bytes!("../../../../models/expression.onnx"));

const HINT: &str = "MOODRING_MODELS names a folder with face.onnx, expression.onnx and, if you like, face-near.onnx; unset it to use the program's own";

/// File names and bytes of the program's own networks.
pub fn sizes() -> [(&'static str, usize); 3] {
    [FACE, NEAR, EXPRESSION].map(|(name, bytes)| (name, bytes.len()))
}

/// The face detector of the program, or of the folder in `MOODRING_MODELS`, where `face-near.onnx` may be missing.
pub fn detector(backend: Backend) -> Result<Detector> {
    let Some(folder) = folder() else {
        return ours(Detector::load(backend, Some(Cow::Borrowed(NEAR.1)), Cow::Borrowed(FACE.1)));
    };
    let far = bytes(&folder, FACE)?;
    let alone = tried(&folder, FACE, Detector::load(backend, None, far.clone()), look)?;
    if !folder.join(NEAR.0).exists() {
        return Ok(alone);
    }
    tried(&folder, NEAR, Detector::load(backend, Some(bytes(&folder, NEAR)?), far), look)
}

/// The expression network of the program, or of the folder in `MOODRING_MODELS`.
pub fn classifier(backend: Backend) -> Result<Classifier> {
    let Some(folder) = folder() else { return ours(Classifier::load(backend, Cow::Borrowed(EXPRESSION.1))) };
    let side = expression::SIDE;
    let read =
        |classifier: &mut Classifier| classifier.read(&[GreyImage { side, pixels: vec![0.0; side * side] }]).map(drop);
    tried(&folder, EXPRESSION, Classifier::load(backend, bytes(&folder, EXPRESSION)?), read)
}

/// Asks the network that searches first.
fn look(detector: &mut Detector) -> Result<()> {
    detector.find(&Frame { width: 8, height: 8, rgb: vec![0; 3 * 8 * 8] }).map(drop)
}

/// The owner's own networks.
fn folder() -> Option<PathBuf> {
    std::env::var_os("MOODRING_MODELS").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn bytes(folder: &Path, (name, _): ModelFile) -> Result<Cow<'static, [u8]>> {
    let file = folder.join(name);
    let bytes = std::fs::read(&file);
    Ok(Cow::Owned(bytes.map_err(|error| user_error(format!("cannot read {}: {error}", file.display()), HINT))?))
}

fn ours<T>(network: Result<T>) -> Result<T> {
    network.context("a network of this program cannot be used")
}

/// The owner's own network is tried at once: one of the wrong shape would only show in the first look.
fn tried<T>(
    folder: &Path,
    (name, _): ModelFile,
    network: Result<T>,
    trial: impl FnOnce(&mut T) -> Result<()>,
) -> Result<T> {
    let network = network.and_then(|mut network| trial(&mut network).map(|()| network));
    network.map_err(|error| user_error(format!("{} cannot be used: {error:#}", folder.join(name).display()), HINT))
}
