//! The mind: an event and a time in, effects out. It knows no clock, file, thread or bus, and cannot fail.
//!
//! [`State::handle`] first takes the event in, then brings the world in line with what should be: whether one of our songs
//! waits in the player (`hand`), whether a look is due (`watch`), what the tray shows (`view`).

pub mod calibration;
pub mod look_scheduler;
pub mod mpris_snapshot;
pub mod notification;
pub mod orphaned_entries;
pub mod playback;
pub mod queue_blockers;
pub mod queue_slot;
pub mod requests;
pub mod upcoming_preview;
pub mod user_queue;
pub mod view;

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::domain::playback::Playback;
use crate::domain::presence::Presence;
use crate::domain::song::{Evidence, Song};
use crate::domain::view::{MprisSnapshot, View};
use crate::message::{Effect, Event, PersistedState, Record, RequestId};
use crate::mood::baseline::Baselines;
use crate::mood::smoothing::MoodFilter;
use crate::mood::table::EmotionTable;
use crate::mood::target::{Progress, Target, target};
use crate::mood::{Intent, Mood, MoodName};
use crate::recommend::collaborative::peer_affinities::PeerAffinities;
use crate::recommend::mood_weight::Feedback;
use crate::recommend::rank::Ranker;
use crate::recommend::rank_normalize::spread;
use crate::recommend::recent::RecentPlays;
use crate::state::look_scheduler::LookScheduler;
use crate::state::notification::NotificationState;
use crate::state::playback::CurrentTrack;
use crate::state::queue_slot::QueueSlot;
use crate::state::upcoming_preview::UpcomingPreview;
use crate::state::user_queue::UserQueueTracker;

/// All that the agent knows and intends.
pub struct State {
    config: Config,
    table: EmotionTable,
    baselines: Baselines,
    /// May the camera be opened? `None`: the listener has not been asked yet.
    consent: Option<bool>,
    pause: Pause,
    intent: Intent,
    by_hand: Option<MoodName>,
    steady: MoodFilter,
    watch: LookScheduler,
    session: Presence,
    songs: Vec<Song>,
    places: HashMap<PathBuf, usize>,
    ranker: Ranker,
    /// What became of songs of ours.
    lessons: Vec<Feedback>,
    recent: RecentPlays,
    playback: Option<Playback>,
    current: Option<CurrentTrack>,
    hand: QueueSlot,
    guest: UserQueueTracker,
    /// Our songs since the mood settled, and low ones in a row.
    path: Progress,
    /// Who waits to hear that an undo was done.
    undoing: Option<RequestId>,
    /// The agent is about to leave, at the latest then.
    leaving: Option<Instant>,
    shown: Option<View>,
    ahead: UpcomingPreview,
    mirrored: Option<MprisSnapshot>,
    told: NotificationState,
}

/// How long leaving may take.
const LEAVE: Duration = Duration::from_secs(2);

/// Whether, and how long, the agent keeps still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pause {
    Running,
    Until(Instant),
    ForGood,
}

impl State {
    pub fn new(config: Config, start: PersistedState, now: Instant) -> Self {
        Self {
            table: EmotionTable::with(&config.mood.table),
            baselines: Baselines::new(),
            consent: start.consent,
            pause: if start.paused { Pause::ForGood } else { Pause::Running },
            intent: start.intent.unwrap_or(config.mood.intent),
            by_hand: start.by_hand,
            steady: MoodFilter::new(config.mood.half_life, config.mood.dead_band),
            watch: LookScheduler::new(now),
            session: Presence::default(),
            songs: Vec::new(),
            places: HashMap::new(),
            ranker: Ranker::new(&[], &config.music, PeerAffinities::default()),
            lessons: Vec::new(),
            recent: RecentPlays::default(),
            playback: None,
            current: None,
            hand: QueueSlot::default(),
            guest: UserQueueTracker::default(),
            path: Progress { low_limit: config.mood.low_songs, ..Progress::default() },
            undoing: None,
            leaving: None,
            shown: None,
            ahead: UpcomingPreview::default(),
            mirrored: None,
            told: NotificationState::new(start.told_of_tray),
            config,
        }
    }

    /// Takes an event in and says what is to be done.
    pub fn handle(&mut self, event: Event, now: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Tick => {}
            Event::Looked(result) => self.looked(result, now, &mut effects),
            Event::CalibrationFinished(result) => self.rested(result, now, &mut effects),
            Event::BaselinesLoaded(baselines) => self.baselines = baselines,
            Event::UserAway(why) => self.nobody_there(why, now),
            Event::CameraInUse(by) => self.camera_in_use(by, now),
            Event::Presence(session) => self.hear_of_session(session, now),
            Event::TrayAvailability(advice) => self.told.no_tray = advice.map(|advice| (advice, now)),
            Event::Playback(playback) => self.heard(playback, now, &mut effects),
            Event::Queued(path, result) => self.queued(&path, result, now),
            Event::Dequeued(ticket, result) => self.taken_back(&ticket, result, &mut effects),
            Event::QueueSupportLearned(known) => effects.push(remember(Record::QueueSupport(known))),
            Event::SettingsLoaded(settings) => self.apply_settings(&settings),
            Event::LibraryLoaded(songs) => self.learn(songs),
            Event::FeedbackLoaded(lessons) => self.weigh(lessons),
            Event::PeerModelReady(circle) => {
                self.ranker.hear_others(&self.songs, circle);
                self.ahead.outdate();
            }
            Event::Requested(request, asker) => self.asked(request, asker, now, &mut effects),
            Event::Stopping => self.leave(now),
        }
        self.end_pause(now);
        self.guest.end(now);
        self.reconcile(now, &mut effects);
        self.cancel_calibration_if_blocked(now, &mut effects);
        self.calibrate_if_asked(&mut effects);
        self.look_if_due(now, &mut effects);
        self.tell_of_tray(now, &mut effects);
        self.show(now, &mut effects);
        self.mirror(now, &mut effects);
        effects.retain(|effect| self.may_keep(effect));
        if self.may_leave(now) {
            effects.push(Effect::Quit);
        }
        effects
    }

    /// When [`Event::Tick`] should come at the latest; `None`: nothing is planned.
    pub fn wake_at(&self) -> Option<Instant> {
        let pause = match self.pause {
            Pause::Until(end) => Some(end),
            _ => None,
        };
        let times = [pause, self.next_look(), self.hand.retry_at(), self.guest.until(), self.leaving, self.tell_at()];
        times.into_iter().flatten().min()
    }

    /// Consent is as the library says; a pause there holds here too.
    fn apply_settings(&mut self, settings: &PersistedState) {
        self.consent = settings.consent;
        if settings.paused {
            self.pause = Pause::ForGood;
        }
        self.watch.absent = None;
    }

    fn learn(&mut self, songs: Vec<Song>) {
        // What has no file was never heard, and says nothing of where the others stand.
        let (mut songs, elsewhere): (Vec<Song>, Vec<Song>) = songs.into_iter().partition(|song| !song.is_elsewhere());
        spread(&mut songs);
        songs.extend(elsewhere);
        self.ranker = Ranker::new(&songs, &self.config.music, self.ranker.circle().clone());
        self.ranker.weigh(&self.lessons);
        self.places = songs.iter().enumerate().map(|(n, song)| (song.path.clone(), n)).collect();
        self.songs = songs;
        self.ahead.outdate();
        self.reject_playing_pick();
    }

    fn weigh(&mut self, lessons: Vec<Feedback>) {
        self.lessons = lessons;
        self.ranker.weigh(&self.lessons);
        self.ahead.outdate();
    }

    fn song(&self, path: &std::path::Path) -> Option<&Song> {
        self.places.get(path).map(|n| &self.songs[*n])
    }

    /// Notes what the listener did with a song, and what that says of their taste.
    fn revise(&mut self, path: &std::path::Path, change: impl FnOnce(&mut Evidence)) {
        let Some(n) = self.places.get(path) else { return };
        change(&mut self.songs[*n].evidence);
        self.ranker.revise(&self.songs);
        self.ahead.outdate();
    }

    fn end_pause(&mut self, now: Instant) {
        if let Pause::Until(end) = self.pause
            && end <= now
        {
            self.pause = Pause::Running;
        }
    }

    fn paused(&self) -> bool {
        self.pause != Pause::Running
    }

    /// The mood that the music follows: set by hand, or settled by looks.
    fn followed(&self) -> Option<Mood> {
        self.by_hand.map(|name| self.table.place(name)).or_else(|| self.steady.settled())
    }

    fn target(&self) -> Option<Target> {
        let mood = self.followed()?;
        Some(target(&mood, self.by_hand.is_some(), self.intent, self.path, &self.table))
    }

    /// The mood, the intent or the listener's word has changed: what waits no longer fits.
    fn turn(&mut self) {
        self.path.led = 0;
        self.hand.outdate();
    }

    /// First what has not been played is taken back; a player that does not answer is not waited for long.
    fn leave(&mut self, now: Instant) {
        self.leaving = Some(now + LEAVE);
    }

    fn may_leave(&self, now: Instant) -> bool {
        let nothing_left = self.hand.pick().is_none() || self.hand.stuck().is_some() || !self.can_take_back();
        let nothing_left = nothing_left && !self.hand.strays();
        self.leaving.is_some_and(|deadline| nothing_left || deadline <= now)
    }

    /// Whether the settings let this be kept.
    fn may_keep(&self, effect: &Effect) -> bool {
        match effect {
            Effect::Persist(Record::Play { .. }) => self.config.history.plays,
            Effect::Persist(Record::MoodSettled(_) | Record::ManualMoodSet(_)) => self.config.history.moods,
            _ => true,
        }
    }

    fn no_repeat(&self) -> Duration {
        self.config.music.no_repeat
    }
}

fn remember(memory: Record) -> Effect {
    Effect::Persist(memory)
}
