//! ONNX Runtime, through a library that was found on this machine.

use anyhow::{Result, anyhow, ensure};
use ort::session::Session;
use ort::value::TensorRef;

use crate::inference::engine::library::SharedLibrary;
use crate::inference::engine::{Tensor, missing, unreadable};

/// A network, and the outputs that are read.
pub struct OnnxRuntime {
    session: Session,
    outputs: Vec<String>,
}

impl OnnxRuntime {
    pub fn load(library: &SharedLibrary, bytes: &[u8], input: &str, outputs: &[&str]) -> Result<Self> {
        let session = session(library, bytes).map_err(unreadable)?;
        let named = session.inputs().len() == 1 && session.inputs()[0].name() == input;
        ensure!(named, missing("input", input));
        for name in outputs {
            ensure!(session.outputs().iter().any(|outlet| outlet.name() == *name), missing("output", name));
        }
        Ok(Self { session, outputs: outputs.iter().map(|&name| name.to_owned()).collect() })
    }

    pub fn run(&mut self, values: &[f32], shape: &[usize]) -> Result<Vec<Tensor>> {
        let failed = |error: ort::Error| anyhow!("ONNX Runtime could not run the network: {error}");
        let input = TensorRef::from_array_view((shape, values)).map_err(failed)?;
        let results = self.session.run(ort::inputs![input]).map_err(failed)?;
        let tensor = |name: &String| {
            let (shape, values) = results[name.as_str()].try_extract_tensor::<f32>().map_err(failed)?;
            let shape = shape.iter().map(|&side| usize::try_from(side)).collect::<Result<_, _>>()?;
            Ok(Tensor { shape, values: values.to_vec() })
        };
        self.outputs.iter().map(tensor).collect()
    }
}

fn session(library: &SharedLibrary, bytes: &[u8]) -> ort::Result<Session> {
    let builder = Session::builder(&library.environment)?;
    builder.with_intra_threads(1)?.with_inter_threads(1)?.commit_from_memory(bytes)
}
