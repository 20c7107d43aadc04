//! `moodring players`: who runs, how songs get into each, and since when that is known.

use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::config;
use crate::desktop::ipc;
use moodring_core::domain::playback::{PlaybackStatus, QueueMethod, QueueSupport};
use moodring_core::domain::view::View;
use moodring_core::message::{Reply, Request};
use moodring_music::library::Library;
use moodring_platform::folders;
use moodring_players::manager::discovery::{DiscoveredPlayer, left_alone, survey};
use moodring_players::manager::player_set::kind;
use moodring_players::mpris::bus::BusAddress;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// A row: what a player says, and what was found out about it.
#[derive(Debug, Serialize)]
struct PlayerRow {
    player: String,
    /// On the bus, or "mpd".
    name: String,
    /// The one that is steered, or would be.
    chosen: bool,
    /// `None`: it does not answer.
    state: Option<PlaybackStatus>,
    way: Option<QueueMethod>,
    take_back: Option<bool>,
    /// Why no song can be the next one just now.
    obstacle: Option<String>,
    build: Option<String>,
    /// When a song last got into this build in this way, by the player's own account (RFC 3339).
    verified: Option<String>,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let config = config::load()?;
    let met = met()?;
    let known = met.iter().map(|(known, _)| known.clone()).collect();
    let mut rows: Vec<PlayerRow> =
        survey(&BusAddress::Session, &config.players, known).into_iter().map(|one| row(one, &met)).collect();
    if let Some(view) = agent() {
        correct(&mut rows, &view.player.unwrap_or_default(), view.next.is_some(), view.waiting_for);
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else {
        print(&rows);
        let alone = left_alone(&BusAddress::Session, &config.players);
        if !alone.is_empty() {
            println!("\nLeft alone: {}.", alone.join(", "));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What an agent says, if one runs.
fn agent() -> Option<View> {
    match ipc::request(&Request::Status) {
        Ok(Reply::Status(view)) => Some(view),
        _ => None,
    }
}

/// An agent knows whom the listener used last, and that what waits in a queue is ours; the rest of us can only guess.
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

/// What was found out about players before.
pub fn known() -> Result<Vec<QueueSupport>> {
    Ok(met()?.into_iter().map(|(known, _)| known).collect())
}

fn met() -> Result<Vec<(QueueSupport, Timestamp)>> {
    let file = folders::library_file()?;
    // Asking makes no library.
    if file.exists() { Library::open(&file)?.players(Timestamp::now()) } else { Ok(Vec::new()) }
}

fn row(found: DiscoveredPlayer, met: &[(QueueSupport, Timestamp)]) -> PlayerRow {
    let playback = found.playback.ok();
    let way = playback.as_ref().map(|playback| playback.way);
    let same = |known: &QueueSupport| known.player == kind(&found.name) && Some(&known.build) == found.build.as_ref();
    let verified = met.iter().find(|(known, _)| same(known) && Some(known.way) == way).map(|(_, at)| at.to_string());
    PlayerRow {
        player: playback.as_ref().map_or_else(|| kind(&found.name), |playback| playback.player.clone()),
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

fn print(rows: &[PlayerRow]) {
    if rows.is_empty() {
        println!("No player runs that Moodring could steer: start the one you like and play something.");
        return;
    }
    let head = ["PLAYER", "STATE", "SONGS GO", "TAKEN BACK", "VERIFIED"].map(str::to_owned);
    let lines: Vec<[String; 5]> = [head].into_iter().chain(rows.iter().map(cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    for line in &lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(widths) {
            text.push_str(&format!("{cell:width$}  "));
        }
        println!("{text}{}", line[4]);
    }
    for row in rows.iter().filter(|row| row.chosen) {
        let why = row.obstacle.as_ref().map(|why| format!("; just now {why}")).unwrap_or_default();
        println!("\n* the one to steer{why}");
    }
}

fn cells(row: &PlayerRow) -> [String; 5] {
    let star = if row.chosen { " *" } else { "" };
    let back = match row.take_back {
        None => "-",
        Some(false) => "no",
        Some(true) if row.way == Some(QueueMethod::Append) => "until it is handed over",
        Some(true) => "yes",
    };
    let verified = row.verified.as_deref().map_or_else(|| "not yet".to_owned(), day);
    let state = row.state.map_or("does not answer", state);
    [format!("{}{star}", row.player), state.into(), row.way.map_or("-", way).into(), back.into(), verified]
}

fn way(way: QueueMethod) -> &'static str {
    match way {
        QueueMethod::AfterCurrent { .. } => "right after the current one",
        QueueMethod::Append => "behind the list, at its last song",
        QueueMethod::OpenAtEnd => "in when the last one has ended",
        QueueMethod::Unsupported => "nowhere: suggested only",
    }
}

/// The wall clock of the time, from its RFC 3339 form.
fn day(at: &str) -> String {
    let local = at.parse::<Timestamp>().map(|at| at.to_zoned_datetime(TimeZone::system()));
    local.map_or_else(|_| at.to_owned(), |local| local.strftime("%Y-%m-%d %H:%M").to_string())
}

/// What a player does, in a word.
pub fn state(status: PlaybackStatus) -> &'static str {
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
    fn what_the_agent_says_counts_before_what_is_guessed() {
        let both = || vec![row("A", true), row("B", false)];
        assert_eq!(told(both(), "B", false), [(false, true), (true, true)]);
        assert_eq!(told(both(), "B", true), [(false, true), (true, false)], "what waits in its queue is ours");
        assert_eq!(told(both(), "C", true), [(true, true), (false, true)]);
        assert_eq!(told(vec![row("A", false), row("A", true)], "A", true), [(false, true), (true, false)]);
    }

    #[test]
    fn why_the_agent_waits_is_told() {
        let mut rows = vec![row("A", true)];
        correct(&mut rows, "A", false, Some("it cannot be reached".into()));
        assert_eq!(rows[0].obstacle.as_deref(), Some("it cannot be reached"));
    }
}
