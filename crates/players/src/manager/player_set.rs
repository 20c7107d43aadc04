//! All running players.

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
use crate::mpris::playback::{Mpris, short_name};
use crate::player::Player;
use crate::process::LocalProcess;
use crate::strategies::deferred_append::{self, DeferredAppend};
use moodring_core::domain::playback::QueueSupport;

/// The name of the Music Player Daemon among the names on the bus.
pub const MPD: &str = "mpd";

/// The players that run, by their names.
pub struct PlayerSet {
    config: moodring_core::config::PlayersConfig,
    bus: Option<Connection>,
    /// The connection for probes; without one, players are read right away.
    probe: Option<Connection>,
    endpoint: Option<Endpoint>,
    /// What is known about builds of players, from earlier runs and from this one.
    known: Vec<QueueSupport>,
    pub all: Vec<ManagedPlayer>,
}

impl PlayerSet {
    pub fn new(config: moodring_core::config::PlayersConfig, known: Vec<QueueSupport>) -> Self {
        let endpoint = Endpoint::read(&config.mpd).filter(|_| selection::is_wanted(MPD, &config));
        Self { config, bus: None, probe: None, endpoint, known, all: Vec::new() }
    }

    /// Applies what has arrived; calls only the bus, and no player.
    pub fn apply(&mut self, pending: &mut Pending) {
        if let Some(bus) = pending.bus.take() {
            self.all.retain(|managed| managed.owner.is_none());
            self.bus = bus;
            self.probe = pending.probe.take();
            pending.names = true;
        }
        if let Some(answers) = pending.mpd {
            self.all.retain(|managed| managed.name != MPD);
            if let Some(endpoint) = self.endpoint.clone().filter(|_| answers) {
                let player: Box<dyn Player> = Box::new(Mpd::new(endpoint));
                self.all.push(ManagedPlayer::new(MPD.into(), None, Some(player)));
            }
            pending.names = true;
        }
        if pending.names
            && let Err(error) = self.update_names()
        {
            tracing::warn!("cannot list the players on the bus: {error:#}");
        }
        for managed in &mut self.all {
            let key = managed.owner.as_deref().unwrap_or(MPD);
            if pending.changed_senders.contains(key) {
                managed.note_signal();
            }
        }
    }

    /// Adds and removes players so that they match the names on the bus.
    fn update_names(&mut self) -> Result<()> {
        let mut names = self.bus.as_ref().map_or_else(|| Ok(Vec::new()), bus::players)?;
        let met = |name: &str| self.all.iter().any(|managed| managed.name == name);
        names.retain(|(name, _, pid)| met(name) || selection::is_preferred(name, &self.config) || !is_relay(*pid));
        let daemon = self.all.iter().any(|managed| managed.name == MPD);
        let mut names = selection::remove_second_names(names);
        // A bridge such as mpDris2, or a client, shows the daemon that we talk to ourselves.
        names.retain(|(name, _)| {
            selection::is_wanted(name, &self.config) && !(daemon && selection::is_mpd_client(name))
        });
        self.all.retain(|managed| {
            managed
                .owner
                .as_ref()
                .is_none_or(|owner| names.iter().any(|(name, now)| *name == managed.name && now == owner))
        });
        for (name, owner) in names {
            if !self.all.iter().any(|managed| managed.name == name) {
                let mut player = ManagedPlayer::new(name, Some(owner), None);
                self.probe.iter().for_each(|probe| player.send_probe(probe));
                self.all.push(player);
            }
        }
        Ok(())
    }

    /// Reads the players that are due.
    pub fn read(&mut self) {
        let Self { all, bus, probe, config, known, .. } = self;
        for managed in all.iter_mut().filter(|managed| managed.is_due(Instant::now())) {
            if let Some(probe) = probe.as_ref().filter(|_| managed.is_silent() && managed.owner.is_some()) {
                managed.send_probe(probe);
            } else if let Err(error) = managed.read(bus.as_ref(), config, known) {
                tracing::warn!("{}: {error:#}", managed.name);
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

    /// When the next player is due, but not before `gap`.
    pub fn next_wake(&self, gap: Instant) -> Option<Instant> {
        self.all.iter().filter_map(|managed| managed.next_wake(gap)).min()
    }

    /// What was learned about players since the last call.
    pub fn take_learned(&mut self) -> Vec<QueueSupport> {
        let learned: Vec<QueueSupport> = self.all.iter_mut().filter_map(ManagedPlayer::take_learned).collect();
        for one in &learned {
            self.known.retain(|known| known.player != one.player || known.build != one.build);
            self.known.push(one.clone());
        }
        learned
    }

    /// The name of the player to steer.
    pub fn choose(&self, current: Option<&str>) -> Option<String> {
        let candidates = self.all.iter().filter_map(|managed| {
            let status = managed.playback.as_ref()?.status;
            Some(Candidate { name: managed.name.clone(), status, active: managed.active })
        });
        let candidates: Vec<_> = candidates.collect();
        selection::choose(&candidates, current, &self.config).map(|one| one.name.clone())
    }

    /// All players read their accounts again.
    pub fn reload_credentials(&mut self) {
        for managed in &mut self.all {
            managed.player.iter_mut().for_each(|player| player.reload_credentials());
            managed.mark_stale();
        }
    }

    pub fn find_mut(&mut self, name: &str) -> Option<&mut ManagedPlayer> {
        self.all.iter_mut().find(|managed| managed.name == name)
    }
}

pub(super) fn is_relay(pid: Option<u32>) -> bool {
    pid.is_some_and(|pid| selection::is_relay(&LocalProcess::new(pid).arguments()))
}

/// The adapter for a name on the bus.
pub fn create_adapter(
    peer: PlayerPeer,
    name: &str,
    config: &moodring_core::config::PlayersConfig,
) -> Result<Box<dyn Player>> {
    let base = Mpris::new(peer, name)?;
    Ok(match player_kind(name).as_str() {
        "vlc" => Box::new(Vlc::new(base)),
        "audacious" => Box::new(Audacious::new(base)),
        "rhythmbox" => Box::new(Rhythmbox::new(base)),
        "quodlibet" => Box::new(QuodLibet::new(base)),
        "cmus" => Box::new(Cmus::new(base)),
        "mpv" => Box::new(Mpv::new(base)),
        "celluloid" if Mpv::find_socket(&base).is_some() => Box::new(Mpv::new(base)),
        "celluloid" => {
            Box::new(DeferredAppend::new(base, deferred_append::by_action, |base| Mpv::find_socket(base).is_some()))
        }
        "clementine" if Clementine::find_remote(&base).is_some() => Box::new(Clementine::new(base)),
        "clementine" => Box::new(DeferredAppend::new(base, deferred_append::by_program, |base| {
            Clementine::find_remote(base).is_some()
        })),
        "strawberry" => Box::new(DeferredAppend::new(base, deferred_append::by_program, |_| false)),
        client if spotify::CLIENTS.contains(&client) => Box::new(Spotify::new(base)),
        _ => {
            let opens = selection::may_open(name, config);
            Box::new(AnyMpris::new(base, opens))
        }
    })
}

/// The name of the program, the same for all its instances: "vlc", "celluloid".
pub fn player_kind(name: &str) -> String {
    let name = short_name(name).to_lowercase();
    let celluloid = "io.github.celluloid_player.celluloid";
    if name.starts_with(celluloid) { "celluloid".into() } else { name.split('.').next().unwrap_or_default().to_owned() }
}
