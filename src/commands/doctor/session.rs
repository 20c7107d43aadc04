//! What the desktop tells of its owner's presence.

use crate::commands::doctor::Finding;
use crate::desktop::presence;
use crate::desktop::wording;
use moodring_core::domain::presence::Presence;

pub(super) fn check() -> Finding {
    judge(&presence::read())
}

fn judge(session: &Presence) -> Finding {
    let told = told(session);
    if told.is_empty() {
        let what = "nothing on this machine tells whether the screen is locked, the lid is closed or the owner is away";
        let advice = "nothing to do; pause Moodring yourself (`moodring pause`) when you leave";
        return Finding::note("session", what, advice);
    }
    let look = session.no_look().map(|why| format!("; no look {}", wording::no_look(why))).unwrap_or_default();
    Finding::ok("session", format!("{}{look}", told.join(", ")))
}

fn told(session: &Presence) -> Vec<&'static str> {
    let facts = [
        (session.locked, "locked", "not locked"),
        (session.lid_closed, "lid closed", "lid open"),
        (session.idle, "idle", "in use"),
        (session.on_battery, "on battery", "on mains"),
        (session.quiet, "do not disturb", "notifications welcome"),
    ];
    facts.into_iter().filter_map(|(fact, yes, no)| fact.map(|is| if is { yes } else { no })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[test]
    fn what_is_told_is_said_and_what_is_not_is_left_out() {
        let session = Presence { locked: Some(true), on_battery: Some(false), ..Presence::default() };
        let finding = judge(&session);
        assert_eq!(finding.what, "locked, on mains; no look while the screen is locked");
        assert_eq!(judge(&Presence::default()).level, Level::Note);
    }
}
