//! The question before the camera is opened: does the session still exist, and does the library still allow a look?
//!
//! What the state knows may be old: another agent, a command or a restored backup may have written "deny" or "pause".

use std::sync::Arc;
use std::sync::mpsc::Sender;

use crate::agent::persistence::Persistence;
use crate::desktop::ipc::SessionLink;
use moodring_core::domain::presence::LookBlock;
use moodring_core::message::{Event, PersistedState};

#[derive(Clone)]
pub struct LookPermission {
    session: Arc<SessionLink>,
    store: Persistence,
    events: Sender<Event>,
}

impl LookPermission {
    pub fn new(session: Arc<SessionLink>, store: Persistence, events: Sender<Event>) -> Self {
        Self { session, store, events }
    }

    /// Why no look may be taken; `None`: it may. What the library says otherwise than the state is sent to the state.
    pub fn find_block(&self) -> Option<LookBlock> {
        if !self.session.is_alive() {
            return Some(LookBlock::NoSession);
        }
        // Where the library does not answer, nobody knows whether the camera may be opened.
        let Some(settings) = self.store.settings() else { return Some(LookBlock::PresenceUnknown) };
        let block = read_block(&settings)?;
        // The state may have ended already, and then no look follows.
        let _ = self.events.send(Event::SettingsLoaded(settings));
        Some(block)
    }
}

fn read_block(settings: &PersistedState) -> Option<LookBlock> {
    match settings {
        PersistedState { consent: None, .. } => Some(LookBlock::ConsentPending),
        PersistedState { consent: Some(false), .. } => Some(LookBlock::ConsentDenied),
        PersistedState { paused: true, .. } => Some(LookBlock::Paused),
        _ => None,
    }
}
