//! One evening with a face that is happy at first and sad later. The agent does everything else as usual.

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

/// The longest wait for one step.
const LIMIT: Duration = Duration::from_secs(40);
/// The user jumps to this time before the end of a song.
const LAST: Duration = Duration::from_secs(5);
/// How long the next song must stay the same.
const REST: Duration = Duration::from_secs(7);
/// The time between two requests to the agent.
const GLANCE: Duration = Duration::from_millis(200);
/// The fall of valence that counts as another mood.
const FALL: f32 = 0.2;

/// Settings for an evening of one minute: a look every two seconds and a short half-life.
const HASTE: &str = "every = \"2s\"\nframes = 3\n\n[mood]\nhalf_life = \"5s\"\n\n[music]\nno_repeat = \"1h\"\n";

pub struct Evening {
    folder: PathBuf,
    camera: Option<u32>,
    user: SimulatedUser,
    agent: AgentProcess,
    player: PlayerProcess,
    desktop: Desktop,
    shown: Option<StatusReport>,
    /// What the player reported as playing, in order.
    played: Vec<String>,
    /// Moodring's songs that it reported as playing, in order.
    ours: Vec<PathBuf>,
}

/// The agent, as started at login. It is killed when this is dropped.
struct AgentProcess(Child);

impl Drop for AgentProcess {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

/// A command of this program on the private desktop, with folders of its own.
fn moodring(folder: &Path, desktop: &Desktop, words: &[&str]) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe().context("cannot find this program")?);
    command.args(words).stdin(Stdio::null()).env("DBUS_SESSION_BUS_ADDRESS", desktop.address());
    for (name, place) in [("XDG_CONFIG_HOME", "moodring/config"), ("XDG_DATA_HOME", "moodring/data")] {
        command.env(name, folder.join(place));
    }
    Ok(command)
}

impl Evening {
    pub fn prepare(folder: &Path, camera: Option<u32>, songs: &Songs) -> Result<Self> {
        print::heading("The private desktop");
        let mut desktop = Desktop::set(folder)?;
        write_settings(folder, camera)?;
        println!("  bus       private, without a connection to your desktop");
        println!("  music     {}: {} songs in {}", songs.origin, songs.files.len(), songs.folder.display());
        match camera {
            Some(index) => println!("  camera    {index}"),
            None => println!("  camera    pictures of a face, happy first and sad later"),
        }
        faces::show(faces::HAPPY, &folder.join("pictures"))?;
        print::heading("moodring scan: reading the music");
        let scan = moodring(folder, &desktop, &["scan"])?.arg(&songs.folder).status().context("cannot scan")?;
        if !scan.success() {
            bail!("the scan failed");
        }
        print::heading("The player");
        let list = songs.own_list();
        let player = desktop.start(PlayerKind::Vlc, &list)?;
        println!("  VLC plays {}, silently; in the user's list {} comes next", name(&list[0]), name(&list[1]));
        let user = SimulatedUser::new(&desktop.address(), "org.mpris.MediaPlayer2.vlc")?;
        let agent = start_agent(&desktop, folder)?;
        let (shown, played, ours) = (None, Vec::new(), Vec::new());
        Ok(Self { folder: folder.into(), camera, user, agent, player, desktop, shown, played, ours })
    }

    pub fn run(&mut self) -> Result<()> {
        print::heading("A happy face, while the user's own song plays");
        self.wait("the agent sees the player", |view| view.player.clone().filter(|_| view.playing.is_some()))?;
        self.ask_agent(&["camera", "allow"])?;
        let bright = self.wait("a song is queued for the mood", waiting)?;
        self.confirm(&bright)?;
        self.jump_to(&bright)?;
        print::heading("The face turns sad");
        self.turn_sad()?;
        let happy = self.shown.as_ref().map_or(1.0, |view| view.mood.valence);
        self.wait("the mood follows", |view| (view.mood.valence < happy - FALL).then_some(()))?;
        let low = self.wait_for_settled_song()?;
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

    /// Waits until the next song has stayed the same for a while, because the mood changes over several looks.
    fn wait_for_settled_song(&mut self) -> Result<PathBuf> {
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

    /// Waits until the player itself shows the song as the next one.
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
        println!("  (the user jumps to the last seconds of the song)");
        self.user.jump_before_end(LAST)?;
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
        self.ask_agent(&["quit"])?;
        if self.ours != [bright, low] {
            bail!("the player did not play {} and then {}", bright.display(), low.display());
        }
        self.compare(bright, low)
    }

    /// Checks with the values in the library that the second song is sadder.
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

    /// Polls `moodring status`, prints the changes, and returns when `part` returns a value.
    fn wait<T>(&mut self, what: &str, part: impl Fn(&StatusReport) -> Option<T>) -> Result<T> {
        let began = Instant::now();
        while began.elapsed() < LIMIT {
            if let Some(status) = self.agent.0.try_wait()? {
                bail!("the agent ended with {status}:\n{}", self.log());
            }
            if let Ok(Answer::Status(view)) = self.ask_agent(&["status"]) {
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
        match self.ask_agent(&["queue"])? {
            Answer::Queue(queue) => Ok(queue),
            other => bail!("asked for the queue, the agent answered {other:?}"),
        }
    }

    fn ask_agent(&self, words: &[&str]) -> Result<Answer> {
        let output =
            moodring(&self.folder, &self.desktop, words)?.arg("--json").output().context("cannot ask the agent")?;
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

fn start_agent(desktop: &Desktop, folder: &Path) -> Result<AgentProcess> {
    let log = File::create(folder.join("agent.log")).context("cannot make the agent's log")?;
    let mut command = moodring(folder, desktop, &[])?;
    command.env("MOODRING_LOG", "moodring=debug").stdout(Stdio::null()).stderr(log);
    Ok(AgentProcess(command.spawn().context("cannot start the agent")?))
}
