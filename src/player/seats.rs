//! All players that run, each with what it said last.

use std::time::{Duration, Instant};

use anyhow::Result;
use zbus::blocking::Connection;

use super::any::Any;
use super::audacious::Audacious;
use super::behind::{self, Behind};
use super::bus::{self, Peer};
use super::choose::{self, Candidate};
use super::clementine::Clementine;
use super::cmus::Cmus;
use super::inbox::Letters;
use super::mpd::Mpd;
use super::mpd::wire::Door;
use super::mpris::{Mpris, short};
use super::mpv::Mpv;
use super::quodlibet::QuodLibet;
use super::rhythmbox::Rhythmbox;
use super::spotify::{self, Spotify};
use super::vlc::Vlc;
use super::{Known, Playback, Player, Status, Way};
use crate::config;

/// The name under which the Music Player Daemon sits among names of the bus.
pub const MPD: &str = "mpd";

/// A player that did not answer is asked again after the first time, then after longer ones.
const SILENCE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// Strawberry, asked as soon as it has told of a jump, may still say where it was before.
const AGAIN: Duration = Duration::from_secs(1);

/// A player and what is known of it.
pub struct Seat {
    pub name: String,
    /// Its unique name on the bus; `None` for MPD.
    owner: Option<String>,
    /// `None` until it has said what it is.
    pub player: Option<Box<dyn Player>>,
    /// `None` while it does not answer.
    pub playback: Option<Playback>,
    active: Instant,
    stale: bool,
    /// When it is read once more, though nothing has happened since, because a song that we hold rests on its position.
    again: Option<Instant>,
    silence: Option<(Instant, Duration)>,
    /// The way that has just worked.
    proved: Option<Way>,
}

/// Everyone who runs.
pub struct Seats {
    config: config::Players,
    bus: Option<Connection>,
    door: Option<Door>,
    /// What was found out about players before, and has been since.
    known: Vec<Known>,
    pub all: Vec<Seat>,
}

impl Seats {
    pub fn new(config: config::Players, known: Vec<Known>) -> Self {
        let door = Door::read(&config.mpd).filter(|_| choose::wanted(MPD, &config));
        Self { config, bus: None, door, known, all: Vec::new() }
    }

    /// Takes in what has happened; nobody is asked yet, apart from the bus.
    pub fn hear(&mut self, letters: &mut Letters) {
        if let Some(bus) = letters.bus.take() {
            self.all.retain(|seat| seat.owner.is_none());
            self.bus = bus;
            letters.names = true;
        }
        if let Some(answers) = letters.mpd {
            self.all.retain(|seat| seat.name != MPD);
            if let Some(door) = self.door.clone().filter(|_| answers) {
                let player: Box<dyn Player> = Box::new(Mpd::new(door));
                self.all.push(Seat::new(MPD.into(), None, Some(player)));
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
                seat.stale = true;
                // Whoever speaks may answer again.
                seat.silence = None;
            }
        }
    }

    /// Brings the seats in line with the names on the bus.
    fn list(&mut self) -> Result<()> {
        let names = self.bus.as_ref().map_or_else(|| Ok(Vec::new()), bus::players)?;
        let daemon = self.all.iter().any(|seat| seat.name == MPD);
        let mut names = choose::distinct(names);
        // A bridge such as mpDris2 shows the daemon that we talk to ourselves.
        names.retain(|(name, _)| choose::wanted(name, &self.config) && !(daemon && choose::called(name, MPD)));
        self.all.retain(|seat| {
            seat.owner.as_ref().is_none_or(|owner| names.iter().any(|(name, now)| *name == seat.name && now == owner))
        });
        for (name, owner) in names {
            if !self.all.iter().any(|seat| seat.name == name) {
                self.all.push(Seat::new(name, Some(owner), None));
            }
        }
        Ok(())
    }

    /// Reads everyone of whom there is news.
    pub fn read(&mut self) {
        let Self { all, bus, config, known, .. } = self;
        for seat in all.iter_mut().filter(|seat| seat.calls(Instant::now())) {
            if let Err(error) = seat.read(bus.as_ref(), config, known) {
                tracing::warn!("{}: {error:#}", seat.name);
            }
        }
    }

    /// When somebody is to be read next; `None`: nobody waits.
    pub fn wake(&self, gap: Instant) -> Option<Instant> {
        self.all.iter().filter_map(|seat| seat.wake(gap)).min()
    }

    /// What has been found out since the last time.
    pub fn learned(&mut self) -> Vec<Known> {
        let news: Vec<Known> = self.all.iter_mut().filter_map(Seat::learned).collect();
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
        choose::choose(&candidates, current, &self.config).map(|one| one.name.clone())
    }

    /// Everyone is to look again at what they rest on outside.
    pub fn revise(&mut self) {
        for seat in &mut self.all {
            seat.player.iter_mut().for_each(|player| player.revise());
            seat.stir();
        }
    }

    pub fn seat(&mut self, name: &str) -> Option<&mut Seat> {
        self.all.iter_mut().find(|seat| seat.name == name)
    }
}

impl Seat {
    fn new(name: String, owner: Option<String>, player: Option<Box<dyn Player>>) -> Self {
        let (active, stale) = (Instant::now(), true);
        Self { name, owner, player, playback: None, active, stale, again: None, silence: None, proved: None }
    }

    /// Whether it is to be read: there is news of it, or a song that it holds is due.
    fn calls(&self, now: Instant) -> bool {
        let answers = self.silence.is_none_or(|(until, _)| until <= now);
        answers && (self.stale || self.due().is_some_and(|due| due <= now))
    }

    fn wake(&self, gap: Instant) -> Option<Instant> {
        if !self.stale {
            return self.due().map(|due| due.max(gap));
        }
        Some(self.silence.map_or(gap, |(until, _)| until.max(gap)))
    }

    fn due(&self) -> Option<Instant> {
        self.playback.as_ref()?;
        let due = self.player.as_ref()?.due()?;
        Some(self.again.map_or(due, |again| again.min(due)))
    }

    fn learned(&mut self) -> Option<Known> {
        let player = self.player.as_mut()?;
        let way = player.learned().or(self.proved.take())?;
        Some(Known { player: kind(&self.name), build: player.build()?, way })
    }

    /// It may have been met before.
    fn recall(&mut self, known: &[Known]) {
        let Some(player) = &mut self.player else { return };
        let (name, build) = (kind(&self.name), player.build());
        let met = known.iter().find(|known| known.player == name && Some(&known.build) == build.as_ref());
        if let Some(known) = met {
            player.recall(known.way);
        }
    }

    /// The player's own account shows a song of ours; one that we hold proves nothing yet.
    pub fn queued(&mut self) {
        let way = self.player.as_ref().map(|player| player.way());
        self.proved = way.filter(|way| matches!(way, Way::Next { .. }));
    }

    /// To be read again.
    pub fn stir(&mut self) {
        self.stale = true;
    }

    fn read(&mut self, bus: Option<&Connection>, config: &config::Players, known: &[Known]) -> Result<()> {
        match self.ask(bus, config, known) {
            Ok(said) => {
                let song = |playback: &Playback| (playback.status, playback.track.clone());
                if self.playback.as_ref().map(song) != Some(song(&said)) {
                    self.active = Instant::now();
                }
                let rests = self.stale && matches!(said.way, Way::Behind | Way::AtEnd);
                self.playback = Some(said);
                self.again = rests.then(|| Instant::now() + AGAIN);
                (self.stale, self.silence) = (false, None);
                Ok(())
            }
            Err(error) => {
                self.fall_silent();
                Err(error)
            }
        }
    }

    /// It counts as gone until it answers.
    pub fn fall_silent(&mut self) {
        let wait = self.silence.map_or(SILENCE.0, |(_, wait)| (wait * 2).min(SILENCE.1));
        self.silence = Some((Instant::now() + wait, wait));
        (self.playback, self.stale) = (None, true);
    }

    fn ask(&mut self, bus: Option<&Connection>, config: &config::Players, known: &[Known]) -> Result<Playback> {
        if self.player.as_ref().is_none_or(|player| player.outgrown())
            && let (Some(bus), Some(owner)) = (bus, &self.owner)
        {
            self.player = Some(meet(Peer { bus: bus.clone(), owner: owner.clone() }, &self.name, config)?);
            self.recall(known);
        }
        let player = self.player.as_mut();
        player.map_or_else(|| Err(anyhow::anyhow!("it is not on the bus any more")), |player| player.playback())
    }
}

/// The adapter for a name on the bus.
pub fn meet(peer: Peer, name: &str, config: &config::Players) -> Result<Box<dyn Player>> {
    let base = Mpris::new(peer, name)?;
    Ok(match kind(name).as_str() {
        "vlc" => Box::new(Vlc::new(base)),
        "audacious" => Box::new(Audacious::new(base)),
        "rhythmbox" => Box::new(Rhythmbox::new(base)),
        "quodlibet" => Box::new(QuodLibet::new(base)),
        "cmus" => Box::new(Cmus::new(base)),
        "mpv" => Box::new(Mpv::new(base)),
        "celluloid" if Mpv::socket(&base).is_some() => Box::new(Mpv::new(base)),
        "celluloid" => Box::new(Behind::new(base, behind::by_action, |base| Mpv::socket(base).is_some())),
        "clementine" if Clementine::remote(&base).is_some() => Box::new(Clementine::new(base)),
        "clementine" => Box::new(Behind::new(base, behind::by_program, |base| Clementine::remote(base).is_some())),
        "strawberry" => Box::new(Behind::new(base, behind::by_program, |_| false)),
        client if spotify::CLIENTS.contains(&client) => Box::new(Spotify::new(base)),
        _ => {
            let opens = choose::opens(name, config);
            Box::new(Any::new(base, opens))
        }
    })
}

/// The name by which a player is known, whichever of several it is: "vlc", "celluloid".
pub fn kind(name: &str) -> String {
    let name = short(name).to_lowercase();
    let celluloid = "io.github.celluloid_player.celluloid";
    if name.starts_with(celluloid) { "celluloid".into() } else { name.split('.').next().unwrap_or_default().to_owned() }
}

/// Whether a player is between two songs, where some are stopped for a moment.
pub fn stops(before: Option<&Playback>, after: Option<&Playback>) -> bool {
    let playing = before.is_some_and(|playback| playback.status == Status::Playing);
    playing && after.is_some_and(|playback| playback.status == Status::Stopped)
}
