//! `org.mpris.MediaPlayer2.Player`: what plays, for reading only.

use std::sync::Arc;
use std::time::Instant;

use zbus::fdo;
use zbus::zvariant::OwnedObjectPath;

use super::metadata::{current, micros};
use super::{Board, Fields};
use crate::event::Mirrored;
use crate::player::Status;

pub(super) const INTERFACE: &str = "org.mpris.MediaPlayer2.Player";

pub(super) struct Player(pub Arc<Board>);

pub(super) fn status(mirrored: &Mirrored) -> &'static str {
    match mirrored.status {
        Status::Playing => "Playing",
        Status::Paused => "Paused",
        Status::Stopped => "Stopped",
    }
}

/// Microseconds into the song.
pub(super) fn position(mirrored: &Mirrored, now: Instant) -> i64 {
    let Some((then, at)) = mirrored.position else { return 0 };
    let since = if mirrored.status == Status::Playing { now.saturating_duration_since(at) } else { Default::default() };
    let length = mirrored.track.as_ref().and_then(|track| track.length).filter(|length| !length.is_zero());
    micros(length.map_or(then + since, |length| (then + since).min(length)))
}

fn plays_nothing<T>() -> fdo::Result<T> {
    Err(fdo::Error::NotSupported("Moodring only shows what another player plays; that one has the controls".into()))
}

#[zbus::interface(name = "org.mpris.MediaPlayer2.Player")]
impl Player {
    fn next(&self) -> fdo::Result<()> {
        plays_nothing()
    }

    fn previous(&self) -> fdo::Result<()> {
        plays_nothing()
    }

    fn pause(&self) -> fdo::Result<()> {
        plays_nothing()
    }

    fn play_pause(&self) -> fdo::Result<()> {
        plays_nothing()
    }

    fn stop(&self) -> fdo::Result<()> {
        plays_nothing()
    }

    fn play(&self) -> fdo::Result<()> {
        plays_nothing()
    }

    fn seek(&self, _offset: i64) -> fdo::Result<()> {
        plays_nothing()
    }

    fn set_position(&self, _track: OwnedObjectPath, _position: i64) -> fdo::Result<()> {
        plays_nothing()
    }

    fn open_uri(&self, _address: &str) -> fdo::Result<()> {
        plays_nothing()
    }

    #[zbus(property)]
    fn playback_status(&self) -> &str {
        status(&self.0.shown())
    }

    #[zbus(property)]
    fn metadata(&self) -> Fields {
        current(&self.0.shown())
    }

    #[zbus(property(emits_changed_signal = "false"))]
    fn position(&self) -> i64 {
        position(&self.0.shown(), Instant::now())
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn rate(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn minimum_rate(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn maximum_rate(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn volume(&self) -> f64 {
        1.0
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_go_next(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_go_previous(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_play(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_pause(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_seek(&self) -> bool {
        false
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_control(&self) -> bool {
        false
    }

    #[zbus(signal)]
    pub(super) async fn seeked(emitter: &zbus::object_server::SignalEmitter<'_>, position: i64) -> zbus::Result<()>;
}
