//! `moodring recommend`: songs that fit a mood, chosen without the agent.

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use serde_json::json;

use crate::config;
use crate::desktop::wording;
use moodring_core::domain::address::json::text;
use moodring_core::domain::pick::Aim;
use moodring_core::domain::pick::Pick;
use moodring_core::domain::pick::ScoreBreakdown;
use moodring_core::domain::song::Song;
use moodring_core::error::user_error;
use moodring_core::mood::table::EmotionTable;
use moodring_core::mood::target::{Progress, Target, target};
use moodring_core::mood::{Intent, MoodName};
use moodring_core::recommend::collaborative::peer_affinities::{CLOSEST, PeerAffinities};
use moodring_core::recommend::content::Content;
use moodring_core::recommend::explanation::explain_pick;
use moodring_core::recommend::fusion::Fusion;
use moodring_core::recommend::rank::Ranker;
use moodring_core::recommend::rank_normalize::spread;
use moodring_core::recommend::recent::RecentPlays;
use moodring_core::recommend::selection::{SelectionContext, programme};
use moodring_music::library::Library;
use moodring_platform::folders;

use super::arguments::{content_parser, intent_parser, mood_parser};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The mood the songs should fit [default: neutral]
    #[arg(value_name = "MOOD", value_parser = mood_parser())]
    named: Option<MoodName>,
    /// The mood, as an option
    #[arg(long, value_parser = mood_parser(), conflicts_with = "named")]
    mood: Option<MoodName>,
    /// What the songs should do with the mood
    #[arg(long, value_parser = intent_parser(), default_value = "match")]
    intent: Intent,
    /// How many songs
    #[arg(short = 'n', long, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    number: u16,
    /// Content score to use instead of the one in the settings
    #[arg(long, value_parser = content_parser())]
    content: Option<Content>,
    /// Show how each score is computed
    #[arg(long)]
    explain: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    fn mood(&self) -> MoodName {
        self.named.or(self.mood).unwrap_or(MoodName::Neutral)
    }
}

pub fn run(args: &Args) -> Result<ExitCode> {
    let mut config = config::load()?;
    config.music.content = args.content.unwrap_or(config.music.content);
    let library = Library::open(&folders::library_file()?)?;
    let mut songs = library.songs(jiff::Timestamp::now())?;
    spread(&mut songs);
    if songs.is_empty() {
        return Err(user_error("the library is empty", "run `moodring scan` or `moodring scan FOLDER` first"));
    }
    let table = EmotionTable::with(&config.mood.table);
    let target = target(&table.place(args.mood()), true, args.intent, Progress::default(), &table);
    let own = library.own_history()?;
    let circle = PeerAffinities::of(&own, &library.histories_alike(&own, CLOSEST)?);
    let (mut ranker, recent) = (Ranker::new(&songs, &config.music, circle), RecentPlays::default());
    ranker.weigh(&library.lessons(jiff::Timestamp::now())?);
    let no_repeat = config.music.no_repeat;
    let choice = SelectionContext {
        target: &target,
        ranker: &ranker,
        no_repeat,
        recent: &recent,
        playing: None,
        coming: &[],
        streams: false,
        turn: 0,
    };
    let chosen = programme(&songs, &choice, args.number.into(), Instant::now());
    let picks: Vec<(&Song, Pick)> =
        chosen.iter().map(|chosen| (chosen.ranked.song, explain_pick(chosen, &target, &ranker))).collect();
    if args.json {
        print_json(args, &picks, &ranker, &target)?
    } else {
        if args.explain {
            writeln!(std::io::stdout().lock(), "{}", explain_weight(&ranker, &target))?;
        }
        print(args, &picks, config.music.fusion)?
    }
    Ok(ExitCode::SUCCESS)
}

fn print(args: &Args, picks: &[(&Song, Pick)], fusion: Fusion) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for (n, (song, pick)) in picks.iter().enumerate() {
        writeln!(out, "{:3}. {} – {}\n     {}", n + 1, pick.title, pick.artist, wording::pick_reason(&pick.reason))?;
        if args.explain {
            writeln!(out, "{}", terms(song, &pick.terms, fusion))?;
        }
    }
    Ok(())
}

/// Every step of the score; the reader can repeat it up to rounding.
fn terms(song: &Song, terms: &ScoreBreakdown, fusion: Fusion) -> String {
    let ScoreBreakdown { score, total, fit, taste, mood_weight, spacing, chance, place, target, .. } = *terms;
    let tempo = if song.tempo > 0.0 { format!(", {:.0} beats a minute", song.tempo) } else { String::new() };
    let genre = if song.genre.is_empty() { String::new() } else { format!(", {}", song.genre) };
    format!(
        "     fit {fit:.3} and taste {taste:.3}: {} = {score:.3}\n     \
         {score:.3} x {spacing:.3} for spacing x {chance:.3} for variety = {total:.3}\n     \
         valence {:.2} for {:.2}, energy {:.2} for {:.2}{tempo}{genre}; certainty {:.2}",
        fusion.formula(fit, taste, mood_weight),
        place[0],
        target[0],
        place[1],
        target[1],
        song.certainty
    )
}

/// The weight of the mood and where it comes from.
fn explain_weight(ranker: &Ranker, target: &Target) -> String {
    let ((set, learned), used, known) = (ranker.weights(), ranker.alpha(target), ranker.taste().weight());
    let mut parts = vec![format!("weight of the mood {used:.2}, of taste {:.2}: the setting is {set:.2}", 1.0 - used)];
    if (learned - set).abs() >= 0.005 {
        parts.push(format!("your skips and finished songs change it to {learned:.2}"));
    }
    if target.aim == Aim::Lift {
        parts.push("lift halves it".into());
    }
    if known < 1.0 {
        parts.push(format!("taste counts {known:.2} of its weight, because little is known of it yet"));
    }
    parts.join(", ")
}

fn print_json(args: &Args, picks: &[(&Song, Pick)], ranker: &Ranker, target: &Target) -> Result<()> {
    let one = |(song, pick): &(&Song, Pick)| {
        json!({
            "path": text(&pick.path), "title": pick.title, "artist": pick.artist, "why": wording::pick_reason(&pick.reason),
            "score": pick.terms.score, "total": pick.terms.total, "content": pick.terms.fit, "taste": pick.terms.taste, "terms": pick.terms,
            "valence": song.valence, "energy": song.energy, "tempo": song.tempo, "certainty": song.certainty,
        })
    };
    let songs: Vec<_> = picks.iter().map(one).collect();
    let (set, learned) = ranker.weights();
    let weight = json!({ "set": set, "learned": learned, "used": ranker.alpha(target) });
    let all = json!({ "mood": args.mood(), "intent": args.intent, "mood_weight": weight, "songs": songs });
    writeln!(std::io::stdout().lock(), "{all}")?;
    Ok(())
}
