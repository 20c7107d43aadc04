//! The history of moods and songs: `moodring history` lists it, `moodring forget` deletes it.

pub mod since;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use anyhow::Result;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use crate::commands::history::since::Since;
use crate::desktop::ipc;
use crate::desktop::prompt::ask_yes_no;
use crate::desktop::wording;
use crate::terminal;
use moodring_core::error::usage_error;
use moodring_core::message::{PlayOutcome, Request};
use moodring_core::mood::table::EmotionTable;
use moodring_music::library::{Forgotten, History, Library, MoodEvent, PlayEvent};
use moodring_platform::folders;
use moodring_players::adapters::spotify::account;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Begin here: "2h", "3 days", "today", "yesterday", "14:00", "2026-11-20" or "2026-11-20 14:00"
    #[arg(long, value_name = "TIME", default_value = "7 days")]
    since: Since,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("what").required(true))]
pub struct ForgetArgs {
    /// Delete moods, plays and likes since then: "2h", "3 days", "today", "14:00", "2026-11-20" or "2026-11-20 14:00"
    #[arg(long, value_name = "TIME", group = "what")]
    since: Option<Since>,
    /// Delete all moods, plays, likes and imports, everything learned from them, and the Spotify account; songs, your
    /// corrections of songs and your settings are kept
    #[arg(long, group = "what")]
    all: bool,
    /// Do not ask first
    #[arg(long)]
    yes: bool,
    /// Print what was deleted as JSON
    #[arg(long)]
    json: bool,
}

/// Prints moods and songs in chronological order.
pub fn run(args: &Args) -> Result<ExitCode> {
    let history = Library::open(&folders::library_file()?)?.history(args.since.0)?;
    let text =
        if args.json { serde_json::to_string_pretty(&history)? } else { format_history(&history, &TimeZone::system()) };
    if args.json {
        terminal::print_text(&text)?
    } else {
        terminal::print_lines(&text)?
    }
    Ok(ExitCode::SUCCESS)
}

fn format_history(history: &History, zone: &TimeZone) -> String {
    let moods = history.moods.iter().map(|felt| (felt.at, mood(felt)));
    let songs = history.songs.iter().map(|played| (played.from, song(played)));
    let mut rows: Vec<(Timestamp, String)> = moods.chain(songs).collect();
    rows.sort_by_key(|(at, _)| *at);
    let mut lines = Vec::new();
    let mut day = None;
    for (at, text) in rows {
        let at = at.to_zoned_datetime(zone.clone());
        if day.replace(at.date()) != Some(at.date()) {
            lines.push(at.strftime("%A, %-d %B %Y").to_string());
        }
        lines.push(format!("  {}  {text}", at.strftime("%H:%M")));
    }
    if lines.is_empty() { "nothing was kept in this period".into() } else { lines.join("\n") }
}

fn mood(felt: &MoodEvent) -> String {
    let Some(mood) = &felt.mood else { return "mood     no longer known".into() };
    let how = if felt.by_hand { ", set by hand" } else { "" };
    format!("mood     {}{how} ({})", EmotionTable::default().nearest(mood).word(), wording::point(mood))
}

fn song(played: &PlayEvent) -> String {
    let outcome = if played.outcome == PlayOutcome::Finished { "heard   " } else { "skipped " };
    let intent = played.intent.map(|intent| format!(", to {}", intent.word())).unwrap_or_default();
    let whose = if played.ours { format!("  ← Moodring's{intent}") } else { String::new() };
    format!("{outcome} {}{whose}", title(played))
}

/// "Title – Artist".
pub fn title(played: &PlayEvent) -> String {
    let [title, artist] =
        [&played.title, &played.artist].map(|text| moodring_core::text::sanitize::sanitize_line(text));
    if artist.is_empty() { title } else { format!("{title} – {artist}") }
}

/// Deletes a part of the history; asks first on a terminal.
pub fn forget(args: &ForgetArgs) -> Result<ExitCode> {
    let what = match &args.since {
        Some(since) => format!("moods, plays and likes since {}", local(since.0).strftime("%-d %B %Y, %H:%M")),
        None => "all moods, plays, likes and imports, your neutral face and the Spotify account".into(),
    };
    if !args.yes && !confirm_deletion(&what) {
        return Err(usage_error("nothing was deleted", "--yes deletes without a question"));
    }
    let mut library = Library::open(&folders::library_file()?)?;
    let forgotten = library.forget(args.since.as_ref().map(|since| since.0))?;
    if args.since.is_none() {
        account::forget()?;
    }
    // A running agent keeps the songs in memory and must read them again.
    let _ = ipc::request(&Request::Reload);
    let _ = ipc::request(&Request::Account);
    let text =
        if args.json { serde_json::to_string_pretty(&forgotten)? } else { done(&forgotten, args.since.is_none()) };
    writeln!(io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

fn local(at: Timestamp) -> ZonedDateTime {
    at.to_zoned_datetime(TimeZone::system())
}

/// A script must say `--yes`: where nobody can be asked, nothing is deleted.
fn confirm_deletion(what: &str) -> bool {
    io::stdin().is_terminal() && ask_yes_no(&format!("Delete {what}, for good?")) == Some(true)
}

fn done(forgotten: &Forgotten, all: bool) -> String {
    let Forgotten { moods, plays, opinions } = forgotten;
    let more = if all { "; also imports, your neutral face and the Spotify account" } else { "" };
    format!("deleted for good: moods: {moods}, plays: {plays}, likes and dislikes: {opinions}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::mood::{Intent, Mood};

    #[test]
    fn the_summary_lists_everything_that_was_deleted() {
        let forgotten = Forgotten { moods: 3, plays: 2, opinions: 1 };
        assert!(done(&forgotten, true).ends_with("also imports, your neutral face and the Spotify account"));
        assert!(!done(&forgotten, false).contains("face"));
    }

    #[test]
    fn the_history_is_listed_in_chronological_order() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let sad = Mood { valence: 0.2, energy: 0.2, confidence: 0.8 };
        let played = PlayEvent {
            from: at("2026-11-26T20:05:00Z"),
            to: at("2026-11-26T20:08:00Z"),
            path: "/a.ogg".into(),
            title: "Rain\u{1b}[31m".into(),
            artist: "The Clouds".into(),
            valence: None,
            energy: None,
            outcome: PlayOutcome::Finished,
            ours: true,
            intent: Some(Intent::Lift),
        };
        let felt = MoodEvent { at: at("2026-11-26T20:01:00Z"), mood: Some(sad), by_hand: true };
        let history = History { moods: vec![felt], songs: vec![played] };
        let said = format_history(&history, &TimeZone::UTC);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], "Thursday, 26 November 2026");
        assert!(lines[1].starts_with("  20:01  mood     sad, set by hand"), "{said}");
        assert_eq!(lines[2], "  20:05  heard    Rain [31m – The Clouds  ← Moodring's, to lift");
    }
}
