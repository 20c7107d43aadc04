//! Notifications through `org.freedesktop.Notifications`: the one before gives way to the next.
//!
//! The daemon is asked nothing before the first notice, and each call to it ends within three seconds. What a button of a
//! notice does is a [`Request`]; when that is refused, the refusal takes the notice's place.

pub mod daemon;
pub mod wording;

use std::sync::mpsc::{self, Receiver, Sender};

use anyhow::Result;

use crate::desktop::ipc::wire::Answer;
use crate::desktop::notifications::daemon::Daemon;
use crate::desktop::notifications::wording::Text;
use moodring_core::message::{Notification, Request};
use moodring_platform::threads::spawn;

/// A thread that speaks with the notification daemon.
#[derive(Debug)]
pub struct Notifications {
    messages: Sender<NotifierMessage>,
}

enum NotifierMessage {
    Tell(Notification),
    /// A button of the notice with this id was pressed.
    Pressed(u32, String),
    Leave,
}

impl Notifications {
    /// `ask` is called on that thread and may wait for the answer; `None` from it means that there was none.
    pub fn start(ask: impl Fn(Request) -> Option<Answer> + Send + 'static) -> Result<Self> {
        let (messages, inbox) = mpsc::channel();
        let pressed = messages.clone();
        spawn("notices", move || serve(&inbox, &pressed, &ask))?;
        Ok(Self { messages })
    }

    pub fn tell(&self, notice: Notification) {
        // The thread ends only with us.
        let _ = self.messages.send(NotifierMessage::Tell(notice));
    }
}

impl Drop for Notifications {
    fn drop(&mut self) {
        let _ = self.messages.send(NotifierMessage::Leave);
    }
}

fn serve(
    inbox: &Receiver<NotifierMessage>,
    pressed: &Sender<NotifierMessage>,
    ask: &dyn Fn(Request) -> Option<Answer>,
) {
    let mut desk = Notifier { pressed, daemon: None, shown: 0 };
    while let Ok(message) = inbox.recv() {
        match message {
            NotifierMessage::Leave => return,
            NotifierMessage::Tell(notice) => desk.show(&wording::notice(&notice)),
            // An older notice's buttons meant an older mood.
            NotifierMessage::Pressed(id, key) if id == desk.shown => {
                let reply = wording::request(&key).and_then(ask);
                if let Some(Answer::Refused(why)) = reply {
                    desk.show(&wording::refusal(why));
                }
            }
            NotifierMessage::Pressed(..) => {}
        }
    }
}

struct Notifier<'a> {
    pressed: &'a Sender<NotifierMessage>,
    daemon: Option<Daemon>,
    /// 0: none yet.
    shown: u32,
}

impl Notifier<'_> {
    fn show(&mut self, text: &Text) {
        // Once more on a new connection, for a bus that was restarted meanwhile.
        let shown = self.try_to_show(text).or_else(|_| self.try_to_show(text));
        match shown {
            Ok(id) => self.shown = id,
            Err(error) => tracing::warn!("cannot tell on the desktop that {}: {error:#}", text.summary),
        }
    }

    fn try_to_show(&mut self, text: &Text) -> Result<u32> {
        let daemon = match self.daemon.take() {
            Some(daemon) => daemon,
            None => {
                self.shown = 0;
                let pressed = self.pressed.clone();
                Daemon::meet(move |id, key| pressed.send(NotifierMessage::Pressed(id, key)).is_ok())?
            }
        };
        let id = daemon.show(text, self.shown)?;
        self.daemon = Some(daemon);
        Ok(id)
    }
}
