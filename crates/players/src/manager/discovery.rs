//! The players that run, for `moodring players` and `moodring doctor`.

use crate::adapters::mpd::wire::{Endpoint, Wire};
use crate::manager::mailbox::Pending;
use crate::manager::managed_player::ManagedPlayer;
use crate::manager::player_set::{PlayerSet, is_relay, player_kind};
use crate::manager::selection;
use crate::mpris::bus::{self, BusAddress};
use moodring_core::domain::playback::{Playback, QueueSupport};

/// A player that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoveredPlayer {
    /// Its name on the bus, or "mpd".
    pub name: String,
    /// Its build, where that is known.
    pub build: Option<String>,
    /// Its playback, or that it does not answer.
    pub playback: Result<Playback, String>,
    /// The one that would be steered.
    pub chosen: bool,
}

/// Reads each player that runs and is not ignored, once.
pub fn discover_players(
    bus: &BusAddress,
    config: &moodring_core::config::PlayersConfig,
    known: Vec<QueueSupport>,
) -> Vec<DiscoveredPlayer> {
    let endpoint = Endpoint::read(&config.mpd).filter(|_| selection::is_wanted("mpd", config));
    let mut players = PlayerSet::new(config.clone(), known);
    players.apply(&mut Pending {
        bus: Some(bus.connect().ok()),
        mpd: Some(endpoint.is_some_and(|endpoint| Wire::open(&endpoint).is_ok())),
        ..Pending::default()
    });
    players.read_all();
    let chosen = players.choose(None);
    let discovered = |managed: ManagedPlayer| DiscoveredPlayer {
        chosen: chosen.as_ref() == Some(&managed.name),
        build: managed.player.as_ref().and_then(|player| player.build_id()),
        playback: managed.playback.ok_or_else(|| "it does not answer".to_owned()),
        name: managed.name,
    };
    players.all.into_iter().map(discovered).collect()
}

/// The players that run and are ignored, with the reason: "mpv (players.ignore names it)".
pub fn list_ignored(bus: &BusAddress, config: &moodring_core::config::PlayersConfig) -> Vec<String> {
    let names = bus.connect().and_then(|bus| bus::players(&bus)).unwrap_or_default();
    let reason = |name: &str, pid: Option<u32>| {
        let relay = is_relay(pid) && !selection::is_preferred(name, config);
        let relay = relay.then_some("it plays on another device, unless players.prefer names it");
        let why = selection::find_ignore_reason(name, config).or(relay).filter(|_| !selection::is_mirror(name))?;
        Some(format!("{} ({why})", player_kind(name)))
    };
    let mut alone: Vec<String> = names.iter().filter_map(|(name, _, pid)| reason(name, *pid)).collect();
    alone.sort();
    alone.dedup();
    alone
}
