//! What the listener asks, through tray or command line, and the answer.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::domain::reason::{Done, Refusal};
use crate::domain::song::Opinion;
use crate::domain::view::QueueView;
use crate::message::{Effect, Record, Reply, Request, RequestId};
use crate::mood::{Intent, MoodName};
use crate::state::{Pause, State, remember};

impl State {
    pub(super) fn asked(&mut self, request: Request, asker: RequestId, now: Instant, effects: &mut Vec<Effect>) {
        let reply = match request {
            Request::Status => Reply::Status(self.view(now)),
            Request::Pause(time) => self.rest(time, now, effects),
            Request::Resume => self.resume(effects),
            Request::Toggle if self.paused() => self.resume(effects),
            Request::Toggle => self.rest(None, now, effects),
            Request::Mood(name) => self.set_mood(name, effects),
            Request::Intent(intent) => self.set_intent(intent, effects),
            Request::Wrong(meant) => self.wrong(meant, now, effects),
            Request::Calibrate => self.calibrate(),
            Request::Like => self.toggle_opinion(Opinion::Like, effects),
            Request::Dislike => self.toggle_opinion(Opinion::Dislike, effects),
            Request::ClearOpinion => self.set_opinion(Opinion::None, effects),
            Request::Skip => self.skip(effects),
            Request::Undo => return self.undo(asker, effects),
            Request::Remove(path) => self.put_off(&path, now),
            Request::Why => Reply::Why(self.reason()),
            Request::Queue => Reply::Queue(self.queue_view(now)),
            Request::Consent(yes) => self.allow_camera(yes, effects),
            Request::Reload => {
                return effects.extend([Effect::ReloadLibrary, done(asker, Done::LibraryReloading)]);
            }
            Request::Account => {
                return effects.extend([Effect::ReloadAccounts, done(asker, Done::AccountsReloading)]);
            }
            Request::Quit => {
                self.leave(now);
                Reply::Done(Done::Quitting)
            }
        };
        effects.push(Effect::Answer(asker, reply));
    }

    fn rest(&mut self, time: Option<Duration>, now: Instant, effects: &mut Vec<Effect>) -> Reply {
        // A time beyond what the clock can hold is for good.
        self.pause = time.map_or(Pause::ForGood, |t| now.checked_add(t).map_or(Pause::ForGood, Pause::Until));
        effects.push(remember(Record::Paused(self.pause == Pause::ForGood)));
        Reply::Done(Done::Paused(time))
    }

    fn resume(&mut self, effects: &mut Vec<Effect>) -> Reply {
        self.pause = Pause::Running;
        self.invite();
        effects.push(remember(Record::Paused(false)));
        Reply::Done(Done::Resumed)
    }

    /// Songs of ours are asked for: neither what the listener has put on nor what was taken back keeps the next one away.
    fn invite(&mut self) {
        self.guest.invite();
        self.hand.held = false;
    }

    fn set_mood(&mut self, name: Option<MoodName>, effects: &mut Vec<Effect>) -> Reply {
        self.by_hand = name;
        effects.push(remember(Record::ManualMood(name)));
        self.invite();
        effects.push(remember(Record::ManualMoodSet(name.map(|name| self.table.place(name)))));
        // Given back, the mood is again the one that looks had settled.
        effects
            .extend(self.steady.settled().filter(|_| name.is_none()).map(|mood| remember(Record::MoodSettled(mood))));
        self.turn();
        Reply::Done(match name {
            Some(name) => Done::MoodSet(name),
            None if self.consent == Some(true) && self.config.camera.enabled => Done::MoodFollowsCamera,
            None => Done::NoMood,
        })
    }

    fn set_intent(&mut self, intent: Intent, effects: &mut Vec<Effect>) -> Reply {
        self.intent = intent;
        effects.push(remember(Record::Intent(intent)));
        self.invite();
        self.turn();
        Reply::Done(Done::IntentSet(intent))
    }

    /// A second like, or a second dislike, takes the first one back.
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
        self.revise(&path, |evidence| evidence.opinion = opinion);
        effects.push(remember(Record::Opinion { path, opinion }));
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

    /// Takes our waiting song back; the answer comes when the player has confirmed it.
    fn undo(&mut self, asker: RequestId, effects: &mut Vec<Effect>) {
        let refusal = match self.hand.pick() {
            None => Some(Refusal::NothingQueued),
            Some(pick) if self.hand.only_suggested() => Some(Refusal::OnlySuggested { title: pick.title.clone() }),
            Some(pick) if !self.can_take_back() => Some(Refusal::CannotDequeue { title: pick.title.clone() }),
            Some(_) => None,
        };
        match refusal {
            Some(why) => effects.push(Effect::Answer(asker, Reply::Refused(why))),
            None => {
                self.hand.held = true;
                if let Some(before) = self.undoing.replace(asker) {
                    effects.push(done(before, Done::AskedAgain));
                }
                self.set_aside();
            }
        }
    }

    /// A song taken back should not be offered again at once.
    fn set_aside(&mut self) {
        let song = self.hand.pick().and_then(|pick| self.song(&pick.path)).cloned();
        if let (Some(song), Some(at)) = (song, self.current.as_ref().map(|current| current.since())) {
            self.recent.note(&song, at, self.no_repeat());
        }
    }

    /// Takes one song off what is to come; the mood stays, and so does what the listener thinks of the song.
    fn put_off(&mut self, path: &Path, now: Instant) -> Reply {
        let waits = self.hand.pick().is_some_and(|pick| pick.path == path);
        let coming = waits || self.ahead(now).iter().any(|pick| pick.path == path);
        let Some(song) = self.song(path).filter(|_| coming).cloned() else {
            return Reply::Refused(Refusal::NotUpcoming);
        };
        if waits && !self.hand.only_suggested() && !self.can_take_back() {
            return Reply::Refused(Refusal::CannotDequeue { title: song.title });
        }
        self.recent.note(&song, now, self.no_repeat());
        self.ahead.outdate();
        if waits {
            self.hand.outdate();
        }
        Reply::Done(Done::PutOff { title: song.title })
    }

    fn reason(&self) -> Option<crate::domain::pick::Pick> {
        self.current.as_ref().and_then(|current| current.ours.clone()).or_else(|| self.hand.pick().cloned())
    }

    fn queue_view(&mut self, now: Instant) -> QueueView {
        let later = self.ahead(now);
        QueueView {
            player: self.playback.as_ref().map(|p| p.player.clone()),
            upcoming: self.playback.as_ref().and_then(|p| p.upcoming.clone()),
            ours: self.hand.pick().cloned(),
            later,
        }
    }

    fn allow_camera(&mut self, yes: bool, effects: &mut Vec<Effect>) -> Reply {
        self.consent = Some(yes);
        effects.push(remember(Record::Consent(yes)));
        if yes && !self.config.camera.enabled {
            return Reply::Refused(Refusal::AllowedButTurnedOff);
        }
        Reply::Done(if yes { Done::CameraAllowed } else { Done::CameraDenied })
    }
}

fn done(asker: RequestId, done: Done) -> Effect {
    Effect::Answer(asker, Reply::Done(done))
}
