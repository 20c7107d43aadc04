//! Players that do what real ones do only on bad days.

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

/// Ids are of the form that VLC gives, so that a false VLC can be made as well.
const ITEM: &str = "/org/videolan/vlc/playlist/";

/// What a player does with a song it is given; it always answers that all is well.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    Inserts,
    /// Does it, but so late that nobody waits any more.
    Dawdles,
    Appends,
    Drops,
    /// Answers at once and does it two seconds later.
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
    /// Inserts; removing answers well and does nothing.
    InsertsForGood,
}

pub struct Fake {
    pub bus: Connection,
}

type Map = HashMap<String, OwnedValue>;

struct Root;

#[interface(name = "org.mpris.MediaPlayer2")]
impl Root {
    #[zbus(property)]
    fn identity(&self) -> &str {
        "Fake\u{7}\u{1b}[2J player"
    }

    #[zbus(property)]
    fn has_track_list(&self) -> bool {
        true
    }
}

struct Face {
    status: OwnedValue,
    metadata: Map,
    position: OwnedValue,
    /// How often the position was told, and after how many times it moves on; zero: never.
    told: (AtomicU32, u32),
}

#[interface(name = "org.mpris.MediaPlayer2.Player")]
impl Face {
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
        let told = self.told.0.fetch_add(1, Ordering::Relaxed);
        match told.checked_sub(self.told.1) {
            Some(more) if self.told.1 > 0 => Value::from(i64::from(more) * 60_000).try_to_owned().unwrap(),
            _ => self.position.clone(),
        }
    }

    #[zbus(property)]
    fn shuffle(&self) -> &str {
        "perhaps"
    }
}

struct List {
    habit: Habit,
    tracks: Vec<(OwnedObjectPath, String)>,
}

impl List {
    fn id(&self, at: usize) -> OwnedObjectPath {
        let number = |number: usize| OwnedObjectPath::try_from(format!("{ITEM}{number}")).unwrap();
        match self.habit {
            Habit::NumbersByPosition => number(at + 3),
            Habit::NumbersAllTheSame => number(3),
            _ => self.tracks[at].0.clone(),
        }
    }

    fn place(&self, id: &OwnedObjectPath) -> Option<usize> {
        (0..self.tracks.len()).find(|at| self.id(*at) == *id)
    }

    fn insert(&mut self, address: String, after: &OwnedObjectPath) -> usize {
        let id = OwnedObjectPath::try_from(format!("{ITEM}{}", self.tracks.len() + 3)).unwrap();
        let next = self.place(after).map_or(0, |at| at + 1);
        let appends =
            matches!(self.habit, Habit::Appends | Habit::SaysFixed | Habit::AppendsForGood | Habit::RefusesAndAppends);
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
        self.habit != Habit::SaysFixed
    }

    async fn add_track(
        &mut self,
        address: String,
        after: OwnedObjectPath,
        _play: bool,
        #[zbus(connection)] bus: &zbus::Connection,
    ) -> fdo::Result<()> {
        match self.habit {
            Habit::Drops => {}
            Habit::Refuses => return refuse(),
            Habit::RefusesAndAppends => {
                self.insert(address, &after);
                return refuse();
            }
            Habit::Dawdles => {
                std::thread::sleep(CALL_LIMIT + Duration::from_millis(500));
                self.insert(address, &after);
            }
            Habit::InsertsLate => {
                let bus = Connection::from(bus.clone());
                std::thread::spawn(move || {
                    std::thread::sleep(Duration::from_secs(2));
                    bus.object_server().interface::<_, Self>(PATH).unwrap().get_mut().insert(address, &after);
                });
            }
            Habit::Starts => {
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
        match self.habit {
            Habit::AppendsForGood | Habit::SaysFixed => return refuse(),
            Habit::InsertsForGood => {}
            _ => {
                let place = self.place(&id);
                place.map(|at| self.tracks.remove(at));
            }
        }
        Ok(())
    }

    async fn go_to(&self, id: OwnedObjectPath, #[zbus(connection)] bus: &zbus::Connection) {
        if let Some(at) = self.place(&id) {
            self.start(at, bus).await;
        }
    }

    fn get_tracks_metadata(&self, ids: Vec<OwnedObjectPath>) -> fdo::Result<Vec<Map>> {
        if self.habit == Habit::HidesMetadata {
            return refuse();
        }
        let describe = |id: &OwnedObjectPath| {
            let mut fields = metadata(id, &self.tracks[self.place(id)?].1);
            if self.habit == Habit::HidesAddresses {
                fields.remove("xesam:url");
            }
            Some(fields)
        };
        Ok(ids.iter().filter_map(describe).collect())
    }
}

impl List {
    async fn start(&self, at: usize, bus: &zbus::Connection) {
        let face = bus.object_server().interface::<_, Face>(PATH).await.unwrap();
        face.get_mut().await.metadata = metadata(&self.id(at), &self.tracks[at].1);
    }
}

fn metadata(id: &ObjectPath<'_>, address: &str) -> Map {
    map(vec![("mpris:trackid", Value::from(id.clone().into_owned())), ("xesam:url", Value::from(address.to_owned()))])
}

pub fn map(pairs: Vec<(&str, Value<'static>)>) -> Map {
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.try_to_owned().unwrap())).collect()
}

impl Fake {
    /// On the bus at this address: plays the first of two tracks.
    pub fn new(address: &str, name: &str, habit: Habit) -> Self {
        let track = |at, song: &str| (OwnedObjectPath::try_from(format!("{ITEM}{at}")).unwrap(), song.to_owned());
        let tracks = vec![track(3, "file:///x/a.ogg"), track(4, "file:///x/z.ogg")];
        let metadata = metadata(&tracks[0].0, &tracks[0].1);
        let position = Value::from(-5_i64).try_to_owned().unwrap();
        let face = Face { status: word("Playing"), metadata, position, told: Default::default() };
        let builder = Builder::address(address).unwrap().serve_at(PATH, Root).unwrap();
        let builder = builder.serve_at(PATH, face).unwrap().serve_at(PATH, List { habit, tracks }).unwrap();
        let bus = builder.name(format!("org.mpris.MediaPlayer2.{name}")).unwrap().build().unwrap();
        Self { bus }
    }

    pub fn status(&self, status: &str) {
        let face = self.bus.object_server().interface::<_, Face>(PATH).unwrap();
        face.get_mut().status = word(status);
        zbus::block_on(face.get().playback_status_changed(face.signal_emitter())).unwrap();
    }

    pub fn metadata(&self, metadata: Map) {
        let face = self.bus.object_server().interface::<_, Face>(PATH).unwrap();
        face.get_mut().metadata = metadata;
        zbus::block_on(face.get().metadata_changed(face.signal_emitter())).unwrap();
    }

    /// Says where it is in the song, when asked.
    pub fn position(&self, value: Value<'static>) {
        let face = self.bus.object_server().interface::<_, Face>(PATH).unwrap();
        face.get_mut().position = value.try_to_owned().unwrap();
    }

    /// Stands at the begin of a song until it has told so that often, then moves on each time.
    pub fn begins_after(&self, times: u32) {
        self.position(0_i64.into());
        let face = self.bus.object_server().interface::<_, Face>(PATH).unwrap();
        face.get_mut().told = (AtomicU32::new(0), times);
    }

    /// Says that something has changed, over and over.
    pub fn chatter(&self, times: usize) {
        let emitter = SignalEmitter::new(self.bus.inner(), PATH).unwrap();
        let name = zbus::names::InterfaceName::from_static_str("org.mpris.MediaPlayer2.Player").unwrap();
        for _ in 0..times {
            let changed = HashMap::from([("Volume", Value::from(0.5))]);
            let said = zbus::fdo::Properties::properties_changed(&emitter, name.clone(), changed, (&[]).into());
            zbus::block_on(said).unwrap();
        }
    }

    /// The address of what plays.
    pub fn current(&self) -> String {
        let face = self.bus.object_server().interface::<_, Face>(PATH).unwrap();
        let address = face.get().metadata["xesam:url"].try_clone().unwrap();
        String::try_from(address).unwrap()
    }

    /// The addresses in its list.
    pub fn tracks(&self) -> Vec<String> {
        let list = self.bus.object_server().interface::<_, List>(PATH).unwrap();
        list.get().tracks.iter().map(|(_, address)| address.clone()).collect()
    }
}

fn word(text: &str) -> OwnedValue {
    Value::from(text.to_owned()).try_to_owned().unwrap()
}
