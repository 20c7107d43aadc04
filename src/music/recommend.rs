//! `moodring recommend`: songs that fit a mood, without an agent.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use super::library::Library;
use super::rank::Ranked;
use super::spread::spread;
use super::taste::Taste;
use crate::config::Config;
use crate::fault::fault;
use crate::folders;
use crate::mood::table::Table;
use crate::mood::target::{Path, Target, target};
use crate::mood::{Intent, MoodName};
use crate::queue::{Choice, Recent, explained, programme};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The mood the songs should fit
    #[arg(long, value_enum, default_value = "neutral")]
    mood: MoodName,
    /// What the songs should do with it
    #[arg(long, value_enum, default_value = "match")]
    intent: Intent,
    /// How many songs
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    number: u16,
    /// Show the terms of each score
    #[arg(long)]
    explain: bool,
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let config = Config::load()?;
    let mut songs = Library::open(&folders::library_file()?)?.songs(jiff::Timestamp::now())?;
    spread(&mut songs);
    if songs.is_empty() {
        return Err(fault("the library is empty", "run `moodring scan` or `moodring scan FOLDER` first"));
    }
    let table = Table::with(&config.mood.table);
    let target = target(&table.place(args.mood), true, args.intent, Path::default(), &table);
    let (taste, recent) = (Taste::new(&songs), Recent::default());
    let (mood_weight, no_repeat) = (config.music.mood_weight, config.music.no_repeat);
    let choice =
        Choice { target: &target, taste: &taste, mood_weight, no_repeat, recent: &recent, coming: &[], turn: 0 };
    let picks = programme(&songs, &choice, args.number.into(), Instant::now());
    print(args, &picks, &target, &taste)?;
    Ok(ExitCode::SUCCESS)
}

fn print(args: &Args, picks: &[Ranked], target: &Target, taste: &Taste) -> Result<()> {
    let mut out = std::io::stdout().lock();
    if args.json {
        let songs: Vec<_> = picks.iter().map(|r| as_json(r, target, taste)).collect();
        writeln!(out, "{}", json!({ "mood": args.mood, "intent": args.intent, "songs": songs }))?;
        return Ok(());
    }
    for (n, ranked) in picks.iter().enumerate() {
        let pick = explained(ranked, target, taste);
        writeln!(out, "{:3}. {} – {}\n     {}", n + 1, pick.title, pick.artist, pick.why)?;
        if args.explain {
            let song = ranked.song;
            writeln!(
                out,
                "     score {:.3} = mood {:.3} and taste {:.3}; valence {:.2}, energy {:.2}, tempo {:.0}",
                ranked.score, ranked.content, ranked.taste, song.valence, song.energy, song.tempo
            )?;
        }
    }
    Ok(())
}

fn as_json(ranked: &Ranked, target: &Target, taste: &Taste) -> serde_json::Value {
    let (song, pick) = (ranked.song, explained(ranked, target, taste));
    json!({
        "path": song.path.to_string_lossy(), "title": song.title, "artist": song.artist, "why": pick.why,
        "score": ranked.score, "content": ranked.content, "taste": ranked.taste,
        "valence": song.valence, "energy": song.energy, "tempo": song.tempo, "certainty": song.certainty,
    })
}
