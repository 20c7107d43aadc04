//! Running a network: ONNX Runtime where the machine has it, else rten, which is part of the program.

use std::borrow::Cow;

use anyhow::{Context, Result, anyhow, bail, ensure};
use ort::session::Session;
use ort::value::TensorRef;
use rten::{Model, NodeId, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{Tensor as RtenTensor, TensorView};

use super::runtime::{self, Runtime};
use crate::fault::{fault, usage};

/// Numbers in rows, the last dimension innermost.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// What runs the networks. Both give the same numbers to 1e-4 (`tests/models.rs`).
#[derive(Clone, Copy)]
pub enum Backend {
    Rten,
    OnnxRuntime(&'static Runtime),
}

impl Backend {
    /// ONNX Runtime when a library is found, else rten; `MOODRING_ENGINE` (`rten` or `onnxruntime`) forces one.
    pub fn choose() -> Result<Self> {
        match std::env::var("MOODRING_ENGINE").as_deref() {
            Err(_) | Ok("") => Ok(runtime::find().map_or(Self::Rten, Self::OnnxRuntime)),
            Ok("rten") => Ok(Self::Rten),
            Ok("onnxruntime") => runtime::find().map(Self::OnnxRuntime).ok_or_else(|| {
                let hint =
                    "set ORT_DYLIB_PATH to a libonnxruntime.so of version 1.17 or newer, or unset MOODRING_ENGINE";
                fault("MOODRING_ENGINE asks for onnxruntime, but no usable library was found", hint)
            }),
            Ok(other) => {
                Err(usage(format!("MOODRING_ENGINE={other} is not known"), "it can be rten or onnxruntime, or unset"))
            }
        }
    }

    /// Name and version, and where it was found: "rten 0.27", "ONNX Runtime 1.32.0 (/usr/lib/libonnxruntime.so)".
    pub fn name(&self) -> &str {
        match self {
            Self::Rten => "rten 0.27",
            Self::OnnxRuntime(runtime) => &runtime.name,
        }
    }
}

/// A loaded network with one input. Runs on one thread.
pub struct Engine {
    loaded: Loaded,
    outputs: Vec<String>,
}

enum Loaded {
    Rten { model: Box<Model>, input: NodeId, outputs: Vec<NodeId> },
    OnnxRuntime(Box<Session>),
}

impl Engine {
    /// Reads an ONNX file's bytes and checks that it has these names; an error says what is wrong with it.
    pub fn load(backend: Backend, model: Cow<'static, [u8]>, input: &str, outputs: &[&str]) -> Result<Self> {
        let loaded = match backend {
            Backend::Rten => rten_model(model, input, outputs)?,
            Backend::OnnxRuntime(runtime) => session(runtime, &model, input, outputs)?,
        };
        Ok(Self { loaded, outputs: outputs.iter().map(|&name| name.to_owned()).collect() })
    }

    /// Runs the network on `values` of the given shape; the outputs come in the order that [`Engine::load`] was given.
    pub fn run(&mut self, values: &[f32], shape: &[usize]) -> Result<Vec<Tensor>> {
        ensure!(shape.iter().product::<usize>() == values.len(), "{} values do not fill {shape:?}", values.len());
        match &mut self.loaded {
            Loaded::Rten { model, input, outputs } => run_rten(model, *input, outputs, values, shape),
            Loaded::OnnxRuntime(session) => run_session(session, &self.outputs, values, shape),
        }
    }
}

fn rten_model(bytes: Cow<'static, [u8]>, input: &str, outputs: &[&str]) -> Result<Loaded> {
    // The threads of rten must exist before the sandbox closes; it would make them in the first run.
    rten::thread_pool();
    let model = match bytes {
        Cow::Borrowed(bytes) => Model::load_static_slice(bytes),
        Cow::Owned(bytes) => Model::load(bytes),
    };
    let model = Box::new(model.map_err(|error| anyhow!("not a network that can be read: {error}"))?);
    let input = rten_node(&model, model.input_ids(), "input", input)?;
    let outputs = outputs.iter().map(|name| rten_node(&model, model.output_ids(), "output", name));
    Ok(Loaded::Rten { input, outputs: outputs.collect::<Result<_>>()?, model })
}

fn rten_node(model: &Model, among: &[NodeId], kind: &str, name: &str) -> Result<NodeId> {
    let named = |id: &NodeId| model.node_info(*id).is_some_and(|node| node.name() == Some(name));
    among.iter().copied().find(named).ok_or_else(|| missing(kind, name))
}

fn missing(kind: &str, name: &str) -> anyhow::Error {
    anyhow!("the network has no {kind} called {name}")
}

fn run_rten(model: &Model, input: NodeId, outputs: &[NodeId], values: &[f32], shape: &[usize]) -> Result<Vec<Tensor>> {
    let view = TensorView::from_data(shape, values);
    let results =
        model.run(vec![(input, ValueOrView::from(view))], outputs, None).context("rten could not run the network")?;
    results
        .into_iter()
        .map(|value| {
            let tensor: RtenTensor<f32> =
                value.into_tensor().context("the network gave something else than numbers")?;
            Ok(Tensor { shape: tensor.shape().to_vec(), values: tensor.to_vec() })
        })
        .collect()
}

fn session(runtime: &Runtime, bytes: &[u8], input: &str, outputs: &[&str]) -> Result<Loaded> {
    let session = build_session(runtime, bytes).map_err(|error| anyhow!("not a network that can be read: {error}"))?;
    if !session.inputs().iter().any(|outlet| outlet.name() == input) || session.inputs().len() != 1 {
        bail!(missing("input", input));
    }
    for name in outputs {
        session.outputs().iter().find(|outlet| outlet.name() == *name).ok_or_else(|| missing("output", name))?;
    }
    Ok(Loaded::OnnxRuntime(Box::new(session)))
}

fn build_session(runtime: &Runtime, bytes: &[u8]) -> ort::Result<Session> {
    let builder = Session::builder(&runtime.environment)?;
    builder.with_intra_threads(1)?.with_inter_threads(1)?.commit_from_memory(bytes)
}

fn run_session(session: &mut Session, outputs: &[String], values: &[f32], shape: &[usize]) -> Result<Vec<Tensor>> {
    let failed = |error: ort::Error| anyhow!("ONNX Runtime could not run the network: {error}");
    let input = TensorRef::from_array_view((shape, values)).map_err(failed)?;
    let results = session.run(ort::inputs![input]).map_err(failed)?;
    outputs
        .iter()
        .map(|name| {
            let (shape, values) = results[name.as_str()].try_extract_tensor::<f32>().map_err(failed)?;
            let shape = shape.iter().map(|&side| usize::try_from(side)).collect::<Result<_, _>>()?;
            Ok(Tensor { shape, values: values.to_vec() })
        })
        .collect()
}
