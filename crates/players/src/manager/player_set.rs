//! All players that run, each with what it said last.

use std::time::Instant;

use anyhow::Result;
use zbus::blocking::Connection;

use crate::adapters::any_mpris::AnyMpris;
use crate::adapters::audacious::Audacious;
use crate::adapters::clementine::Clementine;
use crate::adapters::cmus::Cmus;
use crate::adapters::mpd::Mpd;
use crate::adapters::mpd::wire::Endpoint;
use crate::adapters::mpv::Mpv;
use crate::adapters::quodlibet::QuodLibet;
use crate::adapters::rhythmbox::Rhythmbox;
use crate::adapters::spotify::{self, Spotify};
use crate::adapters::vlc::Vlc;
use crate::manager::mailbox::Pending;
use crate::manager::managed_player::ManagedPlayer;
use crate::manager::selection::{self, Candidate};
use crate::mpris::bus::{self, PlayerPeer};
use crate::mpris::playback::{Mpris, short};
use crate::player::Player;
use crate::process::Process;
use crate::strategies::deferred_append::{self, DeferredAppend};
use moodring_core::domain::playback::QueueSupport;

/// The name under which the Music Player Daemon sits among names of the bus.
pub const MPD: &str = "mpd";

/// Everyone who runs.
pub struct PlayerSet {
    config: moodring_core::config::PlayersConfig,
    bus: Option<Connection>,
    /// Over which players are asked whether they answer; `None` reads them right away.
    probe: Option<Connection>,
    door: Option<Endpoint>,
    /// What was found out about players before, and has been since.
    known: Vec<QueueSupport>,
    pub all: Vec<ManagedPlayer>,
}

impl PlayerSet {
    pub fn new(config: moodring_core::config::PlayersConfig, known: Vec<QueueSupport>) -> Self {
        let door = Endpoint::read(&config.mpd).filter(|_| selection::wanted(MPD, &config));
        Self { config, bus: None, probe: None, door, known, all: Vec::new() }
    }

    /// Takes in what has happened; nobody is asked yet, apart from the bus.
    pub fn hear(&mut self, letters: &mut Pending) {
        if let Some(bus) = letters.bus.take() {
            self.all.retain(|seat| seat.owner.is_none());
            self.bus = bus;
            self.probe = letters.probe.take();
            letters.names = true;
        }
        if let Some(answers) = letters.mpd {
            self.all.retain(|seat| seat.name != MPD);
            if let Some(door) = self.door.clone().filter(|_| answers) {
                let player: Box<dyn Player> = Box::new(Mpd::new(door));
                self.all.push(ManagedPlayer::new(MPD.into(), None, Some(player)));
            }
            letters.names = true;
        }
        if letters.names
            && let Err(error) = self.list()
        {
            tracing::warn!("cannot list the players on the bus: {error:#}");
        }
        for seat in &mut self.all {
            let key = seat.owner.as_deref().unwrap_or(MPD);
            if letters.stirred.contains(key) {
                seat.speaks();
            }
        }
    }

    /// Brings the seats in line with the names on the bus.
    fn list(&mut self) -> Result<()> {
        let mut names = self.bus.as_ref().map_or_else(|| Ok(Vec::new()), bus::players)?;
        let met = |name: &str| self.all.iter().any(|seat| seat.name == name);
        names.retain(|(name, _, pid)| met(name) || selection::preferred(name, &self.config) || !is_relay(*pid));
        let daemon = self.all.iter().any(|seat| seat.name == MPD);
        let mut names = selection::distinct(names);
        // A bridge such as mpDris2, or a client, shows the daemon that we talk to ourselves.
        names.retain(|(name, _)| selection::wanted(name, &self.config) && !(daemon && selection::shows_mpd(name)));
        self.all.retain(|seat| {
            seat.owner.as_ref().is_none_or(|owner| names.iter().any(|(name, now)| *name == seat.name && now == owner))
        });
        for (name, owner) in names {
            if !self.all.iter().any(|seat| seat.name == name) {
                let mut player = ManagedPlayer::new(name, Some(owner), None);
                self.probe.iter().for_each(|probe| player.ask_for_answer(probe));
                self.all.push(player);
            }
        }
        Ok(())
    }

    /// Reads everyone of whom there is news.
    pub fn read(&mut self) {
        let Self { all, bus, probe, config, known, .. } = self;
        for seat in all.iter_mut().filter(|seat| seat.calls(Instant::now())) {
            if let Some(probe) = probe.as_ref().filter(|_| seat.is_silent() && seat.owner.is_some()) {
                seat.ask_for_answer(probe);
            } else if let Err(error) = seat.read(bus.as_ref(), config, known) {
                tracing::warn!("{}: {error:#}", seat.name);
            }
        }
    }

    /// Reads all players at the same time, each on a thread of its own.
    pub fn read_all(&mut self) {
        let Self { all, bus, config, known, .. } = self;
        let (bus, config, known) = (bus.as_ref(), &*config, &known[..]);
        std::thread::scope(|scope| {
            for player in all.iter_mut() {
                scope.spawn(move || {
                    if let Err(error) = player.read(bus, config, known) {
                        tracing::warn!("{}: {error:#}", player.name);
                    }
                });
            }
        });
    }

    /// When somebody is to be read next; `None`: nobody waits.
    pub fn wake(&self, gap: Instant) -> Option<Instant> {
        self.all.iter().filter_map(|seat| seat.wake(gap)).min()
    }

    /// What has been found out since the last time.
    pub fn take_learned(&mut self) -> Vec<QueueSupport> {
        let news: Vec<QueueSupport> = self.all.iter_mut().filter_map(ManagedPlayer::take_learned).collect();
        for one in &news {
            self.known.retain(|known| known.player != one.player || known.build != one.build);
            self.known.push(one.clone());
        }
        news
    }

    /// Whom to steer.
    pub fn choose(&self, current: Option<&str>) -> Option<String> {
        let candidates = self.all.iter().filter_map(|seat| {
            let status = seat.playback.as_ref()?.status;
            Some(Candidate { name: seat.name.clone(), status, active: seat.active })
        });
        let candidates: Vec<_> = candidates.collect();
        selection::choose(&candidates, current, &self.config).map(|one| one.name.clone())
    }

    /// Everyone is to look again at what they rest on outside.
    pub fn reload_credentials(&mut self) {
        for seat in &mut self.all {
            seat.player.iter_mut().for_each(|player| player.reload_credentials());
            seat.stir();
        }
    }

    pub fn seat(&mut self, name: &str) -> Option<&mut ManagedPlayer> {
        self.all.iter_mut().find(|seat| seat.name == name)
    }
}

pub(super) fn is_relay(pid: Option<u32>) -> bool {
    pid.is_some_and(|pid| selection::is_relay(&Process::new(pid).words()))
}

/// The adapter for a name on the bus.
pub fn create_adapter(
    peer: PlayerPeer,
    name: &str,
    config: &moodring_core::config::PlayersConfig,
) -> Result<Box<dyn Player>> {
    let base = Mpris::new(peer, name)?;
    Ok(match kind(name).as_str() {
        "vlc" => Box::new(Vlc::new(base)),
        "audacious" => Box::new(Audacious::new(base)),
        "rhythmbox" => Box::new(Rhythmbox::new(base)),
        "quodlibet" => Box::new(QuodLibet::new(base)),
        "cmus" => Box::new(Cmus::new(base)),
        "mpv" => Box::new(Mpv::new(base)),
        "celluloid" if Mpv::socket(&base).is_some() => Box::new(Mpv::new(base)),
        "celluloid" => {
            Box::new(DeferredAppend::new(base, deferred_append::by_action, |base| Mpv::socket(base).is_some()))
        }
        "clementine" if Clementine::remote(&base).is_some() => Box::new(Clementine::new(base)),
        "clementine" => {
            Box::new(DeferredAppend::new(base, deferred_append::by_program, |base| Clementine::remote(base).is_some()))
        }
        "strawberry" => Box::new(DeferredAppend::new(base, deferred_append::by_program, |_| false)),
        client if spotify::CLIENTS.contains(&client) => Box::new(Spotify::new(base)),
        _ => {
            let opens = selection::opens(name, config);
            Box::new(AnyMpris::new(base, opens))
        }
    })
}

/// The name by which a player is known, whichever of several it is: "vlc", "celluloid".
pub fn kind(name: &str) -> String {
    let name = short(name).to_lowercase();
    let celluloid = "io.github.celluloid_player.celluloid";
    if name.starts_with(celluloid) { "celluloid".into() } else { name.split('.').next().unwrap_or_default().to_owned() }
}
