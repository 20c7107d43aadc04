//! The user's requests, from tray or command line, and the answers.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::reason::{Done, Refusal};
use crate::domain::song::Opinion;
use crate::domain::view::QueueView;
use crate::message::{Effect, Record, Reply, Request, RequestId};
use crate::mood::{Intent, MoodName};
use crate::state::{Pause, State, persist};

impl State {
    pub(super) fn handle_request(
        &mut self,
        request: Request,
        asker: RequestId,
        now: Instant,
        effects: &mut Vec<Effect>,
    ) {
        let reply = match request {
            Request::Status => Reply::Status(self.build_view(now)),
            Request::Pause(time) => self.pause_for(time, now, effects),
            Request::Resume => self.resume(effects),
            Request::Toggle if self.paused() => self.resume(effects),
            Request::Toggle => self.pause_for(None, now, effects),
            Request::Mood(name) => self.set_mood(name, effects),
            Request::Intent(intent) => self.set_intent(intent, effects),
            Request::Wrong(meant) => self.correct_reading(meant, now, effects),
            Request::Calibrate => self.request_calibration(),
            Request::Like => self.toggle_opinion(Opinion::Like, effects),
            Request::Dislike => self.toggle_opinion(Opinion::Dislike, effects),
            Request::ClearOpinion => self.set_opinion(Opinion::None, effects),
            Request::Skip => self.skip(effects),
            Request::Undo => return self.undo(asker, effects),
            Request::Remove(path) => self.postpone(&path, now),
            Request::Why => Reply::Why(self.current_pick()),
            Request::Queue => Reply::Queue(self.queue_view(now)),
            Request::Consent(yes) => self.set_consent(yes, effects),
            Request::Reload => {
                return effects.extend([Effect::ReloadLibrary, done(asker, Done::LibraryReloading)]);
            }
            Request::Account => {
                return effects.extend([Effect::ReloadAccounts, done(asker, Done::AccountsReloading)]);
            }
            Request::Quit => {
                self.begin_shutdown(now);
                Reply::Done(Done::Quitting)
            }
        };
        effects.push(Effect::Answer(asker, reply));
    }

    fn pause_for(&mut self, time: Option<Duration>, now: Instant, effects: &mut Vec<Effect>) -> Reply {
        self.queue_slot.allow_retries();
        // A time that the clock cannot hold means: until the user resumes.
        self.pause = time.map_or(Pause::ForGood, |t| now.checked_add(t).map_or(Pause::ForGood, Pause::Until));
        effects.push(persist(Record::Paused(self.pause == Pause::ForGood)));
        Reply::Done(Done::Paused(time))
    }

    fn resume(&mut self, effects: &mut Vec<Effect>) -> Reply {
        self.pause = Pause::Running;
        self.clear_user_priority();
        effects.push(persist(Record::Paused(false)));
        Reply::Done(Done::Resumed)
    }

    /// The user wants songs of Moodring: neither their own queue nor an earlier undo prevents the next one.
    fn clear_user_priority(&mut self) {
        self.user_queue.clear_priority();
        self.queue_slot.undone = false;
    }

    fn set_mood(&mut self, name: Option<MoodName>, effects: &mut Vec<Effect>) -> Reply {
        self.by_hand = name;
        effects.push(persist(Record::ManualMood(name)));
        self.clear_user_priority();
        effects.push(persist(Record::ManualMoodSet(name.map(|name| self.table.place(name)))));
        // Without a manual mood, the mood that looks had settled holds again.
        effects.extend(
            self.mood_filter.settled().filter(|_| name.is_none()).map(|mood| persist(Record::MoodSettled(mood))),
        );
        self.invalidate_pick();
        Reply::Done(match name {
            Some(name) => Done::MoodSet(name),
            None if self.consent == Some(true) && self.config.camera.enabled => Done::MoodFollowsCamera,
            None => Done::NoMood,
        })
    }

    fn set_intent(&mut self, intent: Intent, effects: &mut Vec<Effect>) -> Reply {
        self.intent = intent;
        effects.push(persist(Record::Intent(intent)));
        self.clear_user_priority();
        self.invalidate_pick();
        Reply::Done(Done::IntentSet(intent))
    }

    /// A second like, or a second dislike, withdraws the first one.
    fn toggle_opinion(&mut self, opinion: Opinion, effects: &mut Vec<Effect>) -> Reply {
        let path = self.current.as_ref().and_then(|current| current.track.path.as_deref());
        let before = path.and_then(|path| self.song(path)).map(|song| song.evidence.opinion);
        self.set_opinion(if before == Some(opinion) { Opinion::None } else { opinion }, effects)
    }

    fn set_opinion(&mut self, opinion: Opinion, effects: &mut Vec<Effect>) -> Reply {
        let Some(current) = &self.current else { return Reply::Refused(Refusal::NothingPlays) };
        let title = current.track.title.clone();
        let Some(path) = current.track.path.clone() else {
            return Reply::Refused(Refusal::NoFile { title });
        };
        self.update_evidence(&path, |evidence| evidence.opinion = opinion);
        effects.push(persist(Record::Opinion { path, opinion }));
        Reply::Done(Done::OpinionSet { title, opinion })
    }

    fn skip(&mut self, effects: &mut Vec<Effect>) -> Reply {
        match &self.current {
            Some(current) => {
                effects.push(Effect::Skip);
                Reply::Done(Done::Skipping { title: current.track.title.clone() })
            }
            None => Reply::Refused(Refusal::NothingPlays),
        }
    }

    /// Removes Moodring's waiting song; the answer follows when the player has confirmed it.
    fn undo(&mut self, asker: RequestId, effects: &mut Vec<Effect>) {
        self.queue_slot.allow_retries();
        let refusal = match self.queue_slot.pick() {
            None => Some(Refusal::NothingQueued),
            Some(pick) if self.queue_slot.is_only_suggested() => {
                Some(Refusal::OnlySuggested { title: pick.title.clone() })
            }
            Some(pick) if !self.can_dequeue() => Some(Refusal::CannotDequeue { title: pick.title.clone() }),
            Some(_) => None,
        };
        match refusal {
            Some(why) => effects.push(Effect::Answer(asker, Reply::Refused(why))),
            None => {
                self.queue_slot.undone = true;
                if let Some(before) = self.undoing.replace(asker) {
                    effects.push(done(before, Done::AskedAgain));
                }
                self.avoid_repeat();
            }
        }
    }

    /// A removed song is not offered again soon.
    fn avoid_repeat(&mut self) {
        let song = self.queue_slot.pick().and_then(|pick| self.song(&pick.path)).cloned();
        if let (Some(song), Some(at)) = (song, self.current.as_ref().map(|current| current.since())) {
            self.recent.note(&song, at, self.no_repeat());
        }
    }

    /// Removes one of the next songs; neither the mood nor the user's opinion of the song changes.
    fn postpone(&mut self, path: &Path, now: Instant) -> Reply {
        let waits = self.queue_slot.pick().is_some_and(|pick| pick.path == path);
        let coming = waits || self.preview_upcoming(now).iter().any(|pick| pick.path == path);
        let Some(song) = self.song(path).filter(|_| coming).cloned() else {
            return Reply::Refused(Refusal::NotUpcoming);
        };
        if waits && !self.queue_slot.is_only_suggested() && !self.can_dequeue() {
            return Reply::Refused(Refusal::CannotDequeue { title: song.title });
        }
        self.recent.note(&song, now, self.no_repeat());
        self.upcoming_preview.invalidate();
        if waits {
            self.queue_slot.invalidate();
        }
        Reply::Done(Done::PutOff { title: song.title })
    }

    fn current_pick(&self) -> Option<crate::domain::pick::Pick> {
        self.current.as_ref().and_then(|current| current.ours.clone()).or_else(|| self.queue_slot.pick().cloned())
    }

    fn queue_view(&mut self, now: Instant) -> QueueView {
        let later = self.preview_upcoming(now);
        QueueView {
            player: self.playback.as_ref().map(|p| p.player.clone()),
            upcoming: self.playback.as_ref().and_then(|p| p.upcoming.clone()),
            ours: self.queue_slot.pick().cloned(),
            later,
        }
    }

    fn set_consent(&mut self, yes: bool, effects: &mut Vec<Effect>) -> Reply {
        self.consent = Some(yes);
        effects.push(persist(Record::Consent(yes)));
        if yes && !self.config.camera.enabled {
            return Reply::Refused(Refusal::AllowedButTurnedOff);
        }
        Reply::Done(if yes { Done::CameraAllowed } else { Done::CameraDenied })
    }
}

fn done(asker: RequestId, done: Done) -> Effect {
    Effect::Answer(asker, Reply::Done(done))
}
