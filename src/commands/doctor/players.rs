//! The running players, and how songs are queued in them.

use crate::commands::doctor::Finding;
use crate::commands::players;
use crate::config;
use crate::desktop::wording::way;
use moodring_core::domain::playback::QueueMethod;
use moodring_players::manager::discovery::{self, discover_players};
use moodring_players::mpris::bus::BusAddress;

pub(super) fn check() -> Finding {
    // An invalid file is reported by the check of the settings.
    let config = config::load().unwrap_or_default();
    let found =
        discover_players(&BusAddress::Session, &config.players, players::read_queue_support().unwrap_or_default());
    if found.is_empty() {
        return none(&discovery::list_ignored(&BusAddress::Session, &config.players));
    }
    let lines: Vec<String> = found.iter().map(line).collect();
    let steerable =
        found.iter().any(|player| player.playback.as_ref().is_ok_and(|p| p.way != QueueMethod::Unsupported));
    if steerable {
        Finding::ok("players", lines.join("; "))
    } else {
        Finding::note("players", lines.join("; "), "start a player that supports queueing: the README lists them")
    }
}

fn none(alone: &[String]) -> Finding {
    if alone.is_empty() {
        return Finding::note("players", "none is running", "start one and play something");
    }
    let what = format!("none is running, except those that are ignored: {}", alone.join(", "));
    Finding::note("players", what, "start another, or change `players` in config.toml")
}

fn line(found: &discovery::DiscoveredPlayer) -> String {
    let chosen = if found.chosen { " (steered)" } else { "" };
    match &found.playback {
        Err(why) => format!("{}{chosen}: {why}", found.name),
        Ok(playback) => {
            format!("{}{chosen}: {}, {}", playback.player, players::status_word(playback.status), way(playback.way))
        }
    }
}
