//! Requests to Spotify, on a thread of their own, so that a slow network never delays other players.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::adapters::spotify::account;
use crate::adapters::spotify::error::SpotifyError;
use crate::adapters::spotify::web::Web;

type Job = Box<dyn FnOnce(&mut WorkerLoop) + Send>;

/// Sends requests to Spotify, one at a time.
pub(super) struct ApiWorker {
    jobs: Sender<Job>,
    known: Arc<Mutex<AccountState>>,
}

/// What is known about the account without a request.
#[derive(Clone, Copy, Default)]
struct AccountState {
    account: bool,
    /// A request is under way, perhaps one whose caller no longer waits.
    busy: bool,
}

/// The state of the thread.
#[derive(Default)]
struct WorkerLoop {
    web: Option<Web>,
    cool_down: Option<CoolDown>,
    /// The token that was refused: not tried again.
    refused: Option<String>,
}

/// No request is sent for this app until then.
struct CoolDown {
    app: String,
    until: Instant,
    error: SpotifyError,
}

impl ApiWorker {
    pub(super) fn open() -> Self {
        let (jobs, work) = channel::<Job>();
        // Without the thread every job is refused by the closed channel.
        let _ = std::thread::Builder::new().name("spotify".into()).spawn(move || run(&work));
        Self { jobs, known: Arc::default() }
    }

    /// Whether an account is connected, as far as is known; never waits.
    pub(super) fn connected(&self) -> bool {
        self.known().account
    }

    /// Checks whether there is an account, and waits for the result up to a limit: a keyring may ask for a password first.
    pub(super) fn check(&self, limit: Duration) {
        let (known, (sender, answer)) = (self.known.clone(), channel());
        let _ = self.jobs.send(Box::new(move |worker| {
            let account = !matches!(worker.web(), Err(SpotifyError::LoggedOut));
            known.lock().unwrap_or_else(PoisonError::into_inner).account = account;
            let _ = sender.send(());
        }));
        // A later result counts from the next song on.
        let _ = answer.recv_timeout(limit);
    }

    /// Reads the account again, which the user has changed; a refused token stays refused.
    pub(super) fn reload_credentials(&self, limit: Duration) {
        let _ = self.jobs.send(Box::new(|worker| worker.web = None));
        self.check(limit);
    }

    /// Runs a request, and waits for the result up to a limit.
    ///
    /// # Errors
    /// [`SpotifyError::Silent`] when it took longer; it may still succeed.
    pub(super) fn ask<T: Send + 'static>(
        &self,
        limit: Duration,
        ask: impl FnOnce(&Web) -> Result<T, SpotifyError> + Send + 'static,
    ) -> Result<T, SpotifyError> {
        if std::mem::replace(&mut self.known().busy, true) {
            return Err(SpotifyError::Silent);
        }
        let (sender, answer) = channel();
        let known = self.known.clone();
        let job: Job = Box::new(move |worker| {
            let done = worker.perform(ask);
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            *known = AccountState { account: !matches!(done, Err(SpotifyError::LoggedOut)), busy: false };
            let _ = sender.send(done);
        });
        if self.jobs.send(job).is_err() {
            return Err(SpotifyError::Silent);
        }
        answer.recv_timeout(limit).unwrap_or(Err(SpotifyError::Silent))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, AccountState> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(work: &Receiver<Job>) {
    let mut worker = WorkerLoop::default();
    while let Ok(job) = work.recv() {
        job(&mut worker);
    }
}

impl WorkerLoop {
    fn perform<T>(&mut self, ask: impl FnOnce(&Web) -> Result<T, SpotifyError>) -> Result<T, SpotifyError> {
        let app = self.web()?.app().to_owned();
        if let Some(error) = self.cooling_down(&app) {
            return Err(error);
        }
        let done = ask(self.web()?);
        if let Err(error) = &done {
            self.note_error(error, app);
        }
        done
    }

    /// The error that still forbids requests, with the time that is left.
    fn cooling_down(&self, app: &str) -> Option<SpotifyError> {
        let CoolDown { until, error, .. } = self.cool_down.as_ref().filter(|rest| rest.app == app)?;
        let left = until.checked_duration_since(Instant::now())?;
        Some(if let SpotifyError::TooMany(_) = error { SpotifyError::TooMany(left) } else { error.clone() })
    }

    fn note_error(&mut self, error: &SpotifyError, app: String) {
        self.cool_down =
            error.cool_down().map(|wait| CoolDown { app, until: Instant::now() + wait, error: error.clone() });
        if *error == SpotifyError::Revoked {
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
