//! Our own player on the bus, for widgets and `playerctl`: it shows the song of the player that we steer, our songs to come
//! as a track list, and the moods as playlists.
//!
//! It plays nothing, so it says `CanControl = false` and with it `CanPlay = false`: by the MPRIS specification no media key
//! should choose it, and `playerctl` passes it over, with and without playerctld. Song and position are the steered
//! player's; `RemoveTrack` puts a song of ours off; `ActivatePlaylist` sets the mood.

/// Properties that always have the same value; the crate's traits want each of them.
macro_rules! always {
    ($($property:ident: $kind:ty = $value:expr;)*) => {
        $(async fn $property(&self) -> fdo::Result<$kind> {
            Ok($value)
        })*
    };
}

/// What is refused whatever is asked, with the error that `$why` makes.
macro_rules! refused {
    ($why:ident: $($asked:ident($($kind:ty),*) -> $answer:ty;)*) => {
        $(async fn $asked(&self, $(_: $kind),*) -> $answer {
            Err($why().into())
        })*
    };
}

pub mod changes;
pub mod metadata;
pub mod moods;
pub mod name_holder;
pub mod player;
pub mod root;
pub mod tracks;

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;
use zbus::fdo;

use crate::desktop::ipc::wire::Answer;
use crate::desktop::mpris_server::name_holder::NameHolder;
use moodring_core::domain::view::MprisSnapshot;
use moodring_core::message::Request;
use moodring_platform::bus::reconnecting::BusConnection;

pub const NAME: &str = "org.mpris.MediaPlayer2.moodring";
pub const PATH: &str = "/org/mpris/MediaPlayer2";

/// How long our player may take to leave the bus.
const FAREWELL: Duration = Duration::from_secs(1);

/// Our player, until it is dropped; it comes onto the bus with the first that is shown.
#[derive(Debug)]
pub struct MprisServer {
    messages: Sender<ServerMessage>,
    /// Ends when our player has left.
    gone: Receiver<()>,
    _line: BusConnection,
}

enum ServerMessage {
    Show(Box<MprisSnapshot>),
    /// The bus was restarted, and our player has gone with the old one.
    Renew(Connection),
    Leave,
}

impl MprisServer {
    /// `ask` is called on threads of its own and may wait for the answer; `None` from it means that there was none.
    ///
    /// `None`: there is no session bus.
    pub fn start(ask: impl Fn(Request) -> Option<Answer> + Send + Sync + 'static) -> Option<Self> {
        let (messages, inbox) = mpsc::channel();
        let renewed = messages.clone();
        let line = BusConnection::open("mirror bus", move |bus| renewed.send(ServerMessage::Renew(bus)).is_ok())?;
        let stage = PublishState { bus: line.bus(), ask: Arc::new(ask), shown: None, face: None };
        let (there, gone) = mpsc::channel();
        let serve = move || {
            stage.serve(&inbox);
            drop(there);
        };
        thread::Builder::new().name("mirror".into()).spawn(serve).ok()?;
        Some(Self { messages, gone, _line: line })
    }

    /// Shows this from now on; what differs is told on the bus.
    pub fn show(&self, mirrored: MprisSnapshot) {
        // The thread ends only with us.
        let _ = self.messages.send(ServerMessage::Show(Box::new(mirrored)));
    }
}

impl Drop for MprisServer {
    /// The name is free after this, unless the bus does not answer.
    fn drop(&mut self) {
        // The thread ends only now; nothing is ever said but that.
        let _ = self.messages.send(ServerMessage::Leave);
        let _ = self.gone.recv_timeout(FAREWELL);
    }
}

/// What the four interfaces answer from.
struct Snapshot {
    shown: Mutex<MprisSnapshot>,
    ask: Arc<RequestHandler>,
}

type RequestHandler = dyn Fn(Request) -> Option<Answer> + Send + Sync;

impl Snapshot {
    fn shown(&self) -> MutexGuard<'_, MprisSnapshot> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a request on; a refusal is an error whose text is for the listener.
    async fn ask(&self, request: Request) -> fdo::Result<()> {
        let ask = Arc::clone(&self.ask);
        match blocking::unblock(move || ask(request)).await {
            Some(Answer::Refused(why)) => Err(fdo::Error::Failed(why)),
            Some(_) => Ok(()),
            None => Err(fdo::Error::NoReply("Moodring did not answer in time".into())),
        }
    }
}

/// What the thread of our player holds.
struct PublishState {
    /// Tells when the bus was restarted; the face has a connection of its own.
    bus: Connection,
    ask: Arc<RequestHandler>,
    shown: Option<MprisSnapshot>,
    face: Option<NameHolder>,
}

impl PublishState {
    fn serve(mut self, inbox: &Receiver<ServerMessage>) {
        while let Ok(message) = inbox.recv() {
            match message {
                ServerMessage::Show(mirrored) => self.show(*mirrored),
                ServerMessage::Renew(bus) => {
                    self.bus = bus;
                    self.appear();
                }
                ServerMessage::Leave => return,
            }
        }
    }

    fn show(&mut self, now: MprisSnapshot) {
        let before = self.shown.replace(now.clone());
        match (&self.face, before) {
            (_, None) => self.appear(),
            (Some(face), _) if face.is_lost() && !self.bus.is_closed() => self.appear(),
            (Some(face), Some(before)) => {
                if let Err(error) = face.show(&before, now) {
                    tracing::debug!("no widget hears of this change: {error:#}");
                }
            }
            (None, _) => {}
        }
    }

    /// Comes onto the bus, once there is something to show.
    fn appear(&mut self) {
        // The old one lets the name go first.
        self.face = None;
        let Some(shown) = self.shown.clone() else { return };
        let board = Snapshot { shown: Mutex::new(shown), ask: self.ask.clone() };
        match NameHolder::appear(&self.bus, board) {
            Ok(face) => self.face = Some(face),
            Err(error) => tracing::warn!("widgets cannot see Moodring: {error:#}"),
        }
    }
}
