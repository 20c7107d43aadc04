//! The line to Spotify: a thread of its own, so that a slow network never holds up the players on this desktop.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::adapters::spotify::account;
use crate::adapters::spotify::error::SpotifyError;
use crate::adapters::spotify::web::Web;

type Job = Box<dyn FnOnce(&mut WorkerLoop) + Send>;

/// Asks of Spotify go through here, one at a time.
pub struct ApiWorker {
    jobs: Sender<Job>,
    known: Arc<Mutex<Known>>,
}

/// What is known of the account without asking.
#[derive(Clone, Copy, Default)]
struct Known {
    account: bool,
    /// Somebody is asking, or still waits for an answer that nobody else waits for any more.
    busy: bool,
}

/// At the other end.
#[derive(Default)]
struct WorkerLoop {
    web: Option<Web>,
    rest: Option<CoolDown>,
    /// The token that was refused: not tried again.
    refused: Option<String>,
}

/// Nothing is asked for one app of its owner's until then.
struct CoolDown {
    app: String,
    until: Instant,
    trouble: SpotifyError,
}

impl ApiWorker {
    pub fn open() -> Self {
        let (jobs, work) = channel::<Job>();
        // Without the thread every job is refused by the closed channel.
        let _ = std::thread::Builder::new().name("spotify".into()).spawn(move || run(&work));
        Self { jobs, known: Arc::default() }
    }

    /// Whether an account is connected, as far as is known; never waits.
    pub fn connected(&self) -> bool {
        self.known().account
    }

    /// Looks whether there is an account by now, and waits so long for it: a keyring may ask its owner first.
    pub fn check(&self, patience: Duration) {
        let (known, (sender, answer)) = (self.known.clone(), channel());
        let _ = self.jobs.send(Box::new(move |office| {
            let account = !matches!(office.web(), Err(SpotifyError::LoggedOut));
            known.lock().unwrap_or_else(PoisonError::into_inner).account = account;
            let _ = sender.send(());
        }));
        // What comes later counts from the next song on.
        let _ = answer.recv_timeout(patience);
    }

    /// Puts the account away, which the listener has changed, and looks for it anew; a refused token stays refused.
    pub fn reload_credentials(&self, patience: Duration) {
        let _ = self.jobs.send(Box::new(|office| office.web = None));
        self.check(patience);
    }

    /// Has something done, and waits so long for it.
    ///
    /// # Errors
    /// [`SpotifyError::Silent`] when it took longer; it may be done all the same.
    pub fn ask<T: Send + 'static>(
        &self,
        patience: Duration,
        ask: impl FnOnce(&Web) -> Result<T, SpotifyError> + Send + 'static,
    ) -> Result<T, SpotifyError> {
        if std::mem::replace(&mut self.known().busy, true) {
            return Err(SpotifyError::Silent);
        }
        let (sender, answer) = channel();
        let known = self.known.clone();
        let job: Job = Box::new(move |office| {
            let done = office.perform(ask);
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            *known = Known { account: !matches!(done, Err(SpotifyError::LoggedOut)), busy: false };
            let _ = sender.send(done);
        });
        if self.jobs.send(job).is_err() {
            return Err(SpotifyError::Silent);
        }
        answer.recv_timeout(patience).unwrap_or(Err(SpotifyError::Silent))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(work: &Receiver<Job>) {
    let mut office = WorkerLoop::default();
    while let Ok(job) = work.recv() {
        job(&mut office);
    }
}

impl WorkerLoop {
    fn perform<T>(&mut self, ask: impl FnOnce(&Web) -> Result<T, SpotifyError>) -> Result<T, SpotifyError> {
        let app = self.web()?.app().to_owned();
        if let Some(trouble) = self.resting(&app) {
            return Err(trouble);
        }
        let done = ask(self.web()?);
        if let Err(trouble) = &done {
            self.suffer(trouble, app);
        }
        done
    }

    /// The trouble that still asks for patience, with what is left of it.
    fn resting(&self, app: &str) -> Option<SpotifyError> {
        let CoolDown { until, trouble, .. } = self.rest.as_ref().filter(|rest| rest.app == app)?;
        let left = until.checked_duration_since(Instant::now())?;
        Some(if let SpotifyError::TooMany(_) = trouble { SpotifyError::TooMany(left) } else { trouble.clone() })
    }

    fn suffer(&mut self, trouble: &SpotifyError, app: String) {
        self.rest = trouble.rest().map(|rest| CoolDown { app, until: Instant::now() + rest, trouble: trouble.clone() });
        if *trouble == SpotifyError::Revoked {
            self.refused = self.web.take().and_then(|web| web.access());
        }
    }

    fn web(&mut self) -> Result<&Web, SpotifyError> {
        if self.web.is_none() {
            let account = match account::load() {
                Ok(account) => account.ok_or(SpotifyError::LoggedOut)?.0,
                Err(error) if account::locked(&error) => return Err(SpotifyError::Locked),
                Err(error) => return Err(SpotifyError::Refused(format!("{error:#}"))),
            };
            if self.refused.as_ref() == Some(&account.token.access_token) {
                return Err(SpotifyError::Revoked);
            }
            self.web = Some(Web::new(&account));
        }
        self.web.as_ref().ok_or(SpotifyError::LoggedOut)
    }
}
