//! Notifications: few, and none during do not disturb.

use std::time::{Duration, Instant};

use crate::message::{Effect, Notification, Record};
use crate::mood::{Mood, MoodName};
use crate::state::{State, persist};

/// At login, a panel may come late.
const GRACE: Duration = Duration::from_secs(60);

/// What was notified so far.
#[derive(Clone, Debug)]
pub(super) struct NotificationState {
    /// The last settled mood, notified or not.
    mood: MoodName,
    of_tray: bool,
    /// What the user can do about the missing tray, and since when it is missing.
    pub no_tray: Option<(String, Instant)>,
}

impl NotificationState {
    pub(crate) fn new(of_tray: bool) -> Self {
        Self { mood: MoodName::Neutral, of_tray, no_tray: None }
    }
}

impl State {
    fn is_do_not_disturb(&self) -> bool {
        self.presence.quiet == Some(true)
    }

    /// Notifies of a settled mood with a new name.
    pub(super) fn notify_mood(&mut self, settled: Mood, effects: &mut Vec<Effect>) {
        let name = self.table.nearest(&settled);
        let before = std::mem::replace(&mut self.notification_state.mood, name);
        if before != name && self.config.desktop.notifications && !self.is_do_not_disturb() {
            let (intent, undo) = (self.intent, self.can_dequeue());
            effects.push(Effect::Notify(Notification::MoodSettled { mood: settled, name, before, intent, undo }));
        }
    }

    /// The user set or corrected the mood, so it needs no notification.
    pub(super) fn set_known_mood(&mut self, name: MoodName) {
        self.notification_state.mood = name;
    }

    /// Once in the life of a library.
    pub(super) fn notify_missing_tray(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.notify_tray_at().is_none_or(|at| at > now) {
            return;
        }
        if let Some((advice, _)) = self.notification_state.no_tray.take() {
            self.notification_state.of_tray = true;
            effects.extend([Effect::Notify(Notification::NoTray(advice)), persist(Record::TrayAdviceShown)]);
        }
    }

    /// `None` also during do not disturb: it can wait.
    pub(super) fn notify_tray_at(&self) -> Option<Instant> {
        let (_, since) = self
            .notification_state
            .no_tray
            .as_ref()
            .filter(|_| !self.notification_state.of_tray && !self.is_do_not_disturb())?;
        Some(*since + GRACE)
    }
}
