//! Whether somebody sits before the screen, and why no look is taken.

use serde::{Deserialize, Serialize};

/// What is known of the owner's session; `None`: nobody tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// The screen is locked or its saver shows.
    pub locked: Option<bool>,
    /// The machine is about to sleep, or sleeps.
    pub asleep: bool,
    /// It has just started or woken, and the desktop has not said yet how things are.
    pub waking: bool,
    pub lid_closed: Option<bool>,
    /// The desktop holds its owner for absent.
    pub idle: Option<bool>,
    pub on_battery: Option<bool>,
    /// Not to be disturbed: the owner said so, or shows something to others.
    pub quiet: Option<bool>,
}

impl Session {
    /// Why nobody is to be looked at; `None`: nothing speaks against it.
    pub fn no_look(&self) -> Option<NoLook> {
        let reasons = [
            (self.asleep, NoLook::Asleep),
            (self.waking, NoLook::Waking),
            (self.locked == Some(true), NoLook::Locked),
            (self.lid_closed == Some(true), NoLook::LidClosed),
            (self.idle == Some(true), NoLook::Idle),
        ];
        reasons.into_iter().find(|(is, _)| *is).map(|(_, why)| why)
    }
}

/// Why no look is taken at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoLook {
    /// The camera is turned off in the settings.
    Off,
    /// The owner has not been asked yet.
    Unasked,
    /// The owner said no.
    Denied,
    Paused,
    ByHand,
    NothingPlays,
    Asleep,
    /// It is not known yet who is there, after the start or a sleep.
    Waking,
    Locked,
    LidClosed,
    /// Nobody has touched the machine for long.
    Idle,
    /// On battery, and the settings say that no looks are taken then.
    Battery,
    /// Another program takes pictures through a camera; [`Phase::CameraInUse`] names it.
    InUse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_tells_hinders_no_look() {
        assert_eq!(Session::default().no_look(), None);
        let told = Session { locked: Some(false), lid_closed: Some(false), idle: Some(false), ..Session::default() };
        assert_eq!(told.no_look(), None);
        assert_eq!(Session { on_battery: Some(true), quiet: Some(true), ..told }.no_look(), None);
    }

    #[test]
    fn each_absence_is_a_reason_of_its_own() {
        let is = |session: Session| session.no_look().unwrap();
        assert_eq!(is(Session { locked: Some(true), ..Session::default() }), NoLook::Locked);
        assert_eq!(is(Session { lid_closed: Some(true), ..Session::default() }), NoLook::LidClosed);
        assert_eq!(is(Session { idle: Some(true), ..Session::default() }), NoLook::Idle);
        assert_eq!(is(Session { waking: true, locked: Some(false), ..Session::default() }), NoLook::Waking);
        assert_eq!(is(Session { asleep: true, waking: true, ..Session::default() }), NoLook::Asleep);
    }
}
