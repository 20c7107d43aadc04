//! Who runs, for people who want to know why their player is not steered.

use crate::adapters::mpd::wire::{Endpoint, Wire};
use crate::manager::mailbox::Pending;
use crate::manager::managed_player::ManagedPlayer;
use crate::manager::player_set::{PlayerSet, is_relay, kind};
use crate::manager::selection;
use crate::mpris::bus::{self, BusAddress};
use moodring_core::domain::playback::{Playback, QueueSupport};

/// A player that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct DiscoveredPlayer {
    /// Its name on the bus, or "mpd".
    pub name: String,
    /// Which build it is, where that can be told.
    pub build: Option<String>,
    /// What it says, or that it does not answer.
    pub playback: Result<Playback, String>,
    /// The one that would be steered.
    pub chosen: bool,
}

/// Each player that runs and is not to be ignored; each is asked once.
pub fn survey(
    bus: &BusAddress,
    config: &moodring_core::config::PlayersConfig,
    known: Vec<QueueSupport>,
) -> Vec<DiscoveredPlayer> {
    let door = Endpoint::read(&config.mpd).filter(|_| selection::wanted("mpd", config));
    let mut seats = PlayerSet::new(config.clone(), known);
    seats.hear(&mut Pending {
        bus: Some(bus.connect().ok()),
        mpd: Some(door.is_some_and(|door| Wire::open(&door).is_ok())),
        ..Pending::default()
    });
    seats.read_all();
    let chosen = seats.choose(None);
    let finding = |seat: ManagedPlayer| DiscoveredPlayer {
        chosen: chosen.as_ref() == Some(&seat.name),
        build: seat.player.as_ref().and_then(|player| player.build_id()),
        playback: seat.playback.ok_or_else(|| "it does not answer".to_owned()),
        name: seat.name,
    };
    seats.all.into_iter().map(finding).collect()
}

/// Each player that runs and is left alone, with the reason: "mpv (players.ignore names it)".
pub fn left_alone(bus: &BusAddress, config: &moodring_core::config::PlayersConfig) -> Vec<String> {
    let names = bus.connect().and_then(|bus| bus::players(&bus)).unwrap_or_default();
    let reason = |name: &str, pid: Option<u32>| {
        let relay = is_relay(pid) && !selection::preferred(name, config);
        let relay = relay.then_some("it plays on another device, unless players.prefer names it");
        let why = selection::refused(name, config).or(relay).filter(|_| !selection::mirror(name))?;
        Some(format!("{} ({why})", kind(name)))
    };
    let mut alone: Vec<String> = names.iter().filter_map(|(name, _, pid)| reason(name, *pid)).collect();
    alone.sort();
    alone.dedup();
    alone
}
