//! What the desktop reports about the user's presence.

use crate::commands::doctor::Finding;
use crate::desktop::presence;
use crate::desktop::wording;
use moodring_core::domain::presence::Presence;

pub(super) fn check() -> Finding {
    judge(&presence::read())
}

fn judge(session: &Presence) -> Finding {
    let facts = describe_presence(session);
    if facts.is_empty() {
        let what = "nothing on this machine reports whether the screen is locked, the lid is closed or you are away";
        let advice = "run `moodring pause` when you leave";
        return Finding::note("session", what, advice);
    }
    let look = session.no_look().map(|why| format!("; no look {}", wording::no_look(why))).unwrap_or_default();
    Finding::ok("session", format!("{}{look}", facts.join(", ")))
}

fn describe_presence(session: &Presence) -> Vec<&'static str> {
    let facts = [
        (session.locked, "locked", "not locked"),
        (session.seat_active, "this session is in front", "another session is in front"),
        (session.lid_closed, "lid closed", "lid open"),
        (session.idle, "idle", "in use"),
        (session.on_battery, "on battery", "on mains"),
        (session.quiet, "do not disturb", "notifications allowed"),
    ];
    facts.into_iter().filter_map(|(fact, yes, no)| fact.map(|is| if is { yes } else { no })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::doctor::Level;

    #[test]
    fn known_facts_are_listed_and_unknown_ones_are_left_out() {
        let session = Presence { locked: Some(true), on_battery: Some(false), ..Presence::default() };
        let finding = judge(&session);
        assert_eq!(finding.what, "locked, on mains; no look while the screen is locked");
        assert_eq!(judge(&Presence::default()).level, Level::Note);
    }
}
