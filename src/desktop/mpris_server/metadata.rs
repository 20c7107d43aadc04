//! A song in the fields of MPRIS.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use mpris_server::{Metadata, Time, TrackId};

use crate::desktop::wording::pick_reason;
use moodring_core::domain::address;
use moodring_core::domain::pick::Pick;
use moodring_core::domain::remote_song;
use moodring_core::domain::view::MprisSnapshot;

/// A song to come keeps its id for as long as the agent runs.
pub(super) fn id(path: &Path) -> TrackId {
    named("song", path)
}

fn named(kind: &str, song: impl Hash) -> TrackId {
    let mut hasher = DefaultHasher::new();
    song.hash(&mut hasher);
    let path = format!("/org/moodring/{kind}/{:016x}", hasher.finish());
    path.try_into().expect("digits and letters make a path")
}

/// The song that plays; nothing but that there is none, when nothing does.
pub(super) fn current(mirrored: &MprisSnapshot) -> Metadata {
    let Some(track) = &mirrored.track else { return Metadata::builder().trackid(TrackId::NO_TRACK).build() };
    let id = named("playing", (&track.path, &track.title, &track.artist));
    let mut fields = song(id, &track.title, &track.artist);
    fields.set_album(Some(&track.album).filter(|album| !album.is_empty()));
    fields.set_length(track.length.filter(|length| !length.is_zero()).map(time));
    fields.set_url(track.path.as_deref().and_then(url));
    fields.set_comment(mirrored.reason.as_ref().map(|reason| [pick_reason(reason)]));
    fields
}

/// A song to come, with the reason for it as its comment.
pub(super) fn pick(pick: &Pick) -> Metadata {
    let mut fields = song(id(&pick.path), &pick.title, &pick.artist);
    fields.set_url(url(&pick.path));
    fields.set_comment(Some([pick_reason(&pick.reason)]));
    fields
}

fn song(id: TrackId, title: &str, artist: &str) -> Metadata {
    let mut fields = Metadata::builder().trackid(id).title(title).build();
    fields.set_artist((!artist.is_empty()).then_some([artist]));
    fields
}

/// None of a song that has no file here.
fn url(path: &Path) -> Option<String> {
    remote_song::parse_remote_path(path).is_none().then(|| address::to_file_uri(path))
}

pub(super) fn time(time: Duration) -> Time {
    Time::from_micros(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
}
