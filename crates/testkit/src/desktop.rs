//! A private desktop: a session bus on which real players play without sound, apart from the user's own desktop.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::player_process::{PlayerKind, PlayerProcess};
use moodring_core::error::user_error;
use moodring_players::mpris::bus::BusAddress;

/// How long a program may take to start on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// User and group "nobody": VLC refuses to run as root, and no player needs to.
const NOBODY: u32 = 65534;

/// Socket paths have at most 107 bytes.
const LONGEST: usize = 80;

/// A bus and the programs started on it, which end when this is dropped.
///
/// They also end with the thread that started them, so keep that thread.
pub struct Desktop {
    pub folder: PathBuf,
    programs: Vec<Program>,
    /// The environment variables of the programs: name and value.
    pub(super) environment: Vec<(String, String)>,
}

/// A program in a process group of its own, ended when this is dropped.
pub(super) struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw) {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.wait();
    }
}

impl Desktop {
    /// Starts a bus. Its programs write everything below `folder`, which other users must be able to reach.
    pub fn set(folder: &Path) -> Result<Self> {
        if folder.as_os_str().len() > LONGEST {
            return Err(user_error(format!("{} is too long for sockets", folder.display()), "choose a shorter path"));
        }
        let mut desktop = Self { folder: folder.to_owned(), programs: Vec::new(), environment: Vec::new() };
        for name in ["", "home", "run", "data", "config", "cache", "tmp"] {
            desktop.make_folder(name)?;
        }
        desktop.set_environment();
        desktop.start_bus()?;
        Ok(desktop)
    }

    /// The address of the bus.
    pub fn bus(&self) -> BusAddress {
        BusAddress::At(self.address())
    }

    pub fn address(&self) -> String {
        format!("unix:path={}", self.folder.join("bus").display())
    }

    /// Starts mpDris2, which shows MPD on the bus.
    pub fn start_bridge(&mut self, mpd: &PlayerProcess) -> Result<()> {
        crate::launch::start_mpdris(self, mpd.port).map(drop)
    }

    /// Starts playerctld, which mirrors the players on the bus.
    pub fn start_mirror(&mut self) -> Result<()> {
        self.run("playerctld", "playerctl", &[]).map(drop)
    }

    /// Starts a player with these songs as its list, and returns once it plays the first.
    pub fn start(&mut self, kind: PlayerKind, songs: &[PathBuf]) -> Result<PlayerProcess> {
        PlayerProcess::start(self, kind, songs)
    }

    pub(super) fn make_folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::DirBuilder::new().recursive(true).mode(0o755).create(&folder)?;
        if is_root() {
            std::os::unix::fs::chown(&folder, Some(NOBODY), Some(NOBODY))?;
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
        }
        Ok(folder)
    }

    /// Makes the players the owner of a file.
    pub(super) fn hand_to_players(&self, file: &Path) -> Result<()> {
        if is_root() {
            std::os::unix::fs::chown(file, Some(NOBODY), Some(NOBODY))?;
        }
        Ok(())
    }

    fn set_environment(&mut self) {
        let folder = |name: &str| self.folder.join(name).display().to_string();
        let mut environment = vec![
            ("DBUS_SESSION_BUS_ADDRESS".to_owned(), self.address()),
            ("HOME".to_owned(), folder("home")),
            ("XDG_RUNTIME_DIR".to_owned(), folder("run")),
            ("XDG_DATA_HOME".to_owned(), folder("data")),
            ("XDG_CONFIG_HOME".to_owned(), folder("config")),
            ("XDG_CACHE_HOME".to_owned(), folder("cache")),
            // Clementine finds a running Clementine by a socket there, and would pass its songs to one on another desktop.
            ("TMPDIR".to_owned(), folder("tmp")),
        ];
        let fixed = [
            ("PATH", "/usr/local/bin:/usr/bin:/bin"),
            ("LANG", "C.UTF-8"),
            ("LC_ALL", "C.UTF-8"),
            // Helper daemons of a desktop would have to be started and ended too.
            ("GSETTINGS_BACKEND", "memory"),
            ("GIO_USE_VFS", "local"),
            ("NO_AT_BRIDGE", "1"),
            // The only sound server is the one that `start_sound_server` starts.
            ("PULSE_SERVER", "unix:/nonexistent"),
        ];
        environment.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        self.environment = environment;
    }

    /// Without service folders: nothing is started by a name.
    fn start_bus(&mut self) -> Result<()> {
        let settings = self.folder.join("bus.conf");
        let text = format!(
            "<busconfig><type>session</type><listen>{}</listen><auth>EXTERNAL</auth><policy context=\"default\">\
             <allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/>\
             <allow user=\"root\"/></policy></busconfig>",
            self.address()
        );
        fs::write(&settings, text)?;
        fs::set_permissions(&settings, fs::Permissions::from_mode(0o644))?;
        let file = format!("--config-file={}", settings.display());
        self.run("dbus-daemon", "dbus-daemon", &[&file, "--nofork", "--print-address"])?;
        let bus = self.bus();
        wait_until("the private bus answers", || Ok(bus.connect().is_ok()))
    }

    /// Ends the bus and starts another at the same address; players on it do not survive that, as on a real desktop.
    pub fn restart_bus(&mut self) -> Result<()> {
        // The bus was started first.
        drop(self.programs.remove(0));
        fs::remove_file(self.folder.join("bus"))?;
        self.start_bus()?;
        self.programs.rotate_right(1);
        Ok(())
    }

    /// Starts an X server without a screen, for players that have a window.
    pub(super) fn start_display(&mut self) -> Result<()> {
        if self.environment.iter().any(|(name, _)| name == "DISPLAY") {
            return Ok(());
        }
        let number = self.read_first_line(
            "Xvfb",
            "xvfb",
            &["-displayfd", "1", "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        )?;
        self.environment.push(("DISPLAY".into(), format!(":{number}")));
        Ok(())
    }

    /// Starts a sound server that plays in real time and sends nothing to any card.
    pub(super) fn start_sound_server(&mut self) -> Result<()> {
        let socket = self.folder.join("pulse");
        if socket.exists() {
            return Ok(());
        }
        let module = format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display());
        let settings = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"];
        let arguments = [&settings[..], &["-L", &module, "-L", "module-null-sink"]].concat();
        self.run("pulseaudio", "pulseaudio", &arguments)?;
        wait_until("the sound server has its socket", || Ok(socket.exists()))?;
        self.environment.retain(|(name, _)| name != "PULSE_SERVER");
        self.environment.push(("PULSE_SERVER".into(), format!("unix:{}", socket.display())));
        Ok(())
    }

    /// Starts a program; its process id.
    pub(super) fn run(&mut self, program: &str, package: &str, arguments: &[&str]) -> Result<u32> {
        let mut command = self.command(program, package, arguments)?;
        let log = fs::File::create(self.folder.join(format!("{program}.log")))?;
        let child = command.stdout(log.try_clone()?).stderr(log).spawn().context("cannot start setpriv")?;
        let id = child.id();
        self.programs.push(Program(child));
        Ok(id)
    }

    /// Ends a program that [`Self::run`] started.
    pub(super) fn end(&mut self, id: u32) {
        self.programs.retain(|program| program.0.id() != id);
    }

    /// Starts a program and waits for its first line.
    fn read_first_line(&mut self, program: &str, package: &str, arguments: &[&str]) -> Result<String> {
        let mut command = self.command(program, package, arguments)?;
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("cannot start setpriv")?;
        let output = child.stdout.take().context("the program has no output")?;
        self.programs.push(Program(child));
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let read = BufReader::new(output).read_line(&mut line);
            // The receiver is gone if the wait has timed out.
            let _ = sender.send(read.map(|_| line));
        });
        let line = receiver.recv_timeout(PATIENCE).with_context(|| format!("{program} printed no line in time"))??;
        Ok(line.trim().to_owned())
    }

    fn command(&self, program: &str, package: &str, arguments: &[&str]) -> Result<Command> {
        let Some(path) = find_program(program) else {
            let hint = format!("apt-get install --no-install-recommends {package}");
            return Err(user_error(format!("{program} is not installed"), hint));
        };
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]);
        if is_root() {
            let id = NOBODY.to_string();
            command.args(["--reuid", &id, "--regid", &id, "--clear-groups"]);
        }
        command.arg("--").arg(path).args(arguments).current_dir(&self.folder);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).process_group(0);
        Ok(command)
    }
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn find_program(program: &str) -> Option<PathBuf> {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/games"];
    folders.iter().map(|folder| Path::new(folder).join(program)).find(|path| path.is_file())
}

/// Polls a condition until it holds, for at most [`PATIENCE`].
pub fn wait_until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        if holds()? {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(user_error(format!("timed out waiting until {what}"), "see the logs in the desktop's folder"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
