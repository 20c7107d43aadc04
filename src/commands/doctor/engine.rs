//! What runs the networks.

use crate::commands::doctor::Finding;
use moodring_vision::inference::engine::Backend;

pub(super) fn check() -> Finding {
    match Backend::choose() {
        Ok(engine @ Backend::OnnxRuntime(_)) => Finding::ok("engine", engine.name()),
        Ok(engine @ Backend::Rten) => Finding::ok(
            "engine",
            format!(
                "{}, which is part of the program; no ONNX Runtime, which is faster, in ORT_DYLIB_PATH, beside the \
                 program or in the system's library folders",
                engine.name()
            ),
        ),
        Err(error) => Finding::fault("engine", &error),
    }
}
