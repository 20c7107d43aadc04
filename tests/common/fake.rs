//! Fake players that misbehave on purpose.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use moodring_players::call_limit::CALL_LIMIT;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{fdo, interface};

const PATH: &str = "/org/mpris/MediaPlayer2";

/// Ids have the form of VLC's, so that a fake VLC is possible as well.
const ITEM: &str = "/org/videolan/vlc/playlist/";

/// What a player does with a song that is added; most report success.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    Inserts,
    /// Inserts the song, but only after the time limit of the call.
    InsertsAfterTimeout,
    Appends,
    Drops,
    /// Answers at once and inserts the song two seconds later.
    InsertsLate,
    /// Its ids are positions in the list.
    NumbersByPosition,
    NumbersAllTheSame,
    HidesAddresses,
    /// Refuses to describe its tracks.
    HidesMetadata,
    Refuses,
    RefusesAndAppends,
    /// Says that its list cannot be edited, and appends for good.
    SaysFixed,
    /// Plays what is added at once.
    Starts,
    /// Appends, and refuses to remove.
    AppendsForGood,
    /// Inserts; removing reports success and does nothing.
    InsertsForGood,
}

pub struct FakePlayer {
    pub bus: Connection,
}

type Map = HashMap<String, OwnedValue>;

struct Root;

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    #[zbus(property)]
    fn identity(&self) -> &str {
        "FakePlayer\u{7}\u{1b}[2J player"
    }

    #[zbus(property)]
    fn has_track_list(&self) -> bool {
        true
    }
}

struct PlayerState {
    status: OwnedValue,
    metadata: Map,
    position: OwnedValue,
    /// How often the position was read, and after how many readings it moves; zero: never.
    position_reads: (AtomicU32, u32),
}

#[interface(name = "org.mpris.MediaPlayer2.Player")]
impl PlayerState {
    #[zbus(property)]
    fn playback_status(&self) -> OwnedValue {
        self.status.clone()
    }

    #[zbus(property)]
    fn metadata(&self) -> Map {
        self.metadata.clone()
    }

    #[zbus(property)]
    fn position(&self) -> OwnedValue {
        let reads = self.position_reads.0.fetch_add(1, Ordering::Relaxed);
        match reads.checked_sub(self.position_reads.1) {
            Some(more) if self.position_reads.1 > 0 => Value::from(i64::from(more) * 60_000).try_to_owned().unwrap(),
            _ => self.position.clone(),
        }
    }

    #[zbus(property)]
    fn shuffle(&self) -> &str {
        "perhaps"
    }
}

struct List {
    behavior: Behavior,
    tracks: Vec<(OwnedObjectPath, String)>,
}

impl List {
    fn id(&self, at: usize) -> OwnedObjectPath {
        let number = |number: usize| OwnedObjectPath::try_from(format!("{ITEM}{number}")).unwrap();
        match self.behavior {
            Behavior::NumbersByPosition => number(at + 3),
            Behavior::NumbersAllTheSame => number(3),
            _ => self.tracks[at].0.clone(),
        }
    }

    fn find_position(&self, id: &OwnedObjectPath) -> Option<usize> {
        (0..self.tracks.len()).find(|at| self.id(*at) == *id)
    }

    fn insert(&mut self, address: String, after: &OwnedObjectPath) -> usize {
        let id = OwnedObjectPath::try_from(format!("{ITEM}{}", self.tracks.len() + 3)).unwrap();
        let next = self.find_position(after).map_or(0, |at| at + 1);
        let appends = matches!(
            self.behavior,
            Behavior::Appends | Behavior::SaysFixed | Behavior::AppendsForGood | Behavior::RefusesAndAppends
        );
        let at = if appends { self.tracks.len() } else { next };
        self.tracks.insert(at, (id, address));
        at
    }
}

fn refuse<T>() -> fdo::Result<T> {
    Err(fdo::Error::NotSupported("not implemented".into()))
}

#[interface(name = "org.mpris.MediaPlayer2.TrackList")]
impl List {
    #[zbus(property)]
    fn tracks(&self) -> Vec<OwnedObjectPath> {
        (0..self.tracks.len()).map(|at| self.id(at)).collect()
    }

    #[zbus(property)]
    fn can_edit_tracks(&self) -> bool {
        self.behavior != Behavior::SaysFixed
    }

    async fn add_track(
        &mut self,
        address: String,
        after: OwnedObjectPath,
        _play: bool,
        #[zbus(connection)] bus: &zbus::Connection,
    ) -> fdo::Result<()> {
        match self.behavior {
            Behavior::Drops => {}
            Behavior::Refuses => return refuse(),
            Behavior::RefusesAndAppends => {
                self.insert(address, &after);
                return refuse();
            }
            Behavior::InsertsAfterTimeout => {
                std::thread::sleep(CALL_LIMIT + Duration::from_millis(500));
                self.insert(address, &after);
            }
            Behavior::InsertsLate => {
                let bus = Connection::from(bus.clone());
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_secs(2));
                    bus.object_server().interface::<_, Self>(PATH).unwrap().get_mut().insert(address, &after);
                });
            }
            Behavior::Starts => {
                let at = self.insert(address, &after);
                self.start(at, bus).await;
            }
            _ => {
                self.insert(address, &after);
            }
        }
        Ok(())
    }

    fn remove_track(&mut self, id: OwnedObjectPath) -> fdo::Result<()> {
        match self.behavior {
            Behavior::AppendsForGood | Behavior::SaysFixed => return refuse(),
            Behavior::InsertsForGood => {}
            _ => {
                let position = self.find_position(&id);
                position.map(|at| self.tracks.remove(at));
            }
        }
        Ok(())
    }

    async fn go_to(&self, id: OwnedObjectPath, #[zbus(connection)] bus: &zbus::Connection) {
        if let Some(at) = self.find_position(&id) {
            self.start(at, bus).await;
        }
    }

    fn get_tracks_metadata(&self, ids: Vec<OwnedObjectPath>) -> fdo::Result<Vec<Map>> {
        if self.behavior == Behavior::HidesMetadata {
            return refuse();
        }
        let describe = |id: &OwnedObjectPath| {
            let mut fields = metadata(id, &self.tracks[self.find_position(id)?].1);
            if self.behavior == Behavior::HidesAddresses {
                fields.remove("xesam:url");
            }
            Some(fields)
        };
        Ok(ids.iter().filter_map(describe).collect())
    }
}

impl List {
    async fn start(&self, at: usize, bus: &zbus::Connection) {
        let state = bus.object_server().interface::<_, PlayerState>(PATH).await.unwrap();
        state.get_mut().await.metadata = metadata(&self.id(at), &self.tracks[at].1);
    }
}

fn metadata(id: &ObjectPath<'_>, address: &str) -> Map {
    map(vec![("mpris:trackid", Value::from(id.clone().into_owned())), ("xesam:url", Value::from(address.to_owned()))])
}

pub fn map(pairs: Vec<(&str, Value<'static>)>) -> Map {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.try_to_owned().unwrap())).collect()
}

impl FakePlayer {
    /// On the bus at this address: plays the first of two tracks.
    pub fn start(address: &str, name: &str, behavior: Behavior) -> Self {
        let track = |at, song: &str| (OwnedObjectPath::try_from(format!("{ITEM}{at}")).unwrap(), song.to_owned());
        let tracks = vec![track(3, "file:///x/a.ogg"), track(4, "file:///x/z.ogg")];
        let metadata = metadata(&tracks[0].0, &tracks[0].1);
        let position = Value::from(-5_i64).try_to_owned().unwrap();
        let state = PlayerState { status: to_value("Playing"), metadata, position, position_reads: Default::default() };
        let builder = Builder::address(address).unwrap().serve_at(PATH, Root).unwrap();
        let builder = builder.serve_at(PATH, state).unwrap().serve_at(PATH, List { behavior, tracks }).unwrap();
        let bus = builder.name(format!("org.mpris.MediaPlayer2.{name}")).unwrap().build().unwrap();
        Self { bus }
    }

    /// As players do that send no signals.
    pub fn set_status_silently(&self, status: &str) {
        let state = self.bus.object_server().interface::<_, PlayerState>(PATH).unwrap();
        state.get_mut().status = to_value(status);
    }

    pub fn set_status(&self, status: &str) {
        let state = self.bus.object_server().interface::<_, PlayerState>(PATH).unwrap();
        state.get_mut().status = to_value(status);
        zbus::block_on(state.get().playback_status_changed(state.signal_emitter())).unwrap();
    }

    pub fn set_metadata(&self, metadata: Map) {
        let state = self.bus.object_server().interface::<_, PlayerState>(PATH).unwrap();
        state.get_mut().metadata = metadata;
        zbus::block_on(state.get().metadata_changed(state.signal_emitter())).unwrap();
    }

    /// Sets the position within the song.
    pub fn set_position(&self, value: Value<'static>) {
        let state = self.bus.object_server().interface::<_, PlayerState>(PATH).unwrap();
        state.get_mut().position = value.try_to_owned().unwrap();
    }

    /// Stays at the beginning of a song for this many readings, then moves with each.
    pub fn move_after_reads(&self, times: u32) {
        self.set_position(0_i64.into());
        let state = self.bus.object_server().interface::<_, PlayerState>(PATH).unwrap();
        state.get_mut().position_reads = (AtomicU32::new(0), times);
    }

    /// Sends this many signals that the volume has changed.
    pub fn send_signals(&self, times: usize) {
        let emitter = SignalEmitter::new(self.bus.inner(), PATH).unwrap();
        let name = zbus::names::InterfaceName::from_static_str("org.mpris.MediaPlayer2.Player").unwrap();
        for _ in 0..times {
            let changed = HashMap::from([("Volume", Value::from(0.5))]);
            let signal = zbus::fdo::Properties::properties_changed(&emitter, name.clone(), changed, (&[]).into());
            zbus::block_on(signal).unwrap();
        }
    }

    /// The address of the current song.
    pub fn current(&self) -> String {
        let state = self.bus.object_server().interface::<_, PlayerState>(PATH).unwrap();
        let address = state.get().metadata["xesam:url"].try_clone().unwrap();
        String::try_from(address).unwrap()
    }

    /// The addresses in its list.
    pub fn tracks(&self) -> Vec<String> {
        let list = self.bus.object_server().interface::<_, List>(PATH).unwrap();
        list.get().tracks.iter().map(|(_, address)| address.clone()).collect()
    }
}

fn to_value(text: &str) -> OwnedValue {
    Value::from(text.to_owned()).try_to_owned().unwrap()
}
