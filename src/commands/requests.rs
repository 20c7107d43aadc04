//! The commands that go to the running agent.

pub mod print;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use jiff::{Timestamp, ZonedDateTime};

use super::arguments::{intent_parser, mood_parser};
use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::{farewell, request};
use crate::desktop::until_morning::until_morning;
use crate::terminal;
use moodring_core::error::user_error;
use moodring_core::message::{Record, Request};
use moodring_core::mood::{Intent, MoodName};
use moodring_music::library::Library;
use moodring_platform::folders;

#[derive(Debug, clap::Subcommand)]
pub enum RequestCommand {
    /// Show mood, player, current song and next song
    Status(OutputFormat),
    /// Stop looks and queueing, for some minutes or until `resume`
    Pause(PauseArgs),
    /// End a pause
    Resume(OutputFormat),
    /// Pause, or resume when paused
    Toggle(OutputFormat),
    /// Set the mood by hand, or return to the camera
    Mood(MoodArgs),
    /// Correct the last reading: name the mood it should have been
    Wrong(WrongArgs),
    /// Choose what the music does with the mood
    Intent(IntentArgs),
    /// Like the current song; a second time, take the like back
    Like(OpinionArgs),
    /// Dislike the current song, so that Moodring does not choose it again; a second time, take that back
    Dislike(OpinionArgs),
    /// Skip the current song
    Skip(OutputFormat),
    /// Remove the song that Moodring queued
    Undo(OutputFormat),
    /// Remove a song from the queue by its number; another song takes its place
    Remove(RemoveArgs),
    /// Explain why the next song was chosen
    Why(OutputFormat),
    /// List the next songs in the player, and those that would follow
    Queue(OutputFormat),
    /// Allow or deny the camera
    Camera(CameraArgs),
    /// Stop the agent and wait until it has ended
    Quit(OutputFormat),
}

#[derive(Debug, clap::Args)]
pub struct OutputFormat {
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct PauseArgs {
    /// Minutes to pause; without it, until resumed
    #[arg(value_name = "MIN", value_parser = clap::value_parser!(u32).range(1..=525_600))]
    minutes: Option<u32>,
    /// Until six o'clock in the morning
    #[arg(long, conflicts_with = "minutes")]
    until_tomorrow: bool,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Debug, clap::Args)]
pub struct OpinionArgs {
    /// Take back a like or dislike of the song that plays
    #[arg(long)]
    undo: bool,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Number of the song in `moodring queue`
    #[arg(value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    number: u32,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Debug, clap::Args)]
pub struct MoodArgs {
    /// The mood, or `auto` to use the camera
    #[arg(value_name = "NAME", value_parser = mood_name())]
    name: ManualMood,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Debug, clap::Args)]
pub struct WrongArgs {
    /// The correct mood
    #[arg(value_name = "MOOD", value_parser = mood_parser())]
    meant: MoodName,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Debug, clap::Args)]
pub struct IntentArgs {
    /// match: follow the mood; lift: lead it upwards; calm: lead it to calm
    #[arg(value_parser = intent_parser())]
    intent: Intent,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Debug, clap::Args)]
pub struct CameraArgs {
    #[arg(value_name = "allow|deny")]
    answer: ConsentAnswer,
    #[command(flatten)]
    form: OutputFormat,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ConsentAnswer {
    /// Look through the camera now and then
    Allow,
    /// Never open the camera
    Deny,
}

/// A mood by hand, or none.
#[derive(Clone, Copy, Debug)]
struct ManualMood(Option<MoodName>);

fn mood_name() -> impl TypedValueParser<Value = ManualMood> {
    let words = MoodName::ALL.map(MoodName::word).into_iter().chain(["auto"]);
    PossibleValuesParser::new(words)
        .map(|word| ManualMood(MoodName::ALL.into_iter().find(|name| name.word() == word.as_str())))
}

impl RequestCommand {
    fn request(&self) -> Result<Request> {
        Ok(match self {
            Self::Status(_) => Request::Status,
            Self::Pause(pause) => Request::Pause(pause.time()),
            Self::Resume(_) => Request::Resume,
            Self::Toggle(_) => Request::Toggle,
            Self::Mood(mood) => Request::Mood(mood.name.0),
            Self::Wrong(correction) => Request::Wrong(correction.meant),
            Self::Intent(aim) => Request::Intent(aim.intent),
            Self::Like(OpinionArgs { undo: true, .. }) | Self::Dislike(OpinionArgs { undo: true, .. }) => {
                Request::ClearOpinion
            }
            Self::Like(_) => Request::Like,
            Self::Dislike(_) => Request::Dislike,
            Self::Skip(_) => Request::Skip,
            Self::Undo(_) => Request::Undo,
            Self::Remove(removal) => Request::Remove(removal.path()?),
            Self::Why(_) => Request::Why,
            Self::Queue(_) => Request::Queue,
            Self::Camera(camera) => Request::Consent(matches!(camera.answer, ConsentAnswer::Allow)),
            Self::Quit(_) => Request::Quit,
        })
    }

    fn form(&self) -> &OutputFormat {
        match self {
            Self::Pause(PauseArgs { form, .. })
            | Self::Mood(MoodArgs { form, .. })
            | Self::Remove(RemoveArgs { form, .. })
            | Self::Like(OpinionArgs { form, .. })
            | Self::Dislike(OpinionArgs { form, .. })
            | Self::Wrong(WrongArgs { form, .. })
            | Self::Intent(IntentArgs { form, .. })
            | Self::Camera(CameraArgs { form, .. })
            | Self::Status(form)
            | Self::Resume(form)
            | Self::Toggle(form)
            | Self::Skip(form)
            | Self::Undo(form)
            | Self::Why(form)
            | Self::Queue(form)
            | Self::Quit(form) => form,
        }
    }
}

impl RemoveArgs {
    /// The song that has this number now.
    fn path(&self) -> Result<PathBuf> {
        let Answer::Queue(queue) = request(&Request::Queue)? else { bail!("the agent answered another request") };
        let mut songs = queue.ours.into_iter().chain(queue.later);
        let song = songs.nth(self.number as usize - 1).map(|pick| pick.path);
        song.ok_or_else(|| user_error(format!("there is no song {} in the queue", self.number), "see `moodring queue`"))
    }
}

impl PauseArgs {
    fn time(&self) -> Option<Duration> {
        if self.until_tomorrow {
            return Some(until_morning(&ZonedDateTime::now()));
        }
        self.minutes.map(|minutes| Duration::from_secs(u64::from(minutes) * 60))
    }
}

/// Asks the running agent and prints its answer; 1 when it refused.
pub fn run(ask: &RequestCommand) -> Result<ExitCode> {
    let asked = ask.request()?;
    let reply = match request(&asked) {
        Err(error) if matches!(ask, RequestCommand::Camera(_)) => keep_consent(&asked, error)?,
        answered => answered?,
    };
    let text = if ask.form().json { serde_json::to_string_pretty(&reply)? } else { print::reply(&reply) };
    terminal::print_text(&text)?;
    if matches!(ask, RequestCommand::Quit(_)) {
        farewell();
    }
    Ok(ExitCode::from(u8::from(matches!(reply, Answer::Refused(_)))))
}

/// Allows or denies the camera while no agent runs: the next agent reads the answer from the library.
fn keep_consent(request: &Request, unanswered: anyhow::Error) -> Result<Answer> {
    let Request::Consent(yes) = *request else { return Err(unanswered) };
    let mut library = Library::open(&folders::library_file()?)?;
    library.remember(&Record::Consent(yes), Timestamp::now())?;
    let what = if yes { "may use the camera" } else { "will not open the camera" };
    Ok(Answer::Done(format!("Moodring is not running; after its next start it {what}")))
}
