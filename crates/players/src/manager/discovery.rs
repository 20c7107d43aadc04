//! Who runs, for people who want to know why their player is not steered.

use crate::adapters::mpd::wire::{Door, Wire};
use crate::manager::mailbox::Letters;
use crate::manager::managed_player::Seat;
use crate::manager::player_set::{Seats, kind};
use crate::manager::selection;
use crate::mpris::bus::{self, Bus};
use moodring_core::domain::playback::{Known, Playback};

/// A player that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
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
pub fn survey(bus: &Bus, config: &moodring_core::config::Players, known: Vec<Known>) -> Vec<Finding> {
    let door = Door::read(&config.mpd).filter(|_| selection::wanted("mpd", config));
    let mut seats = Seats::new(config.clone(), known);
    seats.hear(&mut Letters {
        bus: Some(bus.connect().ok()),
        mpd: Some(door.is_some_and(|door| Wire::open(&door).is_ok())),
        ..Letters::default()
    });
    seats.read();
    let chosen = seats.choose(None);
    let finding = |seat: Seat| Finding {
        chosen: chosen.as_ref() == Some(&seat.name),
        build: seat.player.as_ref().and_then(|player| player.build()),
        playback: seat.playback.ok_or_else(|| "it does not answer".to_owned()),
        name: seat.name,
    };
    seats.all.into_iter().map(finding).collect()
}

/// Each player that runs and is left alone, with the reason: "mpv (players.ignore names it)".
pub fn left_alone(bus: &Bus, config: &moodring_core::config::Players) -> Vec<String> {
    let names = bus.connect().and_then(|bus| bus::players(&bus)).unwrap_or_default();
    let told = |name: &str| {
        let why = selection::refused(name, config).filter(|_| !selection::mirror(name))?;
        Some(format!("{} ({why})", kind(name)))
    };
    let mut alone: Vec<String> = names.iter().filter_map(|(name, ..)| told(name)).collect();
    alone.sort();
    alone.dedup();
    alone
}
