//! The networks: part of the program, or the owner's own from a folder.

use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::engine::Backend;
use super::expression::Classifier;
use super::face::Detector;
use crate::fault::{Fault, fault};

const FACE: (&str, &[u8]) = ("face.onnx", include_bytes!("../../models/face.onnx"));
const EXPRESSION: (&str, &[u8]) = ("expression.onnx", include_bytes!("../../models/expression.onnx"));

/// File names and bytes of the program's own networks.
pub fn sizes() -> [(&'static str, usize); 2] {
    [FACE, EXPRESSION].map(|(name, bytes)| (name, bytes.len()))
}

/// The face detector of the program, or of the folder in `MOODRING_MODELS`.
pub fn detector(backend: Backend) -> Result<Detector> {
    load(FACE, |bytes| Detector::load(backend, bytes))
}

/// The expression network of the program, or of the folder in `MOODRING_MODELS`.
pub fn classifier(backend: Backend) -> Result<Classifier> {
    load(EXPRESSION, |bytes| Classifier::load(backend, bytes))
}

fn load<T>((name, ours): (&str, &'static [u8]), read: impl FnOnce(Cow<'static, [u8]>) -> Result<T>) -> Result<T> {
    let Some(folder) = std::env::var_os("MOODRING_MODELS").filter(|folder| !folder.is_empty()) else {
        return read(Cow::Borrowed(ours)).with_context(|| format!("the network {name} of this program cannot be used"));
    };
    let file = PathBuf::from(folder).join(name);
    let hint = "MOODRING_MODELS names a folder with face.onnx and expression.onnx; unset it to use the program's own";
    let bytes =
        std::fs::read(&file).map_err(|error| fault(format!("cannot read {}: {error}", file.display()), hint))?;
    read(Cow::Owned(bytes)).map_err(|error| {
        let what = format!("{} cannot be used: {error:#}", file.display());
        Fault { what, hint: hint.into(), usage: false }.into()
    })
}
