//! `org.mpris.MediaPlayer2.TrackList`: our songs to come.

use mpris_server::{Metadata, TrackId, TrackListInterface, TrackListSignal, Uri};
use zbus::fdo;

use crate::desktop::mpris_server::Snapshot;
use crate::desktop::mpris_server::metadata::{id, pick};
use moodring_core::domain::pick::Pick;
use moodring_core::domain::view::MprisSnapshot;
use moodring_core::message::Request;

pub(super) fn ids(mirrored: &MprisSnapshot) -> Vec<TrackId> {
    all(&mirrored.picks)
}

fn all(picks: &[Pick]) -> Vec<TrackId> {
    picks.iter().map(|pick| id(&pick.path)).collect()
}

/// How one list becomes the next.
#[derive(Debug, PartialEq)]
enum Step<'a> {
    Removed(&'a Pick),
    /// With the one before it.
    Added(&'a Pick, Option<&'a Pick>),
    /// Songs that stay have changed places.
    Replaced,
}

fn steps<'a>(before: &'a [Pick], after: &'a [Pick]) -> Vec<Step<'a>> {
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

/// What has become of the list.
pub(super) fn signals(before: &[Pick], after: &[Pick]) -> Vec<TrackListSignal> {
    let signal = |step| match step {
        Step::Removed(gone) => TrackListSignal::TrackRemoved { track_id: id(&gone.path) },
        Step::Added(new, previous) => TrackListSignal::TrackAdded {
            metadata: pick(new),
            after_track: previous.map_or(TrackId::NO_TRACK, |previous| id(&previous.path)),
        },
        // What plays is not in this list.
        Step::Replaced => TrackListSignal::TrackListReplaced { tracks: all(after), current_track: TrackId::NO_TRACK },
    };
    steps(before, after).into_iter().map(signal).collect()
}

fn does_not_interrupt() -> fdo::Error {
    fdo::Error::NotSupported("Moodring does not interrupt the song that plays".into())
}

fn chooses_itself() -> fdo::Error {
    let way_out = "choose a mood, or add the song in your player: what you add comes first";
    fdo::Error::NotSupported(format!("Moodring's list is what it would choose; {way_out}"))
}

impl TrackListInterface for Snapshot {
    async fn get_tracks_metadata(&self, ids: Vec<TrackId>) -> fdo::Result<Vec<Metadata>> {
        let shown = self.shown();
        let known = |asked: &TrackId| shown.picks.iter().find(|pick| id(&pick.path) == *asked);
        Ok(ids.iter().filter_map(known).map(pick).collect())
    }

    /// One that is not in the list has gone already.
    async fn remove_track(&self, track: TrackId) -> fdo::Result<()> {
        let found = self.shown().picks.iter().map(|pick| &pick.path).find(|path| id(path) == track).cloned();
        match found {
            Some(path) => self.ask(Request::Remove(path)).await,
            None => Ok(()),
        }
    }

    async fn tracks(&self) -> fdo::Result<Vec<TrackId>> {
        Ok(ids(&self.shown()))
    }

    always! { can_edit_tracks: bool = true; }

    refused! { chooses_itself: add_track(Uri, TrackId, bool) -> fdo::Result<()>; }

    refused! { does_not_interrupt: go_to(TrackId) -> fdo::Result<()>; }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::domain::pick::PickReason;

    fn list(names: &str) -> Vec<Pick> {
        let pick = |name: char| Pick {
            path: format!("/music/{name}.ogg").into(),
            title: name.into(),
            artist: String::new(),
            reason: PickReason::default(),
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
