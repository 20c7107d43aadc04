//! `org.mpris.MediaPlayer2.Playlists`: the moods; the active one is the mood that the music follows.

use std::sync::Arc;

use zbus::fdo;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};

use super::Board;
use crate::event::{Mirrored, Request};
use crate::mood::MoodName;
use crate::tray::words::capital;

pub(super) const INTERFACE: &str = "org.mpris.MediaPlayer2.Playlists";

pub(super) struct Playlists(pub Arc<Board>);

/// Path, name, and the address of a picture, of which there is none.
pub(super) type List = (OwnedObjectPath, String, String);

/// By the looks first, then the moods as the menu has them.
pub(super) fn lists(mirrored: &Mirrored) -> Vec<List> {
    let hands = MoodName::ALL.into_iter().map(Some);
    [None].into_iter().chain(hands).map(|mood| list(mood, mirrored)).collect()
}

pub(super) fn active(mirrored: &Mirrored) -> (bool, List) {
    (true, list(mirrored.by_hand, mirrored))
}

fn list(mood: Option<MoodName>, mirrored: &Mirrored) -> List {
    let name = match (mood, mirrored.seen) {
        (Some(mood), _) => capital(mood.word()),
        (None, _) if mirrored.blind => "No mood: choose no songs".into(),
        (None, Some(seen)) => format!("As I look: {}", seen.word()),
        (None, None) => "As I look".into(),
    };
    (path(mood), name, String::new())
}

fn path(mood: Option<MoodName>) -> OwnedObjectPath {
    let path = format!("/org/moodring/mood/{}", mood.map_or("auto", MoodName::word));
    ObjectPath::try_from(path).expect("moods are words of letters").into()
}

#[zbus::interface(name = "org.mpris.MediaPlayer2.Playlists")]
impl Playlists {
    async fn activate_playlist(&self, list: OwnedObjectPath) -> fdo::Result<()> {
        let all = [None].into_iter().chain(MoodName::ALL.into_iter().map(Some));
        let Some(mood) = all.into_iter().find(|mood| path(*mood) == list) else {
            return Err(fdo::Error::InvalidArgs(format!("{} is not a mood", list.as_str())));
        };
        self.0.ask(Request::Mood(mood)).await
    }

    /// There is one order only, whatever is asked for.
    fn get_playlists(&self, from: u32, count: u32, _order: &str, reverse: bool) -> Vec<List> {
        let mut all = lists(&self.0.shown());
        if reverse {
            all.reverse();
        }
        all.into_iter().skip(from as usize).take(count as usize).collect()
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn playlist_count(&self) -> u32 {
        MoodName::ALL.len() as u32 + 1
    }

    #[zbus(property(emits_changed_signal = "const"))]
    fn orderings(&self) -> Vec<String> {
        vec!["User".into()]
    }

    #[zbus(property)]
    fn active_playlist(&self) -> (bool, List) {
        active(&self.0.shown())
    }

    #[zbus(signal)]
    pub(super) async fn playlist_changed(emitter: &SignalEmitter<'_>, list: List) -> zbus::Result<()>;
}
