//! The agent: its threads and the loop; the only place that acts.
//!
//! One thread, this one, owns the state. Camera, player, library, tray and bus have threads of their own, which send
//! events and take orders; none of them can make the loop wait, but for the library's word that a thing is written.

pub mod folder_watcher;
pub mod instance_lock;
pub mod look_permission;
pub mod look_runner;
pub mod pending_replies;
pub mod persistence;
pub mod shutdown;
pub mod upgrade;

use moodring_platform::threads::spawn;
use std::cell::RefCell;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use jiff::Timestamp;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::agent::folder_watcher::Watcher;
use crate::agent::instance_lock::InstanceLock;
use crate::agent::look_permission::LookPermission;
use crate::agent::pending_replies::PendingReplies;
use crate::agent::persistence::Persistence;
use crate::agent::shutdown::limit_shutdown;
use crate::agent::upgrade::UpgradeWatch;
use crate::config;
use crate::desktop::ipc::wire::Answer;
use crate::desktop::ipc::wire::StatusReport;
use crate::desktop::ipc::{self, Claim, SessionLink};
use crate::desktop::mpris_server::MprisServer;
use crate::desktop::notifications::Notifications;
use crate::desktop::presence::{Buses, PresenceMonitor};
use crate::desktop::tray::Tray;
use moodring_core::config::Config;
use moodring_core::domain::playback::Dequeued;
use moodring_core::error::user_error;
use moodring_core::message::{Effect, Event, PersistedState, Request};
use moodring_core::state::State;
use moodring_music::library::Library;
use moodring_platform::folders;
use moodring_players::manager::{PlayerCommand, PlayerManager};

/// How long a start waits for an agent of a session that has ended: that one leaves a minute after its bus.
const HANDOVER: Duration = Duration::from_secs(75);

#[derive(Debug, clap::Args)]
pub struct Args {
    /// For starting at login: leave quietly when Moodring already runs
    #[arg(long)]
    at_login: bool,
}

/// Runs the agent until it is asked to leave, or a newer version takes its place.
pub fn run(args: &Args) -> Result<ExitCode> {
    let config = config::load()?;
    let file = folders::library_file()?;
    let (sender, events) = channel();
    let answers = Arc::new(PendingReplies::new(sender.clone()));
    let session = Arc::new(leave_with_session(sender.clone()));
    let Some(name) = claim(answers.clone(), session.clone(), args)? else { return Ok(ExitCode::SUCCESS) };
    let mut lock = InstanceLock::acquire(&file, HANDOVER)?;
    let library = Library::open(&file)?;
    if lock.last_end_was_unclean {
        library.check_integrity()?;
    }
    let settings = library.settings()?;
    listen_for_signals(sender.clone())?;
    ask_for_consent(&settings, &config, answers.clone());
    let mut agent = Agent::start(config, settings, library, session, sender, answers.clone())?;
    let end = agent.run(&events);
    lock.note_clean_end();
    drop(events);
    answers.leave();
    drop(name);
    match end {
        End::Quit => Ok(ExitCode::SUCCESS),
        // A player that hangs must not keep the newer version from starting: nothing else is waited for.
        End::Upgrade => {
            drop(lock);
            std::mem::forget(agent);
            upgrade::restart()
        }
    }
}

/// Why the loop has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Quit,
    Upgrade,
}

/// Our name on the bus, which is also what keeps a second agent out of this session; `None`: one runs, and that is well.
fn claim(answers: Arc<PendingReplies>, session: Arc<SessionLink>, args: &Args) -> Result<Option<Claim>> {
    match ipc::claim_for_session(move |request| answers.ask(request), session)? {
        Claim::Taken if args.at_login => Ok(None),
        Claim::Taken => {
            Err(user_error("Moodring is already running", "see `moodring status`; `moodring quit` ends it"))
        }
        Claim::NoBus => Err(user_error(
            "there is no session bus, so neither tray nor commands could reach Moodring",
            "start it inside your desktop session, where DBUS_SESSION_BUS_ADDRESS is set",
        )),
        claim => Ok(Some(claim)),
    }
}

/// When the bus has been away for a minute, the session has ended, and the agent leaves as if it were asked to.
fn leave_with_session(events: Sender<Event>) -> SessionLink {
    SessionLink::new(move || {
        limit_shutdown();
        // Nobody listens when the agent has left already.
        let _ = events.send(Event::Stopping);
    })
}

fn listen_for_signals(events: Sender<Event>) -> Result<()> {
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGINT, SIGHUP]).context("cannot take signals")?;
    spawn("signals", move || {
        for _ in signals.forever() {
            limit_shutdown();
            if events.send(Event::Stopping).is_err() {
                break;
            }
        }
    })
}

/// Puts the question of the first start in the terminal; the tray asks it too.
fn ask_for_consent(settings: &PersistedState, config: &Config, answers: Arc<PendingReplies>) {
    if settings.consent.is_some() || !config.camera.enabled || !std::io::stdin().is_terminal() {
        return;
    }
    let asked = spawn("question", move || {
        if let Some(yes) = crate::desktop::consent::ask_on_terminal() {
            answers.tell(Request::Consent(yes));
        }
    });
    if let Err(error) = asked {
        tracing::warn!("the question about the camera is only in the tray: {error:#}");
    }
}

struct Agent {
    state: State,
    config: Config,
    sender: Sender<Event>,
    store: Persistence,
    answers: Arc<PendingReplies>,
    desk: PlayerManager,
    ears: Arc<PresenceMonitor>,
    watcher: Watcher,
    tray: Option<Tray>,
    mirror: Option<MprisServer>,
    notices: Notifications,
    /// Ends the calibration under way.
    calibration_stop: RefCell<Arc<AtomicBool>>,
    permission: LookPermission,
    upgrade: UpgradeWatch,
    /// What was shown last.
    view: Option<StatusReport>,
}

impl Agent {
    fn start(
        config: Config,
        settings: PersistedState,
        library: Library,
        session: Arc<SessionLink>,
        sender: Sender<Event>,
        answers: Arc<PendingReplies>,
    ) -> Result<Self> {
        let state = State::new(config.clone(), settings, Instant::now());
        let known = library.players(Timestamp::now())?.into_iter().map(|(known, _)| known).collect();
        let store = Persistence::start(library, sender.clone())?;
        store.reload();
        let reports = sender.clone();
        let desk = PlayerManager::start(&config.players, known, move |event| drop(reports.send(event)))?;
        let reports = sender.clone();
        let ears = Arc::new(PresenceMonitor::start(Buses::default(), move |session| {
            drop(reports.send(Event::Presence(session)))
        })?);
        let clicks = answers.clone();
        let watcher = Watcher::start()?;
        let tray = Tray::start(move |request| clicks.tell(request));
        let reports = sender.clone();
        tray.iter().for_each(|tray| {
            let reports = reports.clone();
            tray.watch_panel(move |advice| reports.send(Event::TrayAvailability(advice)).is_ok());
        });
        let buttons = answers.clone();
        let notices = Notifications::start(move |request| buttons.ask(request))?;
        let remote = answers.clone();
        let mirror = config.desktop.mpris.then(|| MprisServer::start(move |request| remote.ask(request))).flatten();
        let permission = LookPermission::new(session, store.clone(), sender.clone());
        let (upgrade, view) = (UpgradeWatch::default(), None);
        Ok(Self {
            state,
            config,
            sender,
            store,
            answers,
            desk,
            ears,
            watcher,
            tray,
            mirror,
            notices,
            calibration_stop: RefCell::default(),
            permission,
            upgrade,
            view,
        })
    }

    fn run(&mut self, events: &Receiver<Event>) -> End {
        let mut end = None;
        while let Some(event) = self.next(events) {
            if matches!(event, Event::Requested(Request::Quit, _) | Event::Stopping) {
                limit_shutdown();
                end = Some(End::Quit);
            }
            let mut may_leave = self.handle(event);
            if end.is_none() && self.upgrade.is_time(self.view.as_ref(), Instant::now()) {
                end = Some(End::Upgrade);
                may_leave = self.handle(Event::Stopping);
            }
            if may_leave {
                break;
            }
        }
        end.unwrap_or(End::Quit)
    }

    /// Takes an event in and acts; `true`: the agent may leave.
    fn handle(&mut self, event: Event) -> bool {
        log(&event);
        let mut unsaved = false;
        for effect in self.state.handle(event, Instant::now()) {
            unsaved |= matches!(effect, Effect::Persist(_));
            if effect == Effect::Quit {
                self.store.finish();
                return true;
            }
            self.act(effect, unsaved);
        }
        false
    }

    /// The next event, or a tick when the state's time has come.
    fn next(&self, events: &Receiver<Event>) -> Option<Event> {
        let Some(at) = self.state.wake_at() else { return events.recv().ok() };
        match events.recv_timeout(at.saturating_duration_since(Instant::now())) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => Some(Event::Tick),
            Err(RecvTimeoutError::Disconnected) => None,
        }
    }

    fn act(&mut self, effect: Effect, unsaved: bool) {
        match effect {
            Effect::Look => {
                look_runner::look(&self.config.camera, self.ears.clone(), self.permission.clone(), self.sender.clone())
            }
            Effect::Calibrate => {
                let stop = Arc::new(AtomicBool::new(false));
                self.calibration_stop.replace(stop.clone());
                look_runner::calibrate(&self.config.camera, self.permission.clone(), stop, self.sender.clone());
            }
            Effect::StopCalibration => self.calibration_stop.borrow().store(true, Ordering::Relaxed),
            Effect::Queue(path) => self.desk.send(PlayerCommand::Queue(path)),
            Effect::Dequeue(ticket) => self.desk.send(PlayerCommand::Dequeue(ticket)),
            Effect::Skip => self.desk.send(PlayerCommand::Skip),
            Effect::Persist(memory) => self.store.remember(memory),
            Effect::ReloadLibrary => {
                self.store.reload();
                self.watcher.look_again();
            }
            Effect::ReloadAccounts => self.desk.send(PlayerCommand::ReloadAccounts),
            Effect::Show(view) => {
                let view = StatusReport::from(view);
                self.tray.iter().for_each(|tray| tray.show(view.clone()));
                self.view = Some(view);
            }
            Effect::PublishMpris(mirrored) => self.mirror.iter().for_each(|mirror| mirror.show(mirrored.clone())),
            Effect::Notify(notice) => self.notices.tell(notice),
            Effect::Answer(asker, reply) => self.answers.give(asker, self.honest(Answer::from(reply), unsaved)),
            Effect::Quit => {}
        }
    }

    /// A thing is only called done when it is written; where that fails, the answer says so.
    fn honest(&self, reply: Answer, unsaved: bool) -> Answer {
        match reply {
            Answer::Done(what) if unsaved && !self.store.written() => {
                Answer::Done(format!("{what}; but the library cannot be written just now, so a restart may forget it"))
            }
            reply => reply,
        }
    }
}

/// What the listener might ask about tomorrow is info, the rest is debug; nothing that shows a face at any level.
fn log(event: &Event) {
    match event {
        Event::CalibrationFinished(Err(error)) => tracing::info!("no calibration: {error:?}"),
        Event::CalibrationFinished(Ok(look)) => tracing::debug!("calibration: {} frames", look.frames.len()),
        Event::BaselinesLoaded(baselines) => {
            tracing::debug!("the face at rest is known for {} cameras", baselines.len())
        }
        Event::SettingsLoaded(_) => tracing::info!("another program has changed the settings in the library"),
        Event::UserAway(why) => tracing::info!("no look: {why:?}"),
        Event::TrayAvailability(Some(advice)) => tracing::info!("nothing shows the tray icon: {advice}"),
        Event::TrayAvailability(None) => tracing::debug!("a panel shows the tray icon"),
        Event::CameraInUse(user) => tracing::info!("no look: the camera is in use by {user}"),
        Event::Presence(session) => tracing::debug!("{session:?}"),
        Event::Looked(Err(error)) => tracing::info!("no look: {error:?}"),
        Event::Looked(Ok(look)) => tracing::debug!("looked: {} frames through {}", look.frames.len(), look.camera),
        Event::Queued(path, Ok(_)) => tracing::info!("queued {}", path.display()),
        Event::Queued(path, Err(why)) => tracing::warn!("could not queue {}: {}", path.display(), why.why()),
        Event::QueueSupportLearned(known) => tracing::info!("{} {}: {:?}", known.player, known.build, known.way),
        Event::Dequeued(_, Ok(Dequeued::Removed)) => tracing::info!("taken back"),
        Event::Dequeued(_, result) => tracing::info!("not taken back: {result:?}"),
        Event::LibraryLoaded(songs) => tracing::info!("{} songs in the library", songs.len()),
        Event::FeedbackLoaded(lessons) => tracing::debug!("it is known what became of {} songs of ours", lessons.len()),
        Event::PeerModelReady(_) => tracing::info!("other listeners' histories are learned from"),
        Event::Playback(playback) => tracing::debug!("{playback:?}"),
        Event::Requested(request, _) => tracing::debug!("asked: {request:?}"),
        Event::Stopping => tracing::info!("asked to stop"),
        Event::Tick => {}
    }
}
