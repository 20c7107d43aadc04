//! `org.mpris.MediaPlayer2.Playlists`: the moods; the active one is the mood that the music follows.

use mpris_server::{Playlist, PlaylistId, PlaylistOrdering, PlaylistsInterface};
use zbus::fdo;
use zbus::zvariant::ObjectPath;

use crate::desktop::mpris_server::Snapshot;
use moodring_core::domain::view::MprisSnapshot;
use moodring_core::message::Request;
use moodring_core::mood::MoodName;
use moodring_core::text::plural::capitalize;

/// By the looks first, then the moods as the menu has them.
fn moods() -> impl Iterator<Item = Option<MoodName>> {
    [None].into_iter().chain(MoodName::ALL.map(Some))
}

pub(super) fn lists(mirrored: &MprisSnapshot) -> Vec<Playlist> {
    moods().map(|mood| list(mood, mirrored)).collect()
}

pub(super) fn active(mirrored: &MprisSnapshot) -> Playlist {
    list(mirrored.by_hand, mirrored)
}

fn list(mood: Option<MoodName>, mirrored: &MprisSnapshot) -> Playlist {
    let name = match (mood, mirrored.seen) {
        (Some(mood), _) => capitalize(mood.word()),
        (None, _) if mirrored.blind => "No mood: choose no songs".into(),
        (None, Some(seen)) => format!("As I look: {}", seen.word()),
        (None, None) => "As I look".into(),
    };
    Playlist { id: id(mood), name, icon: String::new() }
}

fn id(mood: Option<MoodName>) -> PlaylistId {
    let path = format!("/org/moodring/mood/{}", mood.map_or("auto", MoodName::word));
    ObjectPath::try_from(path).expect("moods are words of letters").into()
}

impl PlaylistsInterface for Snapshot {
    async fn activate_playlist(&self, list: PlaylistId) -> fdo::Result<()> {
        let Some(mood) = moods().find(|mood| id(*mood) == list) else {
            return Err(fdo::Error::InvalidArgs(format!("{} is not a mood", list.as_str())));
        };
        self.ask(Request::Mood(mood)).await
    }

    /// There is one order only, whatever is asked for.
    async fn get_playlists(
        &self,
        from: u32,
        count: u32,
        _order: PlaylistOrdering,
        reverse: bool,
    ) -> fdo::Result<Vec<Playlist>> {
        let mut all = lists(&self.shown());
        if reverse {
            all.reverse();
        }
        Ok(all.into_iter().skip(from as usize).take(count as usize).collect())
    }

    async fn active_playlist(&self) -> fdo::Result<Option<Playlist>> {
        Ok(Some(active(&self.shown())))
    }

    always! {
        playlist_count: u32 = MoodName::ALL.len() as u32 + 1;
        orderings: Vec<PlaylistOrdering> = vec![PlaylistOrdering::UserDefined];
    }
}
