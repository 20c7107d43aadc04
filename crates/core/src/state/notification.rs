//! What is told on the desktop without being asked: little, and nothing while its owner is not to be disturbed.

use std::time::{Duration, Instant};

use crate::message::{Effect, Notification, Record};
use crate::mood::{Mood, MoodName};
use crate::state::{State, remember};

/// At login, a panel may come late.
const GRACE: Duration = Duration::from_secs(60);

/// What has been told.
#[derive(Clone, Debug)]
pub(super) struct NotificationState {
    /// The last settled mood, told or not.
    mood: MoodName,
    of_tray: bool,
    /// What can be done about the missing tray, and since when it is missed.
    pub no_tray: Option<(String, Instant)>,
}

impl NotificationState {
    pub fn new(of_tray: bool) -> Self {
        Self { mood: MoodName::Neutral, of_tray, no_tray: None }
    }
}

impl State {
    fn not_to_be_disturbed(&self) -> bool {
        self.session.quiet == Some(true)
    }

    /// A mood that only moved within its name is no news.
    pub(super) fn announce(&mut self, settled: Mood, effects: &mut Vec<Effect>) {
        let name = self.table.nearest(&settled);
        let before = std::mem::replace(&mut self.told.mood, name);
        if before != name && self.config.desktop.notifications && !self.not_to_be_disturbed() {
            let (intent, undo) = (self.intent, self.can_take_back());
            effects.push(Effect::Notify(Notification::MoodSettled { mood: settled, name, before, intent, undo }));
        }
    }

    /// The listener said it: that it holds is no news either.
    pub(super) fn heard_of_mood(&mut self, name: MoodName) {
        self.told.mood = name;
    }

    /// Once in the life of a library.
    pub(super) fn tell_of_tray(&mut self, now: Instant, effects: &mut Vec<Effect>) {
        if self.tell_at().is_none_or(|at| at > now) {
            return;
        }
        if let Some((advice, _)) = self.told.no_tray.take() {
            self.told.of_tray = true;
            effects.extend([Effect::Notify(Notification::NoTray(advice)), remember(Record::TrayAdviceShown)]);
        }
    }

    /// `None` also while its owner is not to be disturbed: it can wait.
    pub(super) fn tell_at(&self) -> Option<Instant> {
        let (_, since) = self.told.no_tray.as_ref().filter(|_| !self.told.of_tray && !self.not_to_be_disturbed())?;
        Some(*since + GRACE)
    }
}
