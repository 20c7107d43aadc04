//! The networks: part of the program, or the owner's own from a folder.

use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::crop::Grey;
use super::engine::Backend;
use super::expression::{self, Classifier};
use super::face::{self, Detector};
use super::frame::Frame;
use super::letterbox::Letterbox;
use crate::fault::fault;

const FACE: (&str, &[u8]) = ("face.onnx", include_bytes!("../../models/face.onnx"));
const EXPRESSION: (&str, &[u8]) = ("expression.onnx", include_bytes!("../../models/expression.onnx"));

/// File names and bytes of the program's own networks.
pub fn sizes() -> [(&'static str, usize); 2] {
    [FACE, EXPRESSION].map(|(name, bytes)| (name, bytes.len()))
}

/// The face detector of the program, or of the folder in `MOODRING_MODELS`.
pub fn detector(backend: Backend) -> Result<Detector> {
    load(
        FACE,
        |bytes| Detector::load(backend, bytes),
        |detector| {
            let frame = Frame { width: 8, height: 8, rgb: vec![0; 3 * 8 * 8] };
            detector.find(&frame, &Letterbox::new(&frame, face::SIDE)).map(drop)
        },
    )
}

/// The expression network of the program, or of the folder in `MOODRING_MODELS`.
pub fn classifier(backend: Backend) -> Result<Classifier> {
    load(
        EXPRESSION,
        |bytes| Classifier::load(backend, bytes),
        |classifier| {
            let side = expression::SIDE;
            classifier.read(&[Grey { side, pixels: vec![0.0; side * side] }]).map(drop)
        },
    )
}

/// The owner's own network is tried at once: one of the wrong shape would only show in the first look.
fn load<T>(
    (name, ours): (&str, &'static [u8]),
    read: impl FnOnce(Cow<'static, [u8]>) -> Result<T>,
    probe: impl FnOnce(&mut T) -> Result<()>,
) -> Result<T> {
    let Some(folder) = std::env::var_os("MOODRING_MODELS").filter(|folder| !folder.is_empty()) else {
        return read(Cow::Borrowed(ours)).with_context(|| format!("the network {name} of this program cannot be used"));
    };
    let file = PathBuf::from(folder).join(name);
    let hint = "MOODRING_MODELS names a folder with face.onnx and expression.onnx; unset it to use the program's own";
    let bytes =
        std::fs::read(&file).map_err(|error| fault(format!("cannot read {}: {error}", file.display()), hint))?;
    let network = read(Cow::Owned(bytes)).and_then(|mut network| probe(&mut network).map(|()| network));
    network.map_err(|error| fault(format!("{} cannot be used: {error:#}", file.display()), hint))
}
