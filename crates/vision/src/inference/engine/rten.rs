//! rten, an engine in Rust that is part of the program.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use anyhow::{Context, Result};
use rten::{Model, NodeId, RunOptions, ThreadPool, ValueOrView};
use rten_tensor::prelude::*;
use rten_tensor::{Tensor as RtenTensor, TensorView};

use crate::inference::engine::{Tensor, missing, unreadable};

/// The thread that runs all networks, so that a network that is loaded late starts no thread.
static THREAD: LazyLock<Arc<ThreadPool>> = LazyLock::new(|| Arc::new(ThreadPool::with_num_threads(1)));

/// A network, and the nodes that are read.
pub struct Rten {
    model: Model,
    input: NodeId,
    outputs: Vec<NodeId>,
}

impl Rten {
    pub fn load(bytes: Cow<'static, [u8]>, input: &str, outputs: &[&str]) -> Result<Self> {
        // rten creates this pool in its first run although another is given; later the sandbox may forbid threads.
        rten::thread_pool();
        let model = match bytes {
            Cow::Borrowed(bytes) => Model::load_static_slice(bytes),
            Cow::Owned(bytes) => Model::load(bytes),
        };
        let model = model.map_err(unreadable)?;
        let input = node(&model, model.input_ids(), "input", input)?;
        let outputs = outputs.iter().map(|name| node(&model, model.output_ids(), "output", name));
        let outputs = outputs.collect::<Result<_>>()?;
        LazyLock::force(&THREAD);
        Ok(Self { model, input, outputs })
    }

    pub fn run(&self, values: &[f32], shape: &[usize]) -> Result<Vec<Tensor>> {
        let input = vec![(self.input, ValueOrView::from(TensorView::from_data(shape, values)))];
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&THREAD)));
        let results = self.model.run(input, &self.outputs, Some(options)).context("rten could not run the network")?;
        results.into_iter().map(tensor).collect()
    }
}

fn node(model: &Model, among: &[NodeId], kind: &str, name: &str) -> Result<NodeId> {
    let named = |id: &NodeId| model.node_info(*id).is_some_and(|node| node.name() == Some(name));
    among.iter().copied().find(named).ok_or_else(|| missing(kind, name))
}

fn tensor(value: rten::Value) -> Result<Tensor> {
    let tensor: RtenTensor<f32> = value.into_tensor().context("the output of the network is not numeric")?;
    Ok(Tensor { shape: tensor.shape().to_vec(), values: tensor.to_vec() })
}
