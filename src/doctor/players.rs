//! The players that run, and how songs get into them.

use super::Finding;
use crate::config::Config;
use crate::player::bus::Bus;
use crate::player::survey::{self, survey};
use crate::player::{Way, table};
use crate::tray::words::way;

pub(super) fn check() -> Finding {
    // A file with a fault is told by the check of the settings.
    let config = Config::load().unwrap_or_default();
    let found = survey(&Bus::Session, &config.players, table::known().unwrap_or_default());
    if found.is_empty() {
        return none(&survey::left_alone(&Bus::Session, &config.players));
    }
    let lines: Vec<String> = found.iter().map(line).collect();
    let steerable = found.iter().any(|player| player.playback.as_ref().is_ok_and(|p| p.way != Way::SuggestOnly));
    if steerable {
        Finding::ok("players", lines.join("; "))
    } else {
        Finding::note("players", lines.join("; "), "use one that songs can be queued in: the README lists them")
    }
}

fn none(alone: &[String]) -> Finding {
    if alone.is_empty() {
        return Finding::note("players", "none runs", "start the player you like and play something");
    }
    let what = format!("none runs but those that are left alone: {}", alone.join(", "));
    Finding::note("players", what, "start another, or change `players` in config.toml")
}

fn line(found: &survey::Finding) -> String {
    let chosen = if found.chosen { " (the one to steer)" } else { "" };
    match &found.playback {
        Err(why) => format!("{}{chosen}: {why}", found.name),
        Ok(playback) => {
            format!("{}{chosen}: {}, {}", playback.player, table::state(playback.status), way(playback.way))
        }
    }
}
