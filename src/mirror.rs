//! Our own player on the bus, for widgets and `playerctl`: it shows the song of the player that we steer, our songs to come
//! as a track list, and the moods as playlists.
//!
//! It plays nothing, so it says `CanControl = false` and with it `CanPlay = false`: by the MPRIS specification no media key
//! should choose it, and `playerctl` passes it over, with and without playerctld. Song and position are the steered
//! player's; `RemoveTrack` puts a song of ours off; `ActivatePlaylist` sets the mood.

mod metadata;
mod moods;
mod news;
mod player;
mod root;
mod tracks;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use anyhow::Result;
use zbus::blocking::Connection;
use zbus::fdo::{self, RequestNameFlags};
use zbus::zvariant::OwnedValue;

use crate::control::Line;
use crate::event::{Mirrored, Reply, Request};

pub const NAME: &str = "org.mpris.MediaPlayer2.moodring";
pub const PATH: &str = "/org/mpris/MediaPlayer2";

/// As in the signatures of MPRIS: `a{sv}`.
type Fields = HashMap<String, OwnedValue>;

/// Our player, until it is dropped; it comes onto the bus with the first that is shown.
#[derive(Debug)]
pub struct Mirror {
    messages: Sender<Message>,
    _line: Line,
}

enum Message {
    Show(Box<Mirrored>),
    /// The bus was restarted, and our player has gone with the old one.
    Renew(Connection),
}

impl Mirror {
    /// `ask` is called on threads of its own and may wait for the answer; `None` from it means that there was none.
    ///
    /// `None`: there is no session bus.
    pub fn start(ask: impl Fn(Request) -> Option<Reply> + Send + Sync + 'static) -> Option<Self> {
        let (messages, inbox) = mpsc::channel();
        let renewed = messages.clone();
        let line = Line::open("mirror bus", move |bus| renewed.send(Message::Renew(bus)).is_ok())?;
        let (bus, ask) = (line.bus(), Arc::new(ask));
        thread::Builder::new().name("mirror".into()).spawn(move || serve(&inbox, bus, ask)).ok()?;
        Some(Self { messages, _line: line })
    }

    /// Shows this from now on; what differs is told on the bus.
    pub fn show(&self, mirrored: Mirrored) {
        // The thread ends only with us.
        let _ = self.messages.send(Message::Show(Box::new(mirrored)));
    }
}

/// What our four interfaces share.
struct Board {
    shown: Mutex<Mirrored>,
    ask: Arc<Ask>,
}

type Ask = dyn Fn(Request) -> Option<Reply> + Send + Sync;

impl Board {
    fn shown(&self) -> MutexGuard<'_, Mirrored> {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes a request on; a refusal is an error whose text is for the listener.
    async fn ask(&self, request: Request) -> fdo::Result<()> {
        let ask = Arc::clone(&self.ask);
        match blocking::unblock(move || ask(request)).await {
            Some(Reply::Refused(why)) => Err(fdo::Error::Failed(why)),
            Some(_) => Ok(()),
            None => Err(fdo::Error::NoReply("Moodring did not answer in time".into())),
        }
    }
}

fn serve(inbox: &Receiver<Message>, mut bus: Connection, ask: Arc<Ask>) {
    let mut board: Option<Arc<Board>> = None;
    let mut ours = false;
    while let Ok(message) = inbox.recv() {
        match (message, &board) {
            (Message::Show(mirrored), Some(board)) => {
                let before = std::mem::replace(&mut *board.shown(), (*mirrored).clone());
                if ours && let Err(error) = news::tell(&bus, &before, &mirrored) {
                    tracing::debug!("no widget hears of this change: {error:#}");
                }
            }
            (Message::Show(mirrored), None) => {
                let first = Arc::new(Board { shown: Mutex::new(*mirrored), ask: ask.clone() });
                ours = appear(&bus, &first);
                board = Some(first);
            }
            (Message::Renew(new), board) => {
                bus = new;
                ours = board.as_ref().is_some_and(|board| appear(&bus, board));
            }
        }
    }
}

/// Whether our player is on the bus now.
fn appear(bus: &Connection, board: &Arc<Board>) -> bool {
    match offer(bus, board) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!("widgets cannot see Moodring: {error:#}");
            false
        }
    }
}

/// The objects come before the name, so that nobody finds the name without them. A name that another has is left to it, and
/// ours is given to nobody.
fn offer(bus: &Connection, board: &Arc<Board>) -> Result<()> {
    let server = bus.object_server();
    server.at(PATH, root::Root(board.clone()))?;
    server.at(PATH, player::Player(board.clone()))?;
    server.at(PATH, tracks::TrackList(board.clone()))?;
    server.at(PATH, moods::Playlists(board.clone()))?;
    match bus.request_name_with_flags(NAME, RequestNameFlags::DoNotQueue.into()) {
        Ok(_) => Ok(()),
        Err(zbus::Error::NameTaken) => anyhow::bail!("another program has the name {NAME}"),
        Err(error) => Err(error.into()),
    }
}
