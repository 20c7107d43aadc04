//! Users who jump past the song of Moodring that waits.

use moodring_core::domain::playback::Dequeued;
use moodring_testkit::player_process::PlayerKind;

use crate::common::player_test::{PlayerTest, assert_list};
use crate::common::song;
use crate::retry_while_busy;

/// A song of Moodring waits after the first one; the user jumps past it twice. Once it is removed, the list is as before.
fn jump_past(kind: PlayerKind) {
    let mut test = PlayerTest::new(60);
    let folder = test.songs[0].parent().unwrap().to_owned();
    test.songs.extend((1..=4).map(|n| song::write(&folder, &format!("z{n}.flac"), &format!("N{n}"), 60)));
    let process = test.start_player(kind);
    let manager = test.start_manager((kind == PlayerKind::Mpd).then(|| process.door()));
    manager.wait_for_title("Alpha");
    let list = ["Alpha", "Zulu", "N1", "N2", "N3", "N4"];
    let handle = retry_while_busy(|| manager.queue(&test.bravo));
    assert_list(&process, &[&["Alpha", "Bravo"], &list[1..]].concat());
    for title in ["N2", "N4"] {
        process.jump_to(title).unwrap();
        manager.wait_for_title(title);
    }
    assert_eq!(retry_while_busy(|| manager.dequeue(&handle)), Dequeued::Removed);
    assert_list(&process, &list);
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
