//! `moodring players`: which players run, and how songs are queued in each.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::commands::table::format_table;
use crate::config;
use crate::desktop::ipc;
use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::wire::StatusReport;
use crate::terminal;
use moodring_core::domain::playback::{PlaybackStatus, QueueMethod, QueueSupport};
use moodring_core::message::Request;
use moodring_music::library::Library;
use moodring_platform::folders;
use moodring_players::manager::discovery::{DiscoveredPlayer, discover_players, list_ignored};
use moodring_players::manager::player_set::player_kind;
use moodring_players::mpris::bus::BusAddress;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// One player: what it reports, and what was learned about it.
#[derive(Debug, Serialize)]
struct PlayerRow {
    player: String,
    /// On the bus, or "mpd".
    name: String,
    /// Whether it is the player that is steered, or would be.
    chosen: bool,
    /// `None`: the player does not answer.
    state: Option<PlaybackStatus>,
    way: Option<QueueMethod>,
    take_back: Option<bool>,
    /// Why no song can be queued now.
    obstacle: Option<String>,
    build: Option<String>,
    /// When this build last showed a song that was queued this way (RFC 3339).
    verified: Option<String>,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let config = config::load()?;
    let met = read_verified()?;
    let known = met.iter().map(|(known, _)| known.clone()).collect();
    let mut rows: Vec<PlayerRow> =
        discover_players(&BusAddress::Session, &config.players, known).into_iter().map(|one| row(one, &met)).collect();
    if let Some(view) = read_agent_view() {
        correct(&mut rows, &view.player.unwrap_or_default(), view.next.is_some(), view.waiting_for);
    }
    if args.json {
        writeln!(io::stdout(), "{}", serde_json::to_string_pretty(&rows)?)?;
    } else {
        print(&rows)?;
        let alone = list_ignored(&BusAddress::Session, &config.players);
        if !alone.is_empty() {
            writeln!(io::stdout(), "\nIgnored: {}.", alone.join(", "))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The view of the running agent, if there is one.
fn read_agent_view() -> Option<StatusReport> {
    match ipc::request(&Request::Status) {
        Ok(Answer::Status(view)) => Some(view),
        _ => None,
    }
}

/// The running agent knows which player was used last and which entries are its own; this command alone can only guess.
fn correct(rows: &mut [PlayerRow], player: &str, next: bool, waiting_for: Option<String>) {
    let named = |row: &PlayerRow| row.player == player;
    let steered = rows.iter().position(|row| named(row) && row.chosen).or_else(|| rows.iter().position(named));
    let Some(steered) = steered else { return };
    rows.iter_mut().for_each(|row| row.chosen = false);
    rows[steered].chosen = true;
    if next && rows[steered].way != Some(QueueMethod::Unsupported) {
        rows[steered].obstacle = None;
    } else if waiting_for.is_some() {
        rows[steered].obstacle = waiting_for;
    }
}

/// What was learned about players before.
pub fn read_queue_support() -> Result<Vec<QueueSupport>> {
    Ok(read_verified()?.into_iter().map(|(known, _)| known).collect())
}

fn read_verified() -> Result<Vec<(QueueSupport, Timestamp)>> {
    let file = folders::library_file()?;
    // Reading must not create a library.
    if file.exists() { Library::open(&file)?.players(Timestamp::now()) } else { Ok(Vec::new()) }
}

fn row(found: DiscoveredPlayer, met: &[(QueueSupport, Timestamp)]) -> PlayerRow {
    let playback = found.playback.ok();
    let way = playback.as_ref().map(|playback| playback.way);
    let same =
        |known: &QueueSupport| known.player == player_kind(&found.name) && Some(&known.build) == found.build.as_ref();
    let verified = met.iter().find(|(known, _)| same(known) && Some(known.way) == way).map(|(_, at)| at.to_string());
    PlayerRow {
        player: playback.as_ref().map_or_else(|| player_kind(&found.name), |playback| playback.player.clone()),
        chosen: found.chosen,
        state: playback.as_ref().map(|playback| playback.status),
        way,
        take_back: way.filter(|way| *way != QueueMethod::Unsupported).map(QueueMethod::takes_back),
        obstacle: playback.and_then(|playback| playback.obstacle),
        build: found.build,
        name: found.name,
        verified,
    }
}

fn print(rows: &[PlayerRow]) -> Result<()> {
    if rows.is_empty() {
        writeln!(io::stdout(), "No supported player is running: start one and play something.")?;
        return Ok(());
    }
    let head = ["PLAYER", "STATE", "QUEUES SONGS", "REMOVABLE", "VERIFIED"].map(str::to_owned);
    let lines: Vec<[String; 5]> = [head].into_iter().chain(rows.iter().map(cells)).collect();
    terminal::print_text(&format_table(&lines))?;
    for row in rows.iter().filter(|row| row.chosen) {
        let why = row.obstacle.as_ref().map(|why| format!("; now: {why}")).unwrap_or_default();
        terminal::print_text(&format!("\n* the player Moodring steers{why}"))?;
    }
    Ok(())
}

fn cells(row: &PlayerRow) -> [String; 5] {
    let star = if row.chosen { " *" } else { "" };
    let back = match row.take_back {
        None => "-",
        Some(false) => "no",
        Some(true) if row.way == Some(QueueMethod::Append) => "until it is queued",
        Some(true) => "yes",
    };
    let verified = row.verified.as_deref().map_or_else(|| "not yet".to_owned(), day);
    let state = row.state.map_or("does not answer", status_word);
    [format!("{}{star}", row.player), state.into(), row.way.map_or("-", way).into(), back.into(), verified]
}

fn way(way: QueueMethod) -> &'static str {
    match way {
        QueueMethod::AfterCurrent { .. } => "after the current song",
        QueueMethod::Append => "at the end of the list, during its last song",
        QueueMethod::OpenAtEnd => "when the last song has ended",
        QueueMethod::Unsupported => "not supported (suggestions only)",
    }
}

/// The wall clock of the time, from its RFC 3339 form.
fn day(at: &str) -> String {
    let local = at.parse::<Timestamp>().map(|at| at.to_zoned_datetime(TimeZone::system()));
    local.map_or_else(|_| at.to_owned(), |local| local.strftime("%Y-%m-%d %H:%M").to_string())
}

/// The word for a playback status.
pub fn status_word(status: PlaybackStatus) -> &'static str {
    match status {
        PlaybackStatus::Playing => "playing",
        PlaybackStatus::Paused => "paused",
        PlaybackStatus::Stopped => "stopped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(player: &str, chosen: bool) -> PlayerRow {
        PlayerRow {
            player: player.into(),
            name: player.to_lowercase(),
            chosen,
            state: Some(PlaybackStatus::Playing),
            way: None,
            take_back: None,
            obstacle: Some("your own queue comes first".into()),
            build: None,
            verified: None,
        }
    }

    fn told(mut rows: Vec<PlayerRow>, player: &str, next: bool) -> Vec<(bool, bool)> {
        correct(&mut rows, player, next, None);
        rows.iter().map(|row| (row.chosen, row.obstacle.is_some())).collect()
    }

    #[test]
    fn the_agents_answer_replaces_the_guess() {
        let both = || vec![row("A", true), row("B", false)];
        assert_eq!(told(both(), "B", false), [(false, true), (true, true)]);
        assert_eq!(told(both(), "B", true), [(false, true), (true, false)], "what waits in its queue is ours");
        assert_eq!(told(both(), "C", true), [(true, true), (false, true)]);
        assert_eq!(told(vec![row("A", false), row("A", true)], "A", true), [(false, true), (true, false)]);
    }

    #[test]
    fn the_reason_of_the_agent_is_shown() {
        let mut rows = vec![row("A", true)];
        correct(&mut rows, "A", false, Some("it cannot be reached".into()));
        assert_eq!(rows[0].obstacle.as_deref(), Some("it cannot be reached"));
    }
}
