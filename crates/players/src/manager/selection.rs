//! Which player to steer among those that run.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use crate::mpris::playback::short_name;
use moodring_core::domain::playback::PlaybackStatus;

/// A player that runs, as far as choosing goes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Candidate {
    /// Its name on the bus, or "mpd".
    pub name: String,
    pub status: PlaybackStatus,
    /// When it last began, paused, or went on to another song.
    pub active: Instant,
}

/// Moodring, and programs that show the player which was active last: never to be steered.
const MIRRORS: [&str; 2] = ["moodring", "playerctld"];

/// Names that are no local players, unless the user prefers them: browsers, and what shows the players of other devices.
const OTHERS: [&str; 26] = [
    "firefox",
    "chromium",
    "chrome",
    "google-chrome",
    "brave",
    "edge",
    "msedge",
    "opera",
    "vivaldi",
    "librewolf",
    "epiphany",
    "falkon",
    "konqueror",
    "plasma-browser-integration",
    "kdeconnect",
    "gsconnect",
    "mpris-proxy",
    "qutebrowser",
    "zen",
    "webkit",
    "floorp",
    "waterfox",
    "mullvadbrowser",
    "torbrowser",
    "tor-browser",
    "webkitgtk",
];

/// Programs whose names on the bus are those of phones and headsets, or change with the device.
const RELAYS: [&str; 3] = ["mpris-proxy", "kdeconnectd", "gsconnect@andyholmes.github.io"];

/// Clients that show on the bus what MPD plays.
const MPD_CLIENTS: [&str; 4] = ["mpd", "cantata", "plattenalbum", "mpdevil"];

/// Whether a name on the bus belongs to a client that shows MPD, which Moodring steers itself.
pub(super) fn is_mpd_client(name: &str) -> bool {
    MPD_CLIENTS.iter().any(|client| is_named(name, client))
}

/// Whether a process brings the players of other devices, by its command line.
pub(super) fn is_relay(command_line: &[OsString]) -> bool {
    let named = |word: &OsString| {
        Path::new(word).components().any(|part| RELAYS.iter().any(|relay| part.as_os_str() == *relay))
    };
    command_line.iter().take(3).any(named)
}

/// The name to steer; `current` is kept while it plays.
pub(super) fn choose<'a>(
    all: &'a [Candidate],
    current: Option<&str>,
    config: &moodring_core::config::PlayersConfig,
) -> Option<&'a Candidate> {
    let kept = all.iter().find(|one| Some(&*one.name) == current);
    if let Some(kept) = kept.filter(|one| one.status == PlaybackStatus::Playing) {
        return Some(kept);
    }
    all.iter()
        .max_by_key(|one| (rank(one.status), preference(&one.name, config), one.active, Some(&*one.name) == current))
}

/// Whether a name on the bus belongs to a player that Moodring may steer.
pub(super) fn is_wanted(name: &str, config: &moodring_core::config::PlayersConfig) -> bool {
    !is_mirror(name) && find_ignore_reason(name, config).is_none()
}

/// Why a player is ignored, in a few words.
pub(super) fn find_ignore_reason(name: &str, config: &moodring_core::config::PlayersConfig) -> Option<&'static str> {
    let named = |list: &[String]| list.iter().any(|word| is_named(name, word));
    match (named(&config.ignore), named(&config.prefer)) {
        (true, _) => Some("players.ignore names it"),
        (_, true) => None,
        _ => OTHERS.iter().any(|other| is_named(name, other)).then_some("unless players.prefer names it"),
    }
}

/// Whether the user names this player as one to steer.
pub(super) fn is_preferred(name: &str, config: &moodring_core::config::PlayersConfig) -> bool {
    config.prefer.iter().any(|word| is_named(name, word))
}

/// Whether a name belongs to a program that only shows other players.
pub(super) fn is_mirror(name: &str) -> bool {
    MIRRORS.iter().any(|mirror| is_named(name, mirror))
}

/// Players without a list, where opening a song at the end of another is known to do no harm.
const OPENS: [&str; 1] = ["dragonplayer"];

/// Whether songs may be opened in a player without a queue: known to be safe, or allowed by the user.
pub(super) fn may_open(name: &str, config: &moodring_core::config::PlayersConfig) -> bool {
    OPENS.iter().any(|one| is_named(name, one)) || config.hand_over.iter().any(|word| is_named(name, word))
}

/// Removes second names of one player: VLC can take "vlc" and "vlc.instance42" at once, over two connections.
pub(super) fn remove_second_names(mut names: Vec<(String, String, Option<u32>)>) -> Vec<(String, String)> {
    names.sort_by_key(|(name, ..)| (name.len(), name.clone()));
    let mut seen = BTreeSet::new();
    let base = |name: &str, pid: u32| {
        let name = short_name(name);
        name.strip_suffix(&format!(".instance{pid}")).unwrap_or(name).to_owned()
    };
    names.retain(|(name, _, pid)| pid.is_none_or(|pid| seen.insert((pid, base(name, pid)))));
    names.into_iter().map(|(name, owner, _)| (name, owner)).collect()
}

/// "vlc" is called `org.mpris.MediaPlayer2.vlc.instance42`, and "celluloid" `….io.github.celluloid_player.Celluloid.…`.
pub(super) fn is_named(name: &str, word: &str) -> bool {
    let name = short_name(name);
    name.eq_ignore_ascii_case(word) || name.split('.').any(|part| part.eq_ignore_ascii_case(word))
}

fn rank(status: PlaybackStatus) -> u8 {
    match status {
        PlaybackStatus::Playing => 2,
        PlaybackStatus::Paused => 1,
        PlaybackStatus::Stopped => 0,
    }
}

/// Higher for names earlier in the list of preferred ones; 0 for others.
fn preference(name: &str, config: &moodring_core::config::PlayersConfig) -> usize {
    let at = config.prefer.iter().position(|word| is_named(name, word));
    at.map_or(0, |at| config.prefer.len() - at)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn among(players: &[(&str, PlaybackStatus, u64)], current: Option<&str>, prefer: &[&str]) -> Option<String> {
        let start = Instant::now();
        let all: Vec<_> = players
            .iter()
            .map(|(name, status, at)| Candidate {
                name: (*name).into(),
                status: *status,
                active: start + Duration::from_secs(*at),
            })
            .collect();
        let prefer = prefer.iter().map(|word| (*word).to_owned()).collect();
        let config = moodring_core::config::PlayersConfig { prefer, ..Default::default() };
        choose(&all, current, &config).map(|one| one.name.clone())
    }

    use PlaybackStatus::{Paused, Playing, Stopped};

    #[test]
    fn a_playing_player_comes_before_a_paused_and_a_stopped_one() {
        let players = [("a", Stopped, 9), ("b", Playing, 1), ("c", Paused, 5)];
        assert_eq!(among(&players, None, &[]).as_deref(), Some("b"));
        assert_eq!(among(&players[..1], None, &[]).as_deref(), Some("a"));
        assert_eq!(among(&[], None, &[]), None);
    }

    #[test]
    fn among_equals_the_preferred_and_then_the_latest_is_chosen() {
        let players = [("a", Playing, 1), ("b", Playing, 3), ("c", Playing, 2)];
        assert_eq!(among(&players, None, &[]).as_deref(), Some("b"));
        assert_eq!(among(&players, None, &["x", "c", "a"]).as_deref(), Some("c"));
    }

    #[test]
    fn the_chosen_player_is_kept_while_it_plays() {
        let players = [("a", Playing, 1), ("b", Playing, 3)];
        assert_eq!(among(&players, Some("a"), &["b"]).as_deref(), Some("a"));
        assert_eq!(among(&[("a", Paused, 9), ("b", Playing, 3)], Some("a"), &[]).as_deref(), Some("b"));
        assert_eq!(among(&[("a", Paused, 3), ("b", Paused, 3)], Some("a"), &[]).as_deref(), Some("a"));
    }

    #[test]
    fn browsers_and_mirrors_are_ignored_unless_the_user_prefers_them() {
        let config = moodring_core::config::PlayersConfig {
            ignore: vec!["mpv".into()],
            prefer: vec!["chromium".into()],
            ..Default::default()
        };
        let ask = |name: &str| is_wanted(&format!("org.mpris.MediaPlayer2.{name}"), &config);
        assert!(ask("vlc") && ask("chromium.instance5") && ask("io.github.celluloid_player.Celluloid.instance-1"));
        assert!(!ask("firefox.instance_1_2") && !ask("playerctld") && !ask("mpv.instance7") && !ask("moodring"));
    }

    #[test]
    fn phones_web_pages_and_clients_of_mpd_are_no_players() {
        let config = moodring_core::config::PlayersConfig::default();
        let ask = |name: &str| is_wanted(&format!("org.mpris.MediaPlayer2.{name}"), &config);
        for name in
            ["GSConnect.PixelSpotify", "webkit.instance42-1", "floorp.instance_1_2", "torbrowser", "mpris-proxy"]
        {
            assert!(!ask(name), "{name}");
        }
        let line = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
        assert!(is_relay(&line(&["/usr/bin/mpris-proxy"])));
        let gsconnect = "/home/me/.local/share/gnome-shell/extensions/gsconnect@andyholmes.github.io/service/daemon.js";
        assert!(is_relay(&line(&["/usr/bin/gjs", "-m", gsconnect])));
        assert!(!is_relay(&line(&["/usr/bin/vlc", "/music/mpris-proxy.ogg"])));
        assert!(is_mpd_client("org.mpris.MediaPlayer2.cantata") && !is_mpd_client("org.mpris.MediaPlayer2.vlc"));
    }

    #[test]
    fn two_windows_of_one_process_are_two_players() {
        let name = |name: &str| (name.to_owned(), ":1.1".to_owned(), Some(9));
        let celluloid = "io.github.celluloid_player.Celluloid";
        let names = [name(&format!("{celluloid}.instance-1")), name(&format!("{celluloid}.instance-2"))];
        assert_eq!(remove_second_names(names.to_vec()).len(), 2);
    }

    #[test]
    fn moodring_and_its_mirrors_are_never_steered_whatever_the_settings_say() {
        let config = moodring_core::config::PlayersConfig {
            prefer: vec!["moodring".into(), "playerctld".into()],
            ..Default::default()
        };
        for name in ["moodring", "moodring.instance7", "playerctld"] {
            assert!(!is_wanted(&format!("org.mpris.MediaPlayer2.{name}"), &config), "{name}");
        }
    }

    #[test]
    fn two_names_of_one_process_are_one_player() {
        let name = |name: &str, pid| (name.to_owned(), ":1.1".to_owned(), pid);
        let names =
            [("vlc.instance9", Some(9)), ("vlc", Some(9)), ("vlc.instance8", Some(8)), ("y", None), ("mpv", Some(9))];
        let names = remove_second_names(names.map(|(one, pid)| name(one, pid)).to_vec());
        let left: Vec<_> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(left, ["y", "mpv", "vlc", "vlc.instance8"]);
    }
}
