//! The engine that runs the networks.

use crate::commands::doctor::Finding;
use moodring_vision::inference::engine::Backend;

pub(super) fn check() -> Finding {
    match Backend::choose() {
        Ok(engine @ Backend::OnnxRuntime(_)) => Finding::ok("engine", engine.name()),
        Ok(engine @ Backend::Rten) => Finding::ok(
            "engine",
            format!(
                "{} (built in); the faster ONNX Runtime was not found in ORT_DYLIB_PATH, beside the program or in the \
                 system's library folders",
                engine.name()
            ),
        ),
        Err(error) => Finding::fault("engine", &error),
    }
}
