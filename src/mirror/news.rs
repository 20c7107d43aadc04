//! What has changed, told on the bus by hand.

use std::collections::HashMap;
use std::time::Instant;

use anyhow::Result;
use zbus::blocking::Connection;
use zbus::fdo::Properties;
use zbus::names::InterfaceName;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::Value;

use super::moods::{self, Playlists};
use super::player::{self, Player};
use super::{PATH, metadata, tracks};
use crate::event::Mirrored;

/// A position further than this from where the song should be by now is a jump.
const JUMP: i64 = 1_000_000;

type Changed = HashMap<&'static str, Value<'static>>;

pub(super) fn tell(bus: &Connection, before: &Mirrored, after: &Mirrored) -> Result<()> {
    let emitter = SignalEmitter::new(bus.inner(), PATH)?;
    zbus::block_on(tell_all(&emitter, before, after)).map_err(Into::into)
}

async fn tell_all(emitter: &SignalEmitter<'_>, before: &Mirrored, after: &Mirrored) -> zbus::Result<()> {
    changed(emitter, player::INTERFACE, playing(before, after), &[]).await?;
    if let Some(position) = jump(before, after) {
        Player::seeked(emitter, position).await?;
    }
    if tracks::ids(before) != tracks::ids(after) {
        tracks::tell(emitter, before, after).await?;
        changed(emitter, tracks::INTERFACE, Changed::new(), &["Tracks"]).await?;
    }
    for (list, old) in moods::lists(after).into_iter().zip(moods::lists(before)) {
        if list != old {
            Playlists::playlist_changed(emitter, list).await?;
        }
    }
    changed(emitter, moods::INTERFACE, mood(before, after), &[]).await
}

fn playing(before: &Mirrored, after: &Mirrored) -> Changed {
    let mut news = Changed::new();
    if player::status(before) != player::status(after) {
        news.insert("PlaybackStatus", player::status(after).into());
    }
    let fields = metadata::current(after);
    if metadata::current(before) != fields {
        news.insert("Metadata", fields.into());
    }
    news
}

fn mood(before: &Mirrored, after: &Mirrored) -> Changed {
    let now = moods::active(after);
    if moods::active(before) == now { Changed::new() } else { Changed::from([("ActivePlaylist", now.into())]) }
}

/// Where the same song is now, if it did not just go on.
fn jump(before: &Mirrored, after: &Mirrored) -> Option<i64> {
    let (_, at) = after.position?;
    let same = before.track.as_ref().map(|track| (&track.path, &track.title))
        == after.track.as_ref().map(|track| (&track.path, &track.title));
    let (then, now) = (player::position(before, at), player::position(after, at));
    (same && then.abs_diff(now) > JUMP as u64).then(|| player::position(after, Instant::now()))
}

async fn changed(
    emitter: &SignalEmitter<'_>,
    interface: &'static str,
    news: Changed,
    stale: &'static [&'static str],
) -> zbus::Result<()> {
    if news.is_empty() && stale.is_empty() {
        return Ok(());
    }
    Properties::properties_changed(emitter, InterfaceName::from_static_str(interface)?, news, stale.into()).await
}
