//! The state of the agent: takes an event and a time, returns effects. It uses no clock, file, thread or bus, and cannot fail.
//!
//! [`State::handle`] first applies the event, then compares what is with what should be: whether a song of Moodring
//! waits in the player (`queue_slot`), whether a look is due (`look_scheduler`), what the tray shows (`view`).

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

/// Everything the agent knows and intends.
pub struct State {
    config: Config,
    table: EmotionTable,
    baselines: Baselines,
    /// Whether the camera may be opened; `None`: the user has not answered yet.
    consent: Option<bool>,
    pause: Pause,
    intent: Intent,
    by_hand: Option<MoodName>,
    mood_filter: MoodFilter,
    look_scheduler: LookScheduler,
    presence: Presence,
    songs: Vec<Song>,
    song_index: HashMap<PathBuf, usize>,
    ranker: Ranker,
    /// How songs chosen by Moodring fared.
    feedback: Vec<Feedback>,
    recent: RecentPlays,
    playback: Option<Playback>,
    current: Option<CurrentTrack>,
    queue_slot: QueueSlot,
    user_queue: UserQueueTracker,
    /// Moodring's songs since the mood settled, and songs of low valence in a row.
    progress: Progress,
    /// The request that waits for the result of an undo.
    undoing: Option<RequestId>,
    /// When a shutdown that has begun ends at the latest.
    leaving: Option<Instant>,
    last_view: Option<View>,
    upcoming_preview: UpcomingPreview,
    published: Option<MprisSnapshot>,
    notification_state: NotificationState,
}

/// The longest time a shutdown may take.
const LEAVE: Duration = Duration::from_secs(2);

/// Whether and for how long the agent is paused.
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
            mood_filter: MoodFilter::new(config.mood.half_life, config.mood.dead_band),
            look_scheduler: LookScheduler::new(now),
            presence: Presence::default(),
            songs: Vec::new(),
            song_index: HashMap::new(),
            ranker: Ranker::new(&[], &config.music, PeerAffinities::default()),
            feedback: Vec::new(),
            recent: RecentPlays::default(),
            playback: None,
            current: None,
            queue_slot: QueueSlot::default(),
            user_queue: UserQueueTracker::default(),
            progress: Progress { low_limit: config.mood.low_songs, ..Progress::default() },
            undoing: None,
            leaving: None,
            last_view: None,
            upcoming_preview: UpcomingPreview::default(),
            published: None,
            notification_state: NotificationState::new(start.told_of_tray),
            config,
        }
    }

    /// Applies an event and returns what has to be done.
    pub fn handle(&mut self, event: Event, now: Instant) -> Vec<Effect> {
        let mut effects = Vec::new();
        match event {
            Event::Tick => {}
            Event::Looked(result) => self.handle_look(result, now, &mut effects),
            Event::CalibrationFinished(result) => self.finish_calibration(result, now, &mut effects),
            Event::BaselinesLoaded(baselines) => self.baselines = baselines,
            Event::UserAway(why) => self.note_user_away(why, now),
            Event::CameraInUse(by) => self.note_camera_in_use(by, now),
            Event::Presence(presence) => self.set_presence(presence, now),
            Event::TrayAvailability(advice) => self.notification_state.no_tray = advice.map(|advice| (advice, now)),
            Event::Playback(playback) => self.handle_playback(playback, now, &mut effects),
            Event::Queued(path, result) => self.handle_queued(&path, result, now),
            Event::Dequeued(entry, result) => self.handle_dequeued(&entry, result, &mut effects),
            Event::QueueSupportLearned(known) => effects.push(persist(Record::QueueSupport(known))),
            Event::SettingsLoaded(settings) => self.apply_settings(&settings),
            Event::LibraryLoaded(songs) => self.set_songs(songs),
            Event::FeedbackLoaded(feedback) => self.set_feedback(feedback),
            Event::PeerModelReady(peers) => {
                self.ranker.hear_others(&self.songs, peers);
                self.upcoming_preview.invalidate();
            }
            Event::Requested(request, asker) => self.handle_request(request, asker, now, &mut effects),
            Event::Stopping => self.begin_shutdown(now),
        }
        self.end_pause(now);
        self.user_queue.end(now);
        self.reconcile(now, &mut effects);
        self.cancel_calibration_if_blocked(now, &mut effects);
        self.start_calibration_if_requested(&mut effects);
        self.look_if_due(now, &mut effects);
        self.notify_missing_tray(now, &mut effects);
        self.publish_view(now, &mut effects);
        self.publish_snapshot(now, &mut effects);
        effects.retain(|effect| self.is_kept(effect));
        if self.can_quit(now) {
            effects.push(Effect::Quit);
        }
        effects
    }

    /// The latest time for the next [`Event::Tick`]; `None`: nothing is planned.
    pub fn wake_at(&self) -> Option<Instant> {
        let pause = match self.pause {
            Pause::Until(end) => Some(end),
            _ => None,
        };
        let times = [
            pause,
            self.next_look(),
            self.queue_slot.retry_at(),
            self.user_queue.until(),
            self.leaving,
            self.notify_tray_at(),
        ];
        times.into_iter().flatten().min()
    }

    /// Takes consent from the library; a pause there applies here too.
    fn apply_settings(&mut self, settings: &PersistedState) {
        self.consent = settings.consent;
        if settings.paused {
            self.pause = Pause::ForGood;
        }
        self.look_scheduler.block = None;
    }

    fn set_songs(&mut self, songs: Vec<Song>) {
        // Songs without a file were not measured, so they do not affect how the others are spread.
        let (mut songs, elsewhere): (Vec<Song>, Vec<Song>) = songs.into_iter().partition(|song| !song.is_elsewhere());
        spread(&mut songs);
        songs.extend(elsewhere);
        self.ranker = Ranker::new(&songs, &self.config.music, self.ranker.circle().clone());
        self.ranker.weigh(&self.feedback);
        self.song_index = songs.iter().enumerate().map(|(n, song)| (song.path.clone(), n)).collect();
        self.songs = songs;
        self.upcoming_preview.invalidate();
        self.reject_playing_pick();
    }

    fn set_feedback(&mut self, feedback: Vec<Feedback>) {
        self.feedback = feedback;
        self.ranker.weigh(&self.feedback);
        self.upcoming_preview.invalidate();
    }

    fn song(&self, path: &std::path::Path) -> Option<&Song> {
        self.song_index.get(path).map(|n| &self.songs[*n])
    }

    /// Updates what is known of the user's opinion of a song, and with it their taste.
    fn update_evidence(&mut self, path: &std::path::Path, change: impl FnOnce(&mut Evidence)) {
        let Some(n) = self.song_index.get(path) else { return };
        change(&mut self.songs[*n].evidence);
        self.ranker.revise(&self.songs);
        self.upcoming_preview.invalidate();
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
    fn current_mood(&self) -> Option<Mood> {
        self.by_hand.map(|name| self.table.place(name)).or_else(|| self.mood_filter.settled())
    }

    fn target(&self) -> Option<Target> {
        let mood = self.current_mood()?;
        Some(target(&mood, self.by_hand.is_some(), self.intent, self.progress, &self.table))
    }

    /// The mood or the intent has changed, so the waiting song no longer fits.
    fn invalidate_pick(&mut self) {
        self.progress.led = 0;
        self.queue_slot.invalidate();
    }

    /// Songs that have not played are removed first; a player that does not answer is not waited for long.
    fn begin_shutdown(&mut self, now: Instant) {
        self.queue_slot.allow_retries();
        self.leaving = Some(now + LEAVE);
    }

    fn can_quit(&self, now: Instant) -> bool {
        let nothing_left =
            self.queue_slot.pick().is_none() || self.queue_slot.kept_by_player().is_some() || !self.can_dequeue();
        let nothing_left = nothing_left && !self.queue_slot.has_orphans();
        self.leaving.is_some_and(|deadline| nothing_left || deadline <= now)
    }

    /// Whether the settings allow this to be kept.
    fn is_kept(&self, effect: &Effect) -> bool {
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

fn persist(record: Record) -> Effect {
    Effect::Persist(record)
}
