//! Answers as a person reads them in a terminal.

use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::wire::{PickReport, QueueReport, StatusReport};
use crate::desktop::wording;
use moodring_core::domain::track::Track;

/// Some lines, without the last line end.
pub fn reply(reply: &Answer) -> String {
    match reply {
        Answer::Done(what) | Answer::Refused(what) => what.clone(),
        Answer::Status(view) => table(&status(view)),
        Answer::Why(Some(pick)) => {
            format!("{}\n{}", wording::song(pick), moodring_core::text::sanitize::sanitize_line(&pick.why))
        }
        Answer::Why(None) => "Moodring has no song in the queue".into(),
        Answer::Queue(queue) => table(&waiting(queue)),
    }
}

type SongRow = (&'static str, String);

/// Two columns; an empty name goes on with the row before.
fn table(rows: &[SongRow]) -> String {
    let lines = rows.iter().map(|(name, text)| format!("{name:<9} {text}").trim_end().to_string());
    lines.collect::<Vec<_>>().join("\n")
}

fn status(view: &StatusReport) -> Vec<SongRow> {
    let mut rows = vec![("Moodring", wording::phase(&view.phase)), ("mood", wording::mood(view))];
    if view.by_hand.is_some() || view.mood.confidence > 0.0 {
        rows.push(("", wording::point(&view.mood)));
    }
    rows.extend(view.no_look.map(|why| ("looks", format!("none {}", wording::no_look(why)))));
    rows.extend(view.unread.iter().map(|why| ("look", format!("nothing was read: {why}"))));
    rows.extend(view.scores.iter().map(|scores| ("look", wording::expressions(scores))));
    rows.push(("music", wording::intent(view.intent).into()));
    rows.extend(player(view));
    rows.push(("playing", wording::playing(view)));
    rows.extend(
        view.ours
            .iter()
            .map(|pick| ("", format!("Moodring's: {}", moodring_core::text::sanitize::sanitize_line(&pick.why)))),
    );
    rows.push(("next", wording::next(view)));
    rows.extend(view.next.iter().map(|pick| ("", moodring_core::text::sanitize::sanitize_line(&pick.why))));
    rows.push(("library", moodring_core::text::plural::with_count(view.songs, "song")));
    rows
}

fn player(view: &StatusReport) -> Vec<SongRow> {
    let name = view
        .player
        .as_deref()
        .map_or_else(|| "no supported player is running".into(), moodring_core::text::sanitize::sanitize_line);
    let way = view.way.filter(|_| view.player.is_some()).map(|way| ("", wording::way(way).into()));
    let why = view
        .waiting_for
        .iter()
        .filter(|_| view.next.is_some())
        .map(|why| ("", moodring_core::text::sanitize::sanitize_line(why)));
    [("player", name)].into_iter().chain(way).chain(why).collect()
}

fn waiting(queue: &QueueReport) -> Vec<SongRow> {
    let Some(player) = &queue.player else { return vec![("player", "no supported player is running".into())] };
    let mut rows = vec![("player", moodring_core::text::sanitize::sanitize_line(player))];
    match &queue.upcoming {
        None => rows.push(("waiting", "unknown: the player does not report its queue".into())),
        Some(tracks) if tracks.is_empty() => rows.push(("waiting", "nothing".into())),
        Some(tracks) => {
            let names = ["waiting"].into_iter().chain(std::iter::repeat(""));
            rows.extend(names.zip(tracks.iter().map(|track| line(track, queue.ours.as_ref()))));
        }
    }
    rows.extend(
        queue.ours.iter().flat_map(|pick| {
            [("ours", numbered(1, pick)), ("", moodring_core::text::sanitize::sanitize_line(&pick.why))]
        }),
    );
    let first = 1 + usize::from(queue.ours.is_some());
    let names = ["then"].into_iter().chain(std::iter::repeat(""));
    rows.extend(names.zip(queue.later.iter().enumerate().map(|(n, pick)| numbered(first + n, pick))));
    rows
}

/// The number by which `moodring remove` knows it.
fn numbered(number: usize, pick: &PickReport) -> String {
    format!("{number}. {}", wording::song(pick))
}

fn line(track: &Track, ours: Option<&PickReport>) -> String {
    let mine = ours.is_some_and(|pick| track.path.as_ref() == Some(&pick.path));
    let title = moodring_core::text::sanitize::sanitize_line(&track.title);
    let file = || {
        track
            .path
            .as_ref()?
            .file_name()
            .map(|name| moodring_core::text::sanitize::sanitize_line(&name.to_string_lossy()))
    };
    let title = if title.is_empty() { file().unwrap_or_else(|| "without a title".into()) } else { title };
    let artist = moodring_core::text::sanitize::sanitize_line(&track.artist);
    let by = if artist.is_empty() { String::new() } else { format!(" – {artist}") };
    format!("{title}{by}{}", if mine { "  ← Moodring's" } else { "" })
}
