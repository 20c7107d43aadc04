//! The engines that run networks: ONNX Runtime if the machine has it, else rten, which is part of the program.

pub mod library;
mod onnxruntime;
mod rten;

use std::borrow::Cow;

use anyhow::{Result, anyhow, ensure};

use crate::inference::engine::library::SharedLibrary;
use crate::inference::engine::onnxruntime::OnnxRuntime;
use crate::inference::engine::rten::Rten;
use moodring_core::error::{usage_error, user_error};

/// Numbers, with the last dimension innermost.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// An engine. Both give the same numbers to 1e-4 (`tests/models.rs`).
#[derive(Clone, Copy)]
pub enum Backend {
    Rten,
    OnnxRuntime(&'static SharedLibrary),
}

impl Backend {
    /// ONNX Runtime if a library is found, else rten; `MOODRING_ENGINE` (`rten` or `onnxruntime`) forces one.
    pub fn choose() -> Result<Self> {
        match std::env::var("MOODRING_ENGINE").as_deref() {
            Err(_) | Ok("") => Ok(library::find().map_or(Self::Rten, Self::OnnxRuntime)),
            Ok("rten") => Ok(Self::Rten),
            Ok("onnxruntime") => library::find().map(Self::OnnxRuntime).ok_or_else(|| {
                let hint =
                    "set ORT_DYLIB_PATH to a libonnxruntime.so of version 1.17 or newer, or unset MOODRING_ENGINE";
                user_error("MOODRING_ENGINE asks for onnxruntime, but no usable library was found", hint)
            }),
            Ok(other) => Err(usage_error(
                format!("invalid value {other} for MOODRING_ENGINE"),
                "set it to rten or onnxruntime, or unset it",
            )),
        }
    }

    /// Name and version, and where it was found: "rten 0.27", "ONNX Runtime 1.32.0 (/usr/lib/libonnxruntime.so)".
    pub fn name(&self) -> &str {
        match self {
            Self::Rten => "rten 0.27",
            Self::OnnxRuntime(library) => &library.name,
        }
    }
}

/// A loaded network with one input. Runs on one thread.
pub struct Engine(Loaded);

enum Loaded {
    Rten(Box<Rten>),
    OnnxRuntime(Box<OnnxRuntime>),
}

impl Engine {
    /// Reads an ONNX file's bytes and checks that it has these names; an error says what is wrong with it.
    pub fn load(backend: Backend, model: Cow<'static, [u8]>, input: &str, outputs: &[&str]) -> Result<Self> {
        Ok(Self(match backend {
            Backend::Rten => Loaded::Rten(Box::new(Rten::load(model, input, outputs)?)),
            Backend::OnnxRuntime(library) => {
                Loaded::OnnxRuntime(Box::new(OnnxRuntime::load(library, &model, input, outputs)?))
            }
        }))
    }

    /// Runs the network on `values` of the given shape; the outputs come in the order that [`Engine::load`] was given.
    pub fn run(&mut self, values: &[f32], shape: &[usize]) -> Result<Vec<Tensor>> {
        ensure!(shape.iter().product::<usize>() == values.len(), "{} values do not fill {shape:?}", values.len());
        match &mut self.0 {
            Loaded::Rten(rten) => rten.run(values, shape),
            Loaded::OnnxRuntime(session) => session.run(values, shape),
        }
    }
}

fn unreadable(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("not a readable network: {error}")
}

fn missing(kind: &str, name: &str) -> anyhow::Error {
    anyhow!("the network has no {kind} called {name}")
}
