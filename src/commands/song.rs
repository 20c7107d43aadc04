//! `moodring song`: all that is known of one song, and the owner's word on it.

use std::fs::Metadata;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use jiff::Timestamp;

use moodring_core::domain::song::Opinion;
use moodring_core::error::{usage_error, user_error};
use moodring_core::text::sanitize::sanitize_line;
use moodring_music::library::{Correction, EstimatedValue, Library, SongDetails};
use moodring_platform::folders;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A music file, or words of an artist and a title
    #[arg(value_name = "FILE")]
    song: PathBuf,
    /// Say how pleasant it is: 0 (sad, grim) to 1 (cheerful)
    #[arg(long, value_name = "0..1", value_parser = share, allow_negative_numbers = true)]
    valence: Option<f32>,
    /// Say how lively it is: 0 (calm) to 1 (frantic)
    #[arg(long, value_name = "0..1", value_parser = share, allow_negative_numbers = true)]
    energy: Option<f32>,
    /// Say how fast it is, in beats per minute
    #[arg(long, value_name = "BPM", value_parser = tempo, allow_negative_numbers = true)]
    tempo: Option<f32>,
    /// Take your word back: what was measured counts again
    #[arg(long, conflicts_with_all = ["valence", "energy", "tempo"])]
    forget: bool,
    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

fn share(text: &str) -> Result<f32, String> {
    within(text, 0.0, 1.0)
}

fn tempo(text: &str) -> Result<f32, String> {
    within(text, 20.0, 400.0)
}

fn within(text: &str, low: f32, high: f32) -> Result<f32, String> {
    let number = text.parse().ok().filter(|number| (low..=high).contains(number));
    number.ok_or_else(|| format!("it must be a number from {low} to {high}"))
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let mut library = Library::open_patiently(&folders::library_file()?)?;
    let path = find(&library, &args.song)?;
    let word = Correction { valence: args.valence, energy: args.energy, tempo: args.tempo };
    let changes = args.forget || word != Correction::default();
    if args.forget {
        library.uncorrect(&path)?;
    } else if changes {
        library.correct(&path, word, Timestamp::now())?;
    }
    if changes {
        crate::desktop::ipc::reload();
    }
    let card = library.card(&path)?.ok_or_else(|| stranger(&args.song))?;
    let text = if args.json { serde_json::to_string_pretty(&card)? } else { lines(&card) };
    writeln!(io::stdout(), "{text}")?;
    Ok(ExitCode::SUCCESS)
}

/// The path of the song that is meant: a file, else the one song whose name holds the words.
fn find(library: &Library, song: &Path) -> Result<PathBuf> {
    let absolute = std::path::absolute(song)?;
    for path in [std::fs::canonicalize(song).unwrap_or_else(|_| absolute.clone()), absolute] {
        if library.card(&path)?.is_some() {
            return Ok(path);
        }
    }
    if let Ok(file) = std::fs::metadata(song) {
        return linked(library, song, &file)?.ok_or_else(|| stranger(song));
    }
    let found = library.cards_like(&song.to_string_lossy(), 6)?;
    match found.as_slice() {
        [card] => Ok(card.path.clone()),
        [] => Err(stranger(song)),
        several => {
            let names: Vec<_> =
                several.iter().map(|card| format!("\"{}\" ({})", sanitize_line(&card.title), shown(card))).collect();
            let what = format!(
                "\"{}\" could be more than one song: {}",
                moodring_core::text::sanitize::escape_path(song),
                names.join(", ")
            );
            Err(usage_error(what, "name its file, or more words of its artist and title"))
        }
    }
}

/// The same file where the scan has met it, in a folder that has another name; a file with another name of its own is not looked
/// for, as every song of the library would have to be.
fn linked(library: &Library, song: &Path, file: &Metadata) -> Result<Option<PathBuf>> {
    let is_it = |path: &PathBuf| {
        path.file_name() == song.file_name()
            && std::fs::metadata(path).is_ok_and(|other| (other.dev(), other.ino()) == (file.dev(), file.ino()))
    };
    Ok(library.known()?.into_keys().find(is_it))
}

fn stranger(song: &Path) -> anyhow::Error {
    let what = format!("the library knows no song \"{}\"", moodring_core::text::sanitize::escape_path(song));
    user_error(what, "run `moodring scan FOLDER` on the folder that holds it")
}

fn shown(card: &SongDetails) -> String {
    moodring_core::text::sanitize::escape_path(&card.path)
}

type FieldRow = (&'static str, String);

fn lines(card: &SongDetails) -> String {
    let mut rows = vec![("file", shown(card))];
    rows.extend(card.gone.map(|when| ("", format!("gone since {}", day(when)))));
    match &card.fault {
        Some(why) => rows.push(("", format!("could not be read: {why}"))),
        None => rows.extend(tags(card).into_iter().chain(heard(card)).chain(history(card))),
    }
    let lines = rows.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name:<12} {text}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn tags(card: &SongDetails) -> Vec<FieldRow> {
    let number = |number: Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    let ids = [("recording", &card.recording), ("artist", &card.artist_id), ("release", &card.release)];
    let ids = ids.into_iter().filter_map(|(what, id)| Some(format!("{} ({what})", id.as_ref()?)));
    let mut rows = vec![
        ("title", sanitize_line(&card.title)),
        ("artist", sanitize_line(&card.artist)),
        ("album", sanitize_line(&card.album)),
        ("track", number(card.track)),
        ("year", number(card.year)),
        ("genre", sanitize_line(&card.genre)),
        ("mood", sanitize_line(&card.mood)),
        ("length", length(card.seconds)),
        ("ReplayGain", card.replay_gain.map_or_else(String::new, |gain| format!("{gain:+.1} dB"))),
    ];
    rows.extend(ids.enumerate().map(|(n, id)| (if n == 0 { "MusicBrainz" } else { "" }, id)));
    rows
}

fn heard(card: &SongDetails) -> Vec<FieldRow> {
    let beats =
        if card.tempo.value > 0.0 { format!("{:.0} beats a minute", card.tempo.value) } else { "no beat".into() };
    let tempo =
        if card.tempo.corrected { format!("{beats} (your word; measured {:.0})", card.tempo.measured) } else { beats };
    let tagged = !(card.genre.is_empty() && card.mood.is_empty());
    let source = match (card.heard, tagged) {
        (true, true) => "the sound, genre and mood tags",
        (true, false) => "the sound",
        (false, true) => "genre and mood tags alone",
        (false, false) => "nothing: it cannot be decoded, and its tags name neither genre nor mood",
    };
    vec![
        ("valence", place(&card.valence, "sad", "cheerful")),
        ("energy", place(&card.energy, "calm", "lively")),
        ("tempo", tempo),
        ("key", card.key.clone().unwrap_or_default()),
        ("from", source.into()),
    ]
}

/// "0.72 (fairly cheerful), 30 % sure".
fn place(figure: &EstimatedValue, low: &str, high: &str) -> String {
    let word = match figure.value {
        value if value < 0.2 => low.to_owned(),
        value if value < 0.4 => format!("rather {low}"),
        value if value <= 0.6 => "in the middle".into(),
        value if value <= 0.8 => format!("rather {high}"),
        _ => high.to_owned(),
    };
    let origin = match figure.corrected {
        true => format!("your word; measured {:.2}", figure.measured),
        false => format!("{:.0} % sure", 100.0 * figure.certainty.unwrap_or(0.0)),
    };
    format!("{:.2}, {word} ({origin})", figure.value)
}

fn history(card: &SongDetails) -> Vec<FieldRow> {
    let opinion = match card.opinion {
        Opinion::Like => "you like it",
        Opinion::Dislike => "you dislike it",
        Opinion::None => "",
    };
    let plays = match (card.finished, card.skipped) {
        (0, 0) => "never".into(),
        (finished, skipped) => format!("{finished} times to the end, {skipped} times skipped"),
    };
    let last = card.last_played.map_or_else(String::new, |when| format!("last on {}", day(when)));
    vec![("played", plays), ("", last), ("opinion", opinion.into())]
}

fn length(seconds: f32) -> String {
    let seconds = seconds.round() as u32;
    if seconds == 0 { String::new() } else { format!("{}:{:02}", seconds / 60, seconds % 60) }
}

fn day(when: Timestamp) -> String {
    when.to_zoned_datetime(jiff::tz::TimeZone::system()).date().to_string()
}
