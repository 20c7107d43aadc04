//! Is anybody there? Asked when a look is due, of those who do not tell by themselves.

use std::thread;
use std::time::Duration;

use zbus::blocking::Connection;

use crate::desktop::presence::logind;
use crate::desktop::presence::peer::Peer;
use crate::desktop::presence::screensaver::{SAVERS, ask};
use crate::desktop::presence::shared_state::SharedState;
use moodring_core::domain::presence::LookBlock;

/// Who has not touched keyboard or mouse for so long is taken for absent.
const AWAY: Duration = Duration::from_secs(300);

/// Between two readings that tell seconds from milliseconds.
const MOMENT: Duration = Duration::from_millis(1100);

/// In what `org.freedesktop.ScreenSaver` counts: its draft says seconds, Plasma gives milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IdleUnit {
    Seconds,
    Milliseconds,
}

pub(super) fn nobody_there(board: &SharedState) -> Option<LookBlock> {
    let (system, desktop, told) = {
        let facts = board.facts();
        (facts.system_bus.clone(), facts.desktop_bus.clone(), facts.system.lid_closed.is_some())
    };
    let closed = |bus: &Connection| logind::lid_closed(bus).ok().flatten() == Some(true);
    if !told && system.as_ref().is_some_and(closed) {
        return Some(LookBlock::LidClosed);
    }
    let idle = desktop.as_ref().and_then(|bus| mutter(bus).or_else(|| savers(bus, board)));
    idle.filter(|idle| *idle >= AWAY).map(|_| LookBlock::Idle)
}

/// GNOME's compositor.
fn mutter(bus: &Connection) -> Option<Duration> {
    let name = "org.gnome.Mutter.IdleMonitor";
    let core = Peer::present(bus, name, "/org/gnome/Mutter/IdleMonitor/Core")?;
    core.call(name, "GetIdletime", &()).ok().map(Duration::from_millis)
}

fn savers(bus: &Connection, board: &SharedState) -> Option<Duration> {
    let (name, paths) = SAVERS[0];
    let read = || ask::<u32>(bus, name, paths, "GetSessionIdleTime");
    if let Some(idle) = read() {
        return Some(time(idle, board, read));
    }
    let others = SAVERS[1..].iter();
    let seconds = others.filter_map(|(name, paths)| ask::<u32>(bus, name, paths, "GetSessionIdleTime")).min()?;
    Some(Duration::from_secs(seconds.into()))
}

/// A number that is small in both units needs no second reading.
fn time(idle: u32, board: &SharedState, again: impl Fn() -> Option<u32>) -> Duration {
    if Duration::from_secs(idle.into()) < AWAY {
        return Duration::ZERO;
    }
    if board.unit.get().is_none() {
        thread::sleep(MOMENT);
        if let Some(unit) = again().and_then(|later| unit(idle, later)) {
            // Another look may have found out the same meanwhile.
            let _ = board.unit.set(unit);
        }
    }
    match board.unit.get() {
        Some(IdleUnit::Seconds) => Duration::from_secs(idle.into()),
        Some(IdleUnit::Milliseconds) => Duration::from_millis(idle.into()),
        None => Duration::ZERO,
    }
}

/// Told by two readings 1.1 seconds apart; `None`: somebody touched the machine in between.
fn unit(idle: u32, later: u32) -> Option<IdleUnit> {
    match later.checked_sub(idle)? {
        0..10 => Some(IdleUnit::Seconds),
        _ => Some(IdleUnit::Milliseconds),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_readings_tell_seconds_from_milliseconds() {
        assert_eq!(unit(400, 401), Some(IdleUnit::Seconds));
        assert_eq!(unit(400, 1502), Some(IdleUnit::Milliseconds));
        assert_eq!(unit(400_000, 401_100), Some(IdleUnit::Milliseconds));
        assert_eq!(unit(400_000, 20), None);
    }
}
