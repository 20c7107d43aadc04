//! Whether somebody sits before the screen, and why no look is taken.

use serde::{Deserialize, Serialize};

/// What is known of the owner's session; `None`: nobody tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Presence {
    /// The screen is locked or its saver shows.
    pub locked: Option<bool>,
    /// The user's session is the one in front on its seat; `Some(false)` after a switch to another user.
    pub seat_active: Option<bool>,
    /// The machine is about to sleep, or sleeps.
    pub asleep: bool,
    /// It has just started or woken, and the desktop has not reported its state yet.
    pub waking: bool,
    pub lid_closed: Option<bool>,
    /// The desktop considers the user idle.
    pub idle: Option<bool>,
    pub on_battery: Option<bool>,
    /// Do not disturb: the user turned it on, or presents the screen to others.
    pub quiet: Option<bool>,
}

impl Presence {
    /// Why no look may be taken; `None`: nothing prevents it.
    pub fn no_look(&self) -> Option<LookBlock> {
        let reasons = [
            (self.asleep, LookBlock::Asleep),
            (self.waking, LookBlock::PresenceUnknown),
            (self.seat_active == Some(false), LookBlock::SeatInactive),
            (self.locked == Some(true), LookBlock::Locked),
            (self.lid_closed == Some(true), LookBlock::LidClosed),
            (self.idle == Some(true), LookBlock::Idle),
        ];
        reasons.into_iter().find(|(is, _)| *is).map(|(_, why)| why)
    }
}

/// Why no look is taken at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LookBlock {
    /// The camera is turned off in the settings.
    #[serde(rename = "off")]
    TurnedOff,
    /// The user has not answered yet.
    #[serde(rename = "unasked")]
    ConsentPending,
    /// The user denied the camera.
    #[serde(rename = "denied")]
    ConsentDenied,
    Paused,
    #[serde(rename = "by-hand")]
    ManualMood,
    NothingPlays,
    Asleep,
    /// Presence is not known yet, after the start or a sleep.
    #[serde(rename = "waking")]
    PresenceUnknown,
    /// Another user's session, or a text console, is in front.
    SeatInactive,
    Locked,
    LidClosed,
    /// Keyboard and mouse have not been used for a long time.
    Idle,
    /// On battery, and the settings say that no looks are taken then.
    Battery,
    /// Another program uses a camera; [`crate::domain::view::Phase::CameraInUse`] names it.
    #[serde(rename = "in-use")]
    CameraInUse,
    /// The session bus is gone, and with it perhaps the session.
    NoSession,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_tells_hinders_no_look() {
        assert_eq!(Presence::default().no_look(), None);
        let told = Presence { locked: Some(false), lid_closed: Some(false), idle: Some(false), ..Presence::default() };
        assert_eq!(told.no_look(), None);
        assert_eq!(Presence { on_battery: Some(true), quiet: Some(true), ..told }.no_look(), None);
    }

    #[test]
    fn each_absence_is_a_reason_of_its_own() {
        let is = |session: Presence| session.no_look().unwrap();
        assert_eq!(is(Presence { locked: Some(true), ..Presence::default() }), LookBlock::Locked);
        assert_eq!(is(Presence { seat_active: Some(false), ..Presence::default() }), LookBlock::SeatInactive);
        assert_eq!(is(Presence { lid_closed: Some(true), ..Presence::default() }), LookBlock::LidClosed);
        assert_eq!(is(Presence { idle: Some(true), ..Presence::default() }), LookBlock::Idle);
        assert_eq!(
            is(Presence { waking: true, locked: Some(false), ..Presence::default() }),
            LookBlock::PresenceUnknown
        );
        assert_eq!(is(Presence { asleep: true, waking: true, ..Presence::default() }), LookBlock::Asleep);
    }
}
