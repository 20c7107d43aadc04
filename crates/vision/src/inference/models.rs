//! The networks: built into the program, or the user's own from a folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::frame::Frame;
use crate::inference::crop::GreyImage;
use crate::inference::engine::Backend;
use crate::inference::expression::{self, Classifier};
use crate::inference::face::Detector;
use moodring_core::error::user_error;

/// A network's file name, and its built-in bytes.
type ModelFile = (&'static str, &'static [u8]);

const FACE: ModelFile = ("face.onnx", include_bytes!("../../../../models/face.onnx"));
const NEAR: ModelFile = ("face-near.onnx", include_bytes!("../../../../models/face-near.onnx"));
const EXPRESSION: ModelFile = ("expression.onnx", include_bytes!("../../../../models/expression.onnx"));

const HINT: &str = "MOODRING_MODELS names a folder with face.onnx, expression.onnx and, optionally, face-near.onnx; unset it to use the built-in networks";

/// File names and sizes in bytes of the built-in networks.
pub fn sizes() -> [(&'static str, usize); 3] {
    [FACE, NEAR, EXPRESSION].map(|(name, bytes)| (name, bytes.len()))
}

/// The built-in face detector, or the one in the folder `MOODRING_MODELS`, where `face-near.onnx` is optional.
pub fn detector(backend: Backend) -> Result<Detector> {
    let Some(folder) = folder() else {
        return describe_built_in(Detector::load(backend, Some(Cow::Borrowed(NEAR.1)), Cow::Borrowed(FACE.1)));
    };
    let far = bytes(&folder, FACE)?;
    let alone = load_and_try(&folder, FACE, Detector::load(backend, None, far.clone()), look)?;
    if !folder.join(NEAR.0).exists() {
        return Ok(alone);
    }
    load_and_try(&folder, NEAR, Detector::load(backend, Some(bytes(&folder, NEAR)?), far), look)
}

/// The built-in expression network, or the one in the folder `MOODRING_MODELS`.
pub fn classifier(backend: Backend) -> Result<Classifier> {
    let Some(folder) = folder() else {
        return describe_built_in(Classifier::load(backend, Cow::Borrowed(EXPRESSION.1)));
    };
    let side = expression::SIDE;
    let read =
        |classifier: &mut Classifier| classifier.read(&[GreyImage { side, pixels: vec![0.0; side * side] }]).map(drop);
    load_and_try(&folder, EXPRESSION, Classifier::load(backend, bytes(&folder, EXPRESSION)?), read)
}

/// Asks the network that searches first.
fn look(detector: &mut Detector) -> Result<()> {
    detector.find(&Frame { width: 8, height: 8, rgb: vec![0; 3 * 8 * 8] }).map(drop)
}

/// The folder of the user's own networks.
fn folder() -> Option<PathBuf> {
    std::env::var_os("MOODRING_MODELS").filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn bytes(folder: &Path, (name, _): ModelFile) -> Result<Cow<'static, [u8]>> {
    let file = folder.join(name);
    let bytes = std::fs::read(&file);
    Ok(Cow::Owned(bytes.map_err(|error| user_error(format!("cannot read {}: {error}", file.display()), HINT))?))
}

fn describe_built_in<T>(network: Result<T>) -> Result<T> {
    network.context("a built-in network cannot be used")
}

/// Tries a network of the user at once; otherwise a wrong shape would fail in the first look.
fn load_and_try<T>(
    folder: &Path,
    (name, _): ModelFile,
    network: Result<T>,
    trial: impl FnOnce(&mut T) -> Result<()>,
) -> Result<T> {
    let network = network.and_then(|mut network| trial(&mut network).map(|()| network));
    network.map_err(|error| user_error(format!("{} cannot be used: {error:#}", folder.join(name).display()), HINT))
}
