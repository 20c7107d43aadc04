//! `org.mpris.MediaPlayer2.Player`: what plays, for reading only.

use std::time::Instant;

use mpris_server::{LoopStatus, Metadata, PlaybackRate, PlayerInterface, Time, TrackId, Volume};
use zbus::fdo;

use crate::desktop::mpris_server::Snapshot;
use crate::desktop::mpris_server::metadata::{current, time};
use moodring_core::domain::playback::PlaybackStatus;
use moodring_core::domain::view::MprisSnapshot;

pub(super) fn status(mirrored: &MprisSnapshot) -> mpris_server::PlaybackStatus {
    match mirrored.status {
        PlaybackStatus::Playing => mpris_server::PlaybackStatus::Playing,
        PlaybackStatus::Paused => mpris_server::PlaybackStatus::Paused,
        PlaybackStatus::Stopped => mpris_server::PlaybackStatus::Stopped,
    }
}

/// How far into the song.
pub(super) fn position(mirrored: &MprisSnapshot, now: Instant) -> Time {
    let Some((then, at)) = mirrored.position else { return Time::ZERO };
    let since =
        if mirrored.status == PlaybackStatus::Playing { now.saturating_duration_since(at) } else { Default::default() };
    let length = mirrored.track.as_ref().and_then(|track| track.length).filter(|length| !length.is_zero());
    time(length.map_or(then + since, |length| (then + since).min(length)))
}

fn plays_nothing() -> fdo::Error {
    fdo::Error::NotSupported("Moodring only shows what another player plays; that one has the controls".into())
}

fn not_known() -> fdo::Error {
    fdo::Error::NotSupported("Moodring does not know how the other player repeats and mixes its songs".into())
}

impl PlayerInterface for Snapshot {
    async fn playback_status(&self) -> fdo::Result<mpris_server::PlaybackStatus> {
        Ok(status(&self.shown()))
    }

    async fn metadata(&self) -> fdo::Result<Metadata> {
        Ok(current(&self.shown()))
    }

    async fn position(&self) -> fdo::Result<Time> {
        Ok(position(&self.shown(), Instant::now()))
    }

    always! {
        rate: PlaybackRate = 1.0;
        minimum_rate: PlaybackRate = 1.0;
        maximum_rate: PlaybackRate = 1.0;
        volume: Volume = 1.0;
        can_go_next: bool = false;
        can_go_previous: bool = false;
        can_play: bool = false;
        can_pause: bool = false;
        can_seek: bool = false;
        can_control: bool = false;
    }

    // Who reads all properties does not find these two, which the specification lets be absent.
    refused! { not_known:
        loop_status() -> fdo::Result<LoopStatus>;
        shuffle() -> fdo::Result<bool>;
    }

    refused! { plays_nothing:
        set_loop_status(LoopStatus) -> zbus::Result<()>;
        set_shuffle(bool) -> zbus::Result<()>;
        set_rate(PlaybackRate) -> zbus::Result<()>;
        set_volume(Volume) -> zbus::Result<()>;
        next() -> fdo::Result<()>;
        previous() -> fdo::Result<()>;
        pause() -> fdo::Result<()>;
        play_pause() -> fdo::Result<()>;
        stop() -> fdo::Result<()>;
        play() -> fdo::Result<()>;
        seek(Time) -> fdo::Result<()>;
        set_position(TrackId, Time) -> fdo::Result<()>;
        open_uri(String) -> fdo::Result<()>;
    }
}
