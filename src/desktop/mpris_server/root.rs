//! `org.mpris.MediaPlayer2`: who we are.

use mpris_server::RootInterface;
use zbus::fdo;

use crate::desktop::mpris_server::Snapshot;
use moodring_core::message::Request;

fn no_window() -> fdo::Error {
    fdo::Error::NotSupported("Moodring has no window; it is in the tray".into())
}

impl RootInterface for Snapshot {
    async fn quit(&self) -> fdo::Result<()> {
        self.ask(Request::Quit).await
    }

    always! {
        can_quit: bool = true;
        can_raise: bool = false;
        fullscreen: bool = false;
        can_set_fullscreen: bool = false;
        has_track_list: bool = true;
        identity: String = "Moodring".into();
        desktop_entry: String = "org.moodring.Moodring".into();
        supported_uri_schemes: Vec<String> = Vec::new();
        supported_mime_types: Vec<String> = Vec::new();
    }

    refused! { no_window:
        raise() -> fdo::Result<()>;
        set_fullscreen(bool) -> zbus::Result<()>;
    }
}
