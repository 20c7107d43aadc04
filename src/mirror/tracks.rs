//! `org.mpris.MediaPlayer2.TrackList`: our songs to come.

use std::sync::Arc;

use zbus::fdo;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedObjectPath;

use super::metadata::{id, none, pick};
use super::{Board, Fields};
use crate::event::{Mirrored, Pick, Request};

pub(super) const INTERFACE: &str = "org.mpris.MediaPlayer2.TrackList";

pub(super) struct TrackList(pub Arc<Board>);

pub(super) fn ids(mirrored: &Mirrored) -> Vec<OwnedObjectPath> {
    mirrored.picks.iter().map(|pick| id(&pick.path)).collect()
}

/// How one list becomes the next.
#[derive(Debug, PartialEq)]
pub(super) enum Step<'a> {
    Removed(&'a Pick),
    /// With the one before it.
    Added(&'a Pick, Option<&'a Pick>),
    /// Songs that stay have changed places.
    Replaced,
}

pub(super) fn steps<'a>(before: &'a [Pick], after: &'a [Pick]) -> Vec<Step<'a>> {
    let within = |list: &[Pick], pick: &Pick| list.iter().any(|other| other.path == pick.path);
    let stay = before.iter().filter(|pick| within(after, pick)).map(|pick| &pick.path);
    if !stay.eq(after.iter().filter(|pick| within(before, pick)).map(|pick| &pick.path)) {
        return vec![Step::Replaced];
    }
    let removed = before.iter().filter(|pick| !within(after, pick)).map(Step::Removed);
    let places = after.iter().enumerate().filter(|(_, pick)| !within(before, pick));
    let added = places.map(|(n, pick)| Step::Added(pick, n.checked_sub(1).map(|n| &after[n])));
    removed.chain(added).collect()
}

#[zbus::interface(name = "org.mpris.MediaPlayer2.TrackList")]
impl TrackList {
    fn get_tracks_metadata(&self, ids: Vec<OwnedObjectPath>) -> Vec<Fields> {
        let shown = self.0.shown();
        let known = |asked: &OwnedObjectPath| shown.picks.iter().find(|pick| id(&pick.path) == *asked);
        ids.iter().filter_map(known).map(pick).collect()
    }

    fn add_track(&self, _address: &str, _after: OwnedObjectPath, _play: bool) -> fdo::Result<()> {
        let way_out = "choose a mood, or add the song in your player: what you add comes first";
        Err(fdo::Error::NotSupported(format!("Moodring's list is what it would choose; {way_out}")))
    }

    /// One that is not in the list has gone already.
    async fn remove_track(&self, track: OwnedObjectPath) -> fdo::Result<()> {
        let found = self.0.shown().picks.iter().map(|pick| &pick.path).find(|path| id(path) == track).cloned();
        match found {
            Some(path) => self.0.ask(Request::Remove(path)).await,
            None => Ok(()),
        }
    }

    fn go_to(&self, _track: OwnedObjectPath) -> fdo::Result<()> {
        Err(fdo::Error::NotSupported("Moodring does not interrupt the song that plays".into()))
    }

    #[zbus(property(emits_changed_signal = "invalidates"))]
    fn tracks(&self) -> Vec<OwnedObjectPath> {
        ids(&self.0.shown())
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn can_edit_tracks(&self) -> bool {
        true
    }

    #[zbus(signal)]
    async fn track_list_replaced(
        emitter: &SignalEmitter<'_>,
        tracks: Vec<OwnedObjectPath>,
        current: OwnedObjectPath,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn track_added(emitter: &SignalEmitter<'_>, metadata: Fields, after: OwnedObjectPath) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn track_removed(emitter: &SignalEmitter<'_>, track: OwnedObjectPath) -> zbus::Result<()>;
}

/// Tells what has become of the list.
pub(super) async fn tell(emitter: &SignalEmitter<'_>, before: &Mirrored, after: &Mirrored) -> zbus::Result<()> {
    for step in steps(&before.picks, &after.picks) {
        match step {
            Step::Removed(gone) => TrackList::track_removed(emitter, id(&gone.path)).await?,
            Step::Added(new, previous) => {
                let place = previous.map_or_else(none, |previous| id(&previous.path));
                TrackList::track_added(emitter, pick(new), place).await?;
            }
            // What plays is not in this list.
            Step::Replaced => TrackList::track_list_replaced(emitter, ids(after), none()).await?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &str) -> Vec<Pick> {
        let pick = |name: char| Pick {
            path: format!("/music/{name}.ogg").into(),
            title: name.into(),
            artist: String::new(),
            why: String::new(),
            terms: Default::default(),
        };
        names.chars().map(pick).collect()
    }

    #[test]
    fn a_widget_hears_what_left_the_list_and_what_came_where() {
        let (before, after) = (list("abc"), list("bxc"));
        assert_eq!(steps(&before, &after), [Step::Removed(&before[0]), Step::Added(&after[1], Some(&after[0]))]);
        let first = list("xabc");
        assert_eq!(steps(&before, &first), [Step::Added(&first[0], None)]);
        assert_eq!(steps(&before, &before), []);
    }

    #[test]
    fn a_list_in_another_order_is_told_whole() {
        assert_eq!(steps(&list("abc"), &list("cb")), [Step::Replaced]);
    }
}
