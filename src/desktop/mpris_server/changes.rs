//! What has changed, told on the bus.

use std::time::Instant;

use mpris_server::{PlaylistsProperty, PlaylistsSignal, Property, Server, Signal, Time, TrackListProperty};

use crate::desktop::mpris_server::{Snapshot, metadata, moods, player, tracks};
use moodring_core::domain::view::MprisSnapshot;

/// A position further than this from where the song should be by now is a jump; in microseconds.
const JUMP: u64 = 1_000_000;

pub(super) async fn tell(face: &Server<Snapshot>, before: &MprisSnapshot, after: &MprisSnapshot) -> zbus::Result<()> {
    face.properties_changed(changed(playing(before), playing(after))).await?;
    if let Some(position) = jump(before, after) {
        face.emit(Signal::Seeked { position }).await?;
    }
    if tracks::ids(before) != tracks::ids(after) {
        for signal in tracks::signals(&before.picks, &after.picks) {
            face.track_list_emit(signal).await?;
        }
        face.track_list_properties_changed([TrackListProperty::Tracks]).await?;
    }
    for playlist in changed(moods::lists(before), moods::lists(after)) {
        face.playlists_emit(PlaylistsSignal::PlaylistChanged { playlist }).await?;
    }
    let active = |mirrored| [PlaylistsProperty::ActivePlaylist(Some(moods::active(mirrored)))];
    face.playlists_properties_changed(changed(active(before), active(after))).await
}

/// What is not as it was, of two lists that go together.
fn changed<T: PartialEq>(before: impl IntoIterator<Item = T>, after: impl IntoIterator<Item = T>) -> Vec<T> {
    after.into_iter().zip(before).filter(|(now, then)| now != then).map(|(now, _)| now).collect()
}

fn playing(mirrored: &MprisSnapshot) -> [Property; 2] {
    [Property::PlaybackStatus(player::status(mirrored)), Property::Metadata(metadata::current(mirrored))]
}

/// Where the same song is now, if it did not just go on.
fn jump(before: &MprisSnapshot, after: &MprisSnapshot) -> Option<Time> {
    let (_, at) = after.position?;
    let song =
        |mirrored: &MprisSnapshot| mirrored.track.as_ref().map(|track| (track.path.clone(), track.title.clone()));
    let (then, now) = (player::position(before, at), player::position(after, at));
    let far = then.as_micros().abs_diff(now.as_micros()) > JUMP;
    (far && song(before) == song(after)).then(|| player::position(after, Instant::now()))
}
