//! The tray: a [`StatusReport`] as icon, tooltip and menu.
//!
//! A left click pauses or resumes, as the tooltip says; a right click opens the menu. A desktop without a tray is an
//! ordinary day: the icon waits for one without a word, and comes back when a panel or the session bus was restarted.

pub mod availability;
pub mod icon;
pub mod item;
pub mod menu;

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;

use tray_icon::menu::MenuEvent;
use tray_icon::{MouseButton, TrayIconEvent};

use crate::desktop::ipc::wire::{PhaseReport, StatusReport};
use crate::desktop::tray::item::Shown;
use crate::desktop::tray::menu::MenuAction;
use moodring_core::message::Request;
use moodring_platform::bus::reconnecting::BusConnection;

/// Our place in the tray, until it is dropped. One at a time in a process.
#[derive(Debug)]
pub struct Tray {
    messages: Sender<TrayMessage>,
    /// On which the bus is watched.
    line: BusConnection,
}

enum TrayMessage {
    Show(Box<StatusReport>),
    Do(MenuAction),
    /// A left click on the icon.
    Click,
    /// The bus was restarted, and the icon has gone with the old one.
    Renew,
    Leave,
}

/// Where clicks go: `tray-icon` knows one handler for the whole process.
static CLICKS: Mutex<Option<Sender<TrayMessage>>> = Mutex::new(None);

impl Tray {
    /// Starts the tray's thread, on which `ask` is then called; the icon comes with the first view.
    ///
    /// `None`: there is no session bus.
    pub fn start(ask: impl Fn(Request) + Send + 'static) -> Option<Self> {
        let (messages, inbox) = mpsc::channel();
        let renewed = messages.clone();
        let line = BusConnection::open("tray bus", move |_| renewed.send(TrayMessage::Renew).is_ok())?;
        *CLICKS.lock().unwrap_or_else(PoisonError::into_inner) = Some(messages.clone());
        listen();
        thread::Builder::new().name("tray".into()).spawn(move || serve(&inbox, &ask)).ok()?;
        Some(Self { messages, line })
    }

    /// Reports, from another thread, what the owner of a desktop can do that shows no tray icons without their help, while
    /// it shows none; `None`: it does. Nothing is reported on other desktops.
    pub fn watch_panel(&self, report: impl Fn(Option<String>) -> bool + Send + 'static) {
        let desktop = availability::desktop();
        if !availability::needs_help(&desktop) {
            return;
        }
        let bus = self.line.bus();
        let tell = move |there: bool| report((!there).then(|| availability::advice(&desktop).to_owned()));
        let watch = move || {
            if let Err(error) = availability::watch(&bus, tell) {
                tracing::debug!("nobody tells whether there is a tray: {error:#}");
            }
        };
        if let Err(error) = thread::Builder::new().name("panel".into()).spawn(watch) {
            tracing::warn!("cannot find out whether there is a tray: {error}");
        }
    }

    /// Shows this from now on; only what differs is sent to the panel.
    pub fn show(&self, view: StatusReport) {
        // The thread ends early only when the tray cannot be had; nothing is shown then.
        let _ = self.messages.send(TrayMessage::Show(Box::new(view)));
    }
}

impl Drop for Tray {
    fn drop(&mut self) {
        // The thread may have ended already.
        let _ = self.messages.send(TrayMessage::Leave);
    }
}

/// The handlers only pass on: they run within the tray's D-Bus service and must not wait.
fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        MenuEvent::set_event_handler(Some(|event: MenuEvent| {
            if let Ok(deed) = serde_json::from_str(&event.id.0) {
                forward(TrayMessage::Do(deed));
            }
        }));
        TrayIconEvent::set_event_handler(Some(|event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, .. } = event {
                forward(TrayMessage::Click);
            }
        }));
    });
}

fn forward(message: TrayMessage) {
    if let Some(clicks) = &*CLICKS.lock().unwrap_or_else(PoisonError::into_inner) {
        let _ = clicks.send(message);
    }
}

fn serve(inbox: &Receiver<TrayMessage>, ask: &dyn Fn(Request)) {
    let mut shown: Option<Shown> = None;
    while let Ok(message) = inbox.recv() {
        match (message, &mut shown) {
            (TrayMessage::Leave, _) => return,
            (TrayMessage::Show(view), Some(shown)) => shown.change(*view),
            (TrayMessage::Show(view), none) => *none = first(*view),
            (TrayMessage::Renew, Some(before)) => {
                let view = before.view().clone();
                // The old one must have left before another may come.
                drop(shown.take());
                shown = first(view);
            }
            (TrayMessage::Do(deed), Some(shown)) => {
                ask(deed.request());
                shown.restore_choices();
            }
            // Before the owner has answered, a stray click must not decide anything.
            (TrayMessage::Click, Some(shown)) if shown.view().phase != PhaseReport::Asking => ask(Request::Toggle),
            (TrayMessage::Do(_) | TrayMessage::Click | TrayMessage::Renew, _) => {}
        }
    }
}

fn first(view: StatusReport) -> Option<Shown> {
    Shown::first(view).inspect_err(|error| tracing::warn!("no tray icon: {error}")).ok()
}

#[cfg(test)]
pub(crate) mod examples {
    use super::*;
    use crate::desktop::ipc::wire::PickReport;
    use moodring_core::domain::pick::ScoreBreakdown;
    use moodring_core::domain::playback::QueueMethod;
    use moodring_core::domain::song::Opinion;
    use moodring_core::mood::{Intent, Mood, MoodName};

    pub(crate) fn view() -> StatusReport {
        let next = PickReport {
            path: "/music/rain.ogg".into(),
            title: "Rain".into(),
            artist: "The Clouds".into(),
            why: "calm and bright like your mood; you finished 5 of its 6 plays".into(),
            terms: ScoreBreakdown::default(),
        };
        StatusReport {
            phase: PhaseReport::Watching,
            no_look: None,
            mood: Mood { valence: 0.82, energy: 0.74, confidence: 0.8 },
            mood_name: MoodName::Happy,
            scores: None,
            unread: None,
            by_hand: None,
            intent: Intent::Match,
            player: Some("VLC media player".into()),
            way: Some(QueueMethod::AfterCurrent { take_back: true }),
            playing: Some("Sun – The Skies".into()),
            ours: None,
            opinion: Opinion::None,
            next: Some(next),
            waiting_for: None,
            songs: 512,
        }
    }
}
