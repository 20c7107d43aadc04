//! Whether the networks can be loaded.

use std::time::Instant;

use anyhow::Result;

use crate::commands::doctor::Finding;
use moodring_vision::inference::engine::Backend;
use moodring_vision::inference::models::{classifier, detector, sizes};

pub(super) fn check() -> Finding {
    let start = Instant::now();
    match load() {
        Ok(()) => {
            let sizes = sizes().map(|(name, bytes)| format!("{name} ({:.1} MB)", bytes as f32 / 1e6)).join(", ");
            let place = std::env::var("MOODRING_MODELS").unwrap_or_default();
            let from = if place.is_empty() { sizes } else { format!("those in {place}") };
            Finding::ok("models", format!("{from}; models loaded in {} ms", start.elapsed().as_millis()))
        }
        Err(error) => Finding::fault("models", &error),
    }
}

fn load() -> Result<()> {
    detector(Backend::choose()?)?;
    classifier(Backend::choose()?)?;
    Ok(())
}
