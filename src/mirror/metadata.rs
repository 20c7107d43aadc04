//! A song in the fields of MPRIS.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::Duration;

use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

use super::Fields;
use crate::event::{Mirrored, Pick};
use crate::music::elsewhere;
use crate::player::address;

/// Stands for no song.
pub(super) fn none() -> OwnedObjectPath {
    ObjectPath::from_static_str_unchecked("/org/mpris/MediaPlayer2/TrackList/NoTrack").into()
}

/// A song to come keeps its id for as long as the agent runs.
pub(super) fn id(path: &Path) -> OwnedObjectPath {
    named("song", path)
}

fn named(kind: &str, song: impl Hash) -> OwnedObjectPath {
    let mut hasher = DefaultHasher::new();
    song.hash(&mut hasher);
    let path = format!("/org/moodring/{kind}/{:016x}", hasher.finish());
    ObjectPath::try_from(path).expect("digits and letters make a path").into()
}

/// The song that plays; nothing but that there is none, when nothing does.
pub(super) fn current(mirrored: &Mirrored) -> Fields {
    let Some(track) = &mirrored.track else { return fields([("mpris:trackid", Value::from(none()))]) };
    let id = named("playing", (&track.path, &track.title, &track.artist));
    let length = track.length.filter(|length| !length.is_zero());
    let all = [("mpris:trackid", Value::from(id))].into_iter().chain(texts(&track.title, &track.artist));
    let all = all.chain((!track.album.is_empty()).then(|| ("xesam:album", track.album.clone().into())));
    let all = all.chain(length.map(|length| ("mpris:length", micros(length).into())));
    let all = all.chain(track.path.as_deref().and_then(url));
    fields(all.chain(mirrored.why.as_ref().map(|why| ("xesam:comment", vec![why.clone()].into()))))
}

/// A song to come, with the reason for it as its comment.
pub(super) fn pick(pick: &Pick) -> Fields {
    let all = [("mpris:trackid", Value::from(id(&pick.path)))].into_iter().chain(texts(&pick.title, &pick.artist));
    fields(all.chain(url(&pick.path)).chain([("xesam:comment", vec![pick.why.clone()].into())]))
}

/// None of a song that has no file here.
fn url(path: &Path) -> Option<(&'static str, Value<'static>)> {
    elsewhere::names(path).is_none().then(|| ("xesam:url", address::of(path).into()))
}

fn texts(title: &str, artist: &str) -> impl Iterator<Item = (&'static str, Value<'static>)> {
    let artist = (!artist.is_empty()).then(|| ("xesam:artist", vec![artist.to_owned()].into()));
    [("xesam:title", Value::from(title.to_owned()))].into_iter().chain(artist)
}

fn fields(pairs: impl IntoIterator<Item = (&'static str, Value<'static>)>) -> Fields {
    let owned = |value: Value<'static>| OwnedValue::try_from(value).expect("only a file descriptor cannot be copied");
    pairs.into_iter().map(|(key, value)| (key.to_owned(), owned(value))).collect()
}

pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
