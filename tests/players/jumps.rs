//! Users who jump past the song of ours that waits.

use moodring_core::domain::playback::Dequeued;
use moodring_testkit::player_process::PlayerKind;

use crate::common::show::{Show, accounts};
use crate::common::song;
use crate::patiently;

/// Ours waits after the first song; the user jumps twice past it. Taken out, it leaves the user's list as it was.
fn jump_past(kind: PlayerKind) {
    let mut show = Show::new(60);
    let folder = show.songs[0].parent().unwrap().to_owned();
    show.songs.extend((1..=4).map(|n| song::write(&folder, &format!("z{n}.flac"), &format!("N{n}"), 60)));
    let actor = show.start(kind);
    let watch = show.watch((kind == PlayerKind::Mpd).then(|| actor.door()));
    watch.plays("Alpha");
    let list = ["Alpha", "Zulu", "N1", "N2", "N3", "N4"];
    let handle = patiently(|| watch.queue(&show.bravo));
    accounts(&actor, &[&["Alpha", "Bravo"], &list[1..]].concat());
    for title in ["N2", "N4"] {
        actor.jump_to(title).unwrap();
        watch.plays(title);
    }
    assert_eq!(patiently(|| watch.dequeue(&handle)), Dequeued::Removed);
    accounts(&actor, &list);
}

#[test]
fn a_song_that_the_user_jumped_past_is_removed_from_vlc() {
    jump_past(PlayerKind::Vlc);
}

#[test]
fn a_song_that_the_user_jumped_past_is_removed_from_mpd() {
    jump_past(PlayerKind::Mpd);
}

#[test]
fn a_song_that_the_user_jumped_past_is_removed_from_mpv() {
    jump_past(PlayerKind::Mpv);
}

#[test]
fn a_song_that_the_user_jumped_past_is_removed_from_audacious() {
    jump_past(PlayerKind::Audacious);
}

#[test]
fn a_song_that_the_user_jumped_past_is_removed_from_clementine() {
    jump_past(PlayerKind::ClementineRemote);
}

#[test]
fn a_song_that_the_user_jumped_past_is_removed_from_celluloid() {
    jump_past(PlayerKind::CelluloidSocket);
}
