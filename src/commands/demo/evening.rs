//! One evening: happy at first, sad later. Everything but the pictures is left to the agent.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};

use crate::commands::demo::print;
use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::wire::{QueueReport, StatusReport};
use moodring_music::library::Library;
use moodring_testkit::desktop::Desktop;
use moodring_testkit::faces;
use moodring_testkit::music::Songs;
use moodring_testkit::player_process::{PlayerKind, PlayerProcess};
use moodring_testkit::user::SimulatedUser;

/// How long any one thing may take to happen.
const LIMIT: Duration = Duration::from_secs(40);
/// How much of a song the listener hears before the next one.
const LAST: Duration = Duration::from_secs(5);
/// How long what comes next must stay the same.
const REST: Duration = Duration::from_secs(7);
/// Between two questions to the agent.
const GLANCE: Duration = Duration::from_millis(200);
/// How far valence must fall to speak of another mood.
const FALL: f32 = 0.2;

/// Looks every two seconds and a memory to match, so that an evening fits into a minute; all else as on a desktop.
const HASTE: &str = "every = \"2s\"\nframes = 3\n\n[mood]\nhalf_life = \"5s\"\n\n[music]\nno_repeat = \"1h\"\n";

pub struct Evening {
    folder: PathBuf,
    camera: Option<u32>,
    listener: SimulatedUser,
    agent: AgentProcess,
    player: PlayerProcess,
    stage: Desktop,
    shown: Option<StatusReport>,
    /// What the player reported as playing, in order.
    played: Vec<String>,
    /// Our songs that it reported as playing, in order.
    ours: Vec<PathBuf>,
}

/// The true agent, started as at login; asked to leave when the evening is over.
struct AgentProcess(Child);

impl Drop for AgentProcess {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

/// This program, on the stage, with folders of its own there.
fn moodring(folder: &Path, stage: &Desktop, words: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
    command.args(words).stdin(Stdio::null()).env("DBUS_SESSION_BUS_ADDRESS", stage.address());
    for (name, place) in [("XDG_CONFIG_HOME", "moodring/config"), ("XDG_DATA_HOME", "moodring/data")] {
        command.env(name, folder.join(place));
    }
    Ok(command)
}

impl Evening {
    pub fn prepare(folder: &Path, camera: Option<u32>, songs: &Songs) -> Result<Self> {
        print::heading("The stage");
        let mut stage = Desktop::set(folder)?;
        write_settings(folder, camera)?;
        println!("  bus       one of its own, with no way to your desktop");
        println!("  music     {}: {} songs in {}", songs.origin, songs.files.len(), songs.folder.display());
        match camera {
            Some(index) => println!("  camera    {index}"),
            None => println!("  camera    pictures of a face, happy first and sad later"),
        }
        faces::show(faces::HAPPY, &folder.join("pictures"))?;
        print::heading("moodring scan: reading the music");
        let scan = moodring(folder, &stage, &["scan"])?.arg(&songs.folder).status().context("cannot scan")?;
        if !scan.success() {
            bail!("the scan failed");
        }
        print::heading("The player");
        let list = songs.own_list();
        let player = stage.start(PlayerKind::Vlc, &list)?;
        println!("  VLC plays {}, silently; in the listener's list {} comes next", name(&list[0]), name(&list[1]));
        let listener = SimulatedUser::new(&stage.address(), "org.mpris.MediaPlayer2.vlc")?;
        let agent = start_agent(&stage, folder)?;
        let (shown, played, ours) = (None, Vec::new(), Vec::new());
        Ok(Self { folder: folder.into(), camera, listener, agent, player, stage, shown, played, ours })
    }

    pub fn run(&mut self) -> Result<()> {
        print::heading("A happy face, while the listener's own song plays");
        self.wait("the agent sees the player", |view| view.player.clone().filter(|_| view.playing.is_some()))?;
        self.say(&["camera", "allow"])?;
        let bright = self.wait("a song is queued for the mood", waiting)?;
        self.confirm(&bright)?;
        self.jump_to(&bright)?;
        print::heading("The face turns sad");
        self.turn_sad()?;
        let happy = self.shown.as_ref().map_or(1.0, |view| view.mood.valence);
        self.wait("the mood follows", |view| (view.mood.valence < happy - FALL).then_some(()))?;
        let low = self.at_rest()?;
        self.confirm(&low)?;
        self.jump_to(&low)?;
        self.report(&bright, &low)
    }

    fn turn_sad(&self) -> Result<()> {
        match self.camera {
            None => faces::show(faces::SAD, &self.folder.join("pictures")),
            Some(_) => {
                println!("  Now look sad, please.");
                Ok(())
            }
        }
    }

    /// The mood goes on moving for a few looks: waits until what is next has stayed the same for a while.
    fn at_rest(&mut self) -> Result<PathBuf> {
        let (began, mut since, mut path) = (Instant::now(), Instant::now(), PathBuf::new());
        while since.elapsed() < REST && began.elapsed() < LIMIT {
            let now = self.wait("a song waits", waiting)?;
            if now != path {
                (path, since) = (now, Instant::now());
            }
            std::thread::sleep(GLANCE);
        }
        Ok(path)
    }

    /// Asks the player itself what comes.
    fn confirm(&mut self, path: &Path) -> Result<()> {
        let began = Instant::now();
        loop {
            let queue = self.queue()?;
            let upcoming = queue.upcoming.as_deref();
            if upcoming
                .is_some_and(|upcoming| upcoming.first().is_some_and(|track| track.path.as_deref() == Some(path)))
            {
                print::account(&self.player.account()?);
                return Ok(());
            }
            if began.elapsed() > LIMIT {
                bail!("the player does not show {} as its next song: {upcoming:?}", path.display());
            }
            std::thread::sleep(GLANCE);
        }
    }

    fn jump_to(&mut self, path: &Path) -> Result<()> {
        println!("  (the listener jumps to the last seconds of the song)");
        self.listener.jump_before_end(LAST)?;
        let begun = |view: &StatusReport| view.ours.as_ref().is_some_and(|ours| ours.path == path).then_some(());
        self.wait(&format!("the player plays {}", path.display()), begun)?;
        self.ours.push(path.into());
        Ok(())
    }

    fn report(&mut self, bright: &Path, low: &Path) -> Result<()> {
        print::heading("What the player reported");
        for song in &self.played {
            println!("  played    {song}");
        }
        print::account(&self.player.account()?);
        self.say(&["quit"])?;
        if self.ours != [bright, low] {
            bail!("it was to play {} and then {}", bright.display(), low.display());
        }
        self.compare(bright, low)
    }

    /// Did the second song fit a sadder face? By the places that the library gives them.
    fn compare(&self, bright: &Path, low: &Path) -> Result<()> {
        let library = Library::open(&self.folder.join("moodring/data/moodring/library.db"))?;
        let songs = library.songs(jiff::Timestamp::now())?;
        let place = |path: &Path| songs.iter().find(|song| song.path == path).context("a song is not in the library");
        let (bright, low) = (place(bright)?, place(low)?);
        for song in [bright, low] {
            println!("  library   {}: valence {:.2}, energy {:.2}", song.title, song.valence, song.energy);
        }
        if low.valence + low.energy >= bright.valence + bright.energy {
            bail!("the second song is no sadder than the first");
        }
        Ok(())
    }

    /// Polls `moodring status`, prints what changes, and returns once `part` of it is there.
    fn wait<T>(&mut self, what: &str, part: impl Fn(&StatusReport) -> Option<T>) -> Result<T> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Some(status) = self.agent.0.try_wait()? {
                bail!("the agent ended with {status}:\n{}", self.log());
            }
            if let Ok(Answer::Status(view)) = self.say(&["status"]) {
                print::changes(self.shown.as_ref(), &view);
                if view.playing.is_some() && view.playing.as_ref() != self.played.last() {
                    self.played.extend(view.playing.clone());
                }
                let found = part(&view);
                self.shown = Some(view);
                if let Some(found) = found {
                    return Ok(found);
                }
            }
            std::thread::sleep(GLANCE);
        }
        let waiting_for = self.shown.as_ref().and_then(|view| view.waiting_for.clone()).unwrap_or_default();
        Err(anyhow!("it did not happen within {} s that {what} ({waiting_for})\n{}", LIMIT.as_secs(), self.log()))
    }

    fn queue(&self) -> Result<QueueReport> {
        match self.say(&["queue"])? {
            Answer::Queue(queue) => Ok(queue),
            other => bail!("asked for the queue, the agent answered {other:?}"),
        }
    }

    fn say(&self, words: &[&str]) -> Result<Answer> {
        let output =
            moodring(&self.folder, &self.stage, words)?.arg("--json").output().context("cannot ask the agent")?;
        serde_json::from_slice(&output.stdout)
            .with_context(|| format!("the agent did not answer: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// The last lines of the agent's log.
    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.join("agent.log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().filter(|line| !line.contains("asked: Status")).collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

fn waiting(view: &StatusReport) -> Option<PathBuf> {
    view.next.as_ref().map(|next| next.path.clone())
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn write_settings(folder: &Path, camera: Option<u32>) -> Result<()> {
    let source = match camera {
        Some(index) => format!("device = {index}\n"),
        None => format!("pictures = {:?}\n", folder.join("pictures")),
    };
    let settings = format!("[camera]\n{source}{HASTE}\n[players]\nmpd = \"\"\n");
    let place = folder.join("moodring/config/moodring");
    fs::create_dir_all(&place).context("cannot make the settings")?;
    fs::write(place.join("config.toml"), &settings).context("cannot write the settings")?;
    fs::write(folder.join("config.toml"), &settings).context("cannot write the settings")
}

fn start_agent(stage: &Desktop, folder: &Path) -> Result<AgentProcess> {
    let log = File::create(folder.join("agent.log")).context("cannot make the agent's log")?;
    let mut command = moodring(folder, stage, &[])?;
    command.env("MOODRING_LOG", "moodring=debug").stdout(Stdio::null()).stderr(log);
    Ok(AgentProcess(command.spawn().context("cannot start the agent")?))
}
