//! `moodring import`: what its owner, and listeners like them, heard in other places.

pub mod args;
pub mod report;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use indicatif::ProgressBar;
use jiff::Timestamp;

use moodring_core::error::{usage_error, user_error};
use moodring_core::text::sanitize::escape_path;
use moodring_music::import::{lastfm, listenbrainz, playlist, ratings_csv, spotify};
use moodring_music::library::Library;
use moodring_platform::folders;

use crate::desktop::ipc;
pub use args::Args;
use args::{ImportKind, ListenBrainzArgs, RatingArgs};
use moodring_core::text::plural::with_count;
use moodring_core::text::sanitize::sanitize_line;
use moodring_core::text::song_names::TrackRef;
use moodring_music::import::client::Client;
use moodring_music::imported_data::ImportedData;
use report::{ImportReport, ImportSummary, summary};

pub fn run(args: &Args) -> Result<ExitCode> {
    let mut library = Library::open_patiently(&folders::library_file()?)?;
    if let ImportKind::List(listing) = &args.source {
        return list(&library, listing.number, args.json);
    }
    if let ImportKind::Forget(wish) = &args.source {
        return forget(&mut library, &wish.source, args.json);
    }
    let before = library.outside_counts()?;
    let (source, told) = keep(&args.source, &mut library)?;
    library.match_outside(Timestamp::now())?;
    ipc::reload();
    ImportReport::new(source, told, before, library.outside_counts()?).print(args.json)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a source and keeps what it told.
fn keep(source: &ImportKind, library: &mut Library) -> Result<(String, ImportSummary)> {
    if let ImportKind::Csv(table) = source {
        return Ok(("csv".into(), keep_table(table, library)?));
    }
    let (source, found) = read(source, library)?;
    library.keep_found(&source, &found, Timestamp::now())?;
    Ok((source, ImportSummary::of(found)))
}

/// Row by row: a table may hold more than memory does.
fn keep_table(table: &RatingArgs, library: &mut Library) -> Result<ImportSummary> {
    let (bar, mut rows, mut notes, mut mine) = (spinner(), 0_u64, Vec::new(), table.me.is_none());
    let raters = library.keep_ratings("csv", table.me.as_deref(), Timestamp::now(), |take| {
        for file in &table.files {
            let bad = ratings_csv::each(file, &mut |user, song, rating| {
                rows += 1;
                mine |= table.me.as_deref() == Some(user);
                if rows.is_multiple_of(10_000) {
                    bar.set_message(format!("{rows} rows"));
                }
                take(user, song, rating)
            })?;
            if bad > 0 {
                let (rows, file) = (with_count(bad, "row"), escape_path(file));
                notes.push(format!("{rows} of {file} without an item or a rating, left out"));
            }
        }
        if mine { Ok(()) } else { Err(nobody(table)) }
    });
    bar.finish_and_clear();
    Ok(ImportSummary::of_ratings(raters?, notes))
}

fn nobody(table: &RatingArgs) -> anyhow::Error {
    let files: Vec<String> = table.files.iter().map(|file| escape_path(file)).collect();
    let what = format!("{} has no rows of the user {}", files.join(", "), table.me.as_deref().unwrap_or_default());
    usage_error(what, "--me takes a name of the column `user`")
}

fn spinner() -> ProgressBar {
    let bar = if io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn read(source: &ImportKind, library: &Library) -> Result<(String, ImportedData)> {
    let all = |files: &[PathBuf], read: &dyn Fn(&Path) -> Result<ImportedData>| {
        files.iter().try_fold(ImportedData::default(), |found, file| Ok::<_, anyhow::Error>(found.with(read(file)?)))
    };
    match source {
        ImportKind::ListenBrainz(args) => listen_brainz(args, library),
        ImportKind::LastFm(args) => Ok(("lastfm".into(), all(&args.files, &lastfm::read)?)),
        ImportKind::Spotify(args) => Ok(("spotify".into(), spotify::read(&args.files)?)),
        ImportKind::Playlist(args) => {
            Ok(("playlist".into(), all(&args.files, &|file| playlist::read(file, |path| known(library, path)))?))
        }
        // A table goes to disk row by row.
        ImportKind::Csv(_) | ImportKind::List(_) | ImportKind::Forget(_) => Ok(Default::default()),
    }
}

/// What the library calls a file.
fn known(library: &Library, path: &Path) -> Option<TrackRef> {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.into());
    let card = library.card(&path).ok()??;
    Some(TrackRef { album: card.album, recording: card.recording, ..TrackRef::new(card.artist, card.title) })
}

fn listen_brainz(args: &ListenBrainzArgs, library: &Library) -> Result<(String, ImportedData)> {
    let token = match &args.token_file {
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| no_token(file, &error))?),
        None => args.token.clone(),
    };
    let token = token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty());
    if token.is_none() && args.user.is_none() {
        let hint = "copy your token from https://listenbrainz.org/settings/ into LISTENBRAINZ_TOKEN, or name a user with --user";
        return Err(usage_error("ListenBrainz needs to know whose listens you mean", hint));
    }
    let bar = spinner();
    let wishes = listenbrainz::Wishes { user: args.user.clone(), similar: args.similar.into() };
    let name = |user: &str| format!("listenbrainz {user}");
    let since = |user: &str| library.newest_listen(&name(user));
    let told = listenbrainz::read(&mut Client::new(&args.server, token), &wishes, since, |what| bar.set_message(what));
    bar.finish_and_clear();
    told.map(|(user, found)| (name(&user), found))
}

fn forget(library: &mut Library, name: &str, json: bool) -> Result<ExitCode> {
    let sources = library.sources()?;
    if !sources.iter().any(|source| source.name == name) {
        let known =
            sources.iter().map(|source| format!("\"{}\"", sanitize_line(&source.name))).collect::<Vec<_>>().join(", ");
        let hint = if known.is_empty() { "nothing was imported yet".into() } else { format!("there is {known}") };
        return Err(usage_error(format!("nothing was imported from \"{}\"", sanitize_line(name)), hint));
    }
    let rows = library.forget_source(name)?;
    library.match_outside(Timestamp::now())?;
    ipc::reload();
    let (mut out, counts) = (io::stdout().lock(), library.outside_counts()?);
    if json {
        writeln!(out, "{}", serde_json::json!({ "forgotten": rows, "total": counts }))?;
    } else {
        writeln!(out, "{} of {} forgotten\n{}", with_count(rows, "row"), sanitize_line(name), summary(&counts))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn no_token(file: &Path, error: &io::Error) -> anyhow::Error {
    user_error(
        format!("cannot read {}: {error}", escape_path(file)),
        "--token-file takes a file that holds nothing but the token",
    )
}

fn list(library: &Library, number: u32, json: bool) -> Result<ExitCode> {
    let (counts, sources, songs) = (library.outside_counts()?, library.sources()?, library.elsewhere(number)?);
    let mut out = io::stdout().lock();
    if json {
        writeln!(
            out,
            "{}",
            serde_json::to_string_pretty(
                &serde_json::json!({ "total": counts, "sources": sources, "without_file": songs })
            )?
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    writeln!(out, "{}", summary(&counts))?;
    for source in &sources {
        writeln!(out, "  from {}: {}", sanitize_line(&source.name), with_count(source.rows as usize, "row"))?;
    }
    if !songs.is_empty() {
        writeln!(out, "without a file here, for a player that streams:")?;
    }
    for song in &songs {
        let advised = if song.advice.is_some() { ", recommended" } else { "" };
        let plays = with_count(song.plays.round() as usize, "play");
        writeln!(out, "  {} – {} ({plays}{advised})", sanitize_line(&song.title), sanitize_line(&song.artist))?;
    }
    Ok(ExitCode::SUCCESS)
}
