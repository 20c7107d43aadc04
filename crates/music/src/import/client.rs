//! Talks to ListenBrainz as it asks to be talked to: one call a second, and none before its window opens again.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::Value;
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body};

use moodring_core::error::user_error;

/// How long one call may take.
const LIMIT: Duration = Duration::from_secs(30);
/// Its documentation asks every program for no more than this.
const BETWEEN: Duration = Duration::from_secs(1);
/// Longer than this nobody waits.
const PATIENCE: Duration = Duration::from_secs(120);
/// When it says "too many" without saying until when.
const UNTOLD: Duration = Duration::from_secs(10);
const TRIES: u32 = 4;
/// Bytes of an answer; a thousand listens are about one and a half million.
const LARGEST: u64 = 32 << 20;
const NAME: &str = concat!("Moodring/", env!("CARGO_PKG_VERSION"), " ( org.moodring.Moodring )");

/// A door to one server.
pub struct Client {
    agent: Agent,
    server: String,
    token: Option<String>,
    /// No call before.
    free_at: Instant,
}

enum Answer {
    /// The body; `None`: there is nothing, which is what a newcomer gets.
    Body(Option<Value>),
    /// Try again when it is time; why.
    Later(String),
}

impl Client {
    pub fn new(server: &str, token: Option<String>) -> Self {
        let config = Agent::config_builder().timeout_global(Some(LIMIT)).user_agent(NAME).http_status_as_error(false);
        let server = server.trim_end_matches('/').to_owned();
        Self { agent: config.build().into(), server, token, free_at: Instant::now() }
    }

    /// Gets a JSON document; `None`: the server has none for this user yet (204).
    ///
    /// # Errors
    /// A fault when the server cannot be reached, refuses the token, knows no such user, or asks to wait for minutes.
    pub fn get(&mut self, path: &str, query: &[(&str, String)]) -> Result<Option<Value>> {
        self.patiently(
            |client, url| {
                let request =
                    client.agent.get(url).query_pairs(query.iter().map(|(name, value)| (*name, value.as_str())));
                match &client.token {
                    Some(token) => request.header("Authorization", format!("Token {token}")).call(),
                    None => request.call(),
                }
            },
            path,
        )
    }

    /// The same with a JSON document as question.
    pub fn post(&mut self, path: &str, question: &Value) -> Result<Option<Value>> {
        let question = question.to_string();
        self.patiently(
            |client, url| client.agent.post(url).header("Content-Type", "application/json").send(&question),
            path,
        )
    }

    fn patiently(
        &mut self,
        call: impl Fn(&Self, &str) -> Result<Response<Body>, ureq::Error>,
        path: &str,
    ) -> Result<Option<Value>> {
        let url = format!("{}{path}", self.server);
        let mut why = String::new();
        for _ in 0..TRIES {
            self.wait()?;
            let response = call(self, &url).map_err(|error| self.unreachable(&error))?;
            self.free_at = Instant::now() + pause(response.status().as_u16(), response.headers());
            match self.read(response, path)? {
                Answer::Body(body) => return Ok(body),
                Answer::Later(reason) => why = reason,
            }
        }
        Err(user_error(format!("{} does not answer: {why}", self.server), "try again later; nothing was changed"))
    }

    fn wait(&self) -> Result<()> {
        let time = self.free_at.saturating_duration_since(Instant::now());
        if time > PATIENCE {
            let what = format!("{} asks to wait for {} s", self.server, time.as_secs());
            return Err(user_error(what, "try again then; nothing was changed"));
        }
        thread::sleep(time);
        Ok(())
    }

    fn read(&self, mut response: Response<Body>, path: &str) -> Result<Answer> {
        match response.status().as_u16() {
            200 => {
                let text = response.body_mut().with_config().limit(LARGEST).read_to_string();
                let text = text.map_err(|error| self.unreachable(&error))?;
                let body = serde_json::from_str(&text).map_err(|error| self.foreign(path, &error))?;
                Ok(Answer::Body(Some(body)))
            }
            204 => Ok(Answer::Body(None)),
            401 | 403 => Err(user_error(
                format!("{} does not accept the token", self.server),
                "copy it anew from https://listenbrainz.org/settings/",
            )),
            404 => Err(user_error(
                format!("{} knows no {path}", self.server),
                "check the names of the user and of the server",
            )),
            status @ (429 | 500..=599) => Ok(Answer::Later(format!("it says {status}"))),
            status => {
                Err(user_error(format!("{}{path} says {status}", self.server), "try again later; nothing was changed"))
            }
        }
    }

    fn foreign(&self, path: &str, error: &serde_json::Error) -> anyhow::Error {
        let hint = "check the address, and whether the network wants you to log in first; nothing was changed";
        user_error(format!("{}{path} does not answer in JSON: {error}", self.server), hint)
    }

    fn unreachable(&self, error: &ureq::Error) -> anyhow::Error {
        if matches!(error, ureq::Error::Timeout(_)) {
            let what = format!("{} did not answer within {} s", self.server, LIMIT.as_secs());
            return user_error(what, "try again later; nothing was changed");
        }
        user_error(
            format!("cannot reach {}: {error}", self.server),
            "check the network and the address; nothing was changed",
        )
    }
}

/// How long to leave the server alone after an answer.
fn pause(status: u16, headers: &HeaderMap) -> Duration {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let until = ["X-RateLimit-Reset-In", "Retry-After"].iter().find_map(|name| number(name));
    let until = until.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    let spent = number("X-RateLimit-Remaining").is_some_and(|left| left < 1.0);
    match status {
        429 => until.unwrap_or(UNTOLD).max(BETWEEN),
        _ if spent => until.unwrap_or(UNTOLD).max(BETWEEN),
        _ => BETWEEN,
    }
}

/// A name as part of an address.
pub fn escaped(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    name.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_next_call_waits_as_long_as_the_server_asks() {
        let spent = headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset-in", "7")]);
        assert_eq!(pause(200, &spent), Duration::from_secs(7));
        assert_eq!(pause(429, &headers(&[("x-ratelimit-reset-in", "3")])), Duration::from_secs(3));
        assert_eq!(pause(429, &headers(&[])), UNTOLD);
        assert_eq!(pause(200, &headers(&[("x-ratelimit-remaining", "9"), ("x-ratelimit-reset-in", "7")])), BETWEEN);
        assert_eq!(pause(200, &headers(&[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset-in", "-1")])), UNTOLD);
    }

    #[test]
    fn names_of_users_may_hold_anything() {
        assert_eq!(escaped("a b/ü?"), "a%20b%2F%C3%BC%3F");
    }
}
