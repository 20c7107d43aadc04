//! A local stand-in for Spotify's accounts service and Web API: the documented shapes, as the live service sends them
//! (tracks without `external_ids`), over real HTTP.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};

/// What the service knows and does; tests change it while it runs.
#[derive(Default)]
pub struct World {
    pub tracks: Vec<Value>,
    pub queue: Vec<Value>,
    pub devices: Vec<Value>,
    /// Answers given in place of the right one, first first: status, further head lines, body.
    pub instead: Vec<(u16, &'static str, Value)>,
    /// The answer to a refresh of the token; `None`: it was revoked.
    pub fresh: Option<Value>,
    /// What it does with songs to queue.
    pub takes: Takes,
    /// Method and path of each request, in order.
    pub asked: Vec<String>,
    /// Fields of the last form that the accounts service was sent.
    pub form: HashMap<String, String>,
    pub delay: Duration,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Takes {
    #[default]
    WithActiveDevice,
    /// Only when a device is named.
    WithNamedDevice,
    /// Says yes and does nothing.
    Never,
}

pub struct Service {
    pub address: String,
    world: Arc<Mutex<World>>,
}

impl Service {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let world: Arc<Mutex<World>> = Arc::default();
        let shared = world.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = shared.clone();
                std::thread::spawn(move || serve(stream, &world));
            }
        });
        Self { address, world }
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    /// Requests since the last call, without their questions.
    pub fn asked(&self) -> Vec<String> {
        let asked = std::mem::take(&mut self.world().asked);
        asked.into_iter().map(|line| line.split('?').next().unwrap().to_owned()).collect()
    }
}

pub fn track(id: &str, name: &str, artist: &str, seconds: u64) -> Value {
    json!({
        "album": {"album_type": "album", "name": format!("Album {name}"), "artists": [{"name": artist}]},
        "artists": [{"id": "a", "name": artist, "type": "artist", "uri": "spotify:artist:a"}],
        "duration_ms": seconds * 1000, "explicit": false, "href": "", "id": id, "is_local": false, "name": name,
        "track_number": 1, "type": "track", "uri": format!("spotify:track:{id}")
    })
}

pub fn error(status: u16, message: &str, reason: &str) -> Value {
    json!({"error": {"status": status, "message": message, "reason": reason}})
}

struct Request {
    line: String,
    token: String,
    body: String,
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let (mut line, mut head) = (String::new(), String::new());
    reader.read_line(&mut line).ok()?;
    while !head.ends_with("\r\n\r\n") && head != "\r\n" {
        reader.read_line(&mut head).ok().filter(|n| *n > 0)?;
    }
    let field = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(name));
        line.map(|line| line[name.len()..].trim().to_owned()).unwrap_or_default()
    };
    let mut body = vec![0; field("content-length:").parse().unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { line, token: field("authorization:"), body: String::from_utf8(body).ok()? })
}

fn serve(mut stream: TcpStream, world: &Mutex<World>) {
    let Some(request) = read(&stream) else { return };
    let (status, head, body) = {
        let mut world = world.lock().unwrap();
        let place = request.line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        world.asked.push(place.clone());
        std::thread::sleep(world.delay);
        answer(&mut world, &place, &request)
    };
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    let _ = write!(stream, "HTTP/1.1 {status} X\r\n{head}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}");
}

fn answer(world: &mut World, place: &str, request: &Request) -> (u16, &'static str, Value) {
    let path = place.split('?').next().unwrap();
    if path == "POST /api/token" {
        world.form = form(&request.body);
        let refused = json!({"error": "invalid_grant", "error_description": "Refresh token revoked"});
        return world.fresh.clone().map_or((400, "", refused), |token| (200, "", token));
    }
    if !world.instead.is_empty() {
        return world.instead.remove(0);
    }
    if !request.token.starts_with("Bearer good") {
        return (401, "", error(401, "The access token expired", ""));
    }
    match path {
        "GET /v1/search" => (200, "", json!({"tracks": {"items": world.tracks, "total": world.tracks.len()}})),
        "GET /v1/me/player/queue" => (200, "", json!({"currently_playing": null, "queue": world.queue})),
        "GET /v1/me/player/devices" => (200, "", json!({"devices": world.devices})),
        "POST /v1/me/player/queue" => take(world, place),
        _ => (404, "", error(404, "Not found", "")),
    }
}

fn take(world: &mut World, place: &str) -> (u16, &'static str, Value) {
    let asked = form(place.split('?').nth(1).unwrap_or_default());
    match world.takes {
        Takes::WithNamedDevice if !asked.contains_key("device_id") => {
            (404, "", error(404, "Player command failed: No active device found", "NO_ACTIVE_DEVICE"))
        }
        Takes::Never => (204, "", Value::Null),
        _ => {
            let track = world.tracks.iter().find(|track| track["uri"] == asked["uri"].as_str()).unwrap().clone();
            world.queue.insert(0, track);
            (204, "", Value::Null)
        }
    }
}

fn form(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), plain(value))).collect()
}

/// Without percent-encoding (RFC 3986, section 2.1).
fn plain(text: &str) -> String {
    let mut parts = text.split('%');
    let head = parts.next().unwrap_or_default().to_owned();
    parts.fold(head, |plain, part| {
        let byte = u8::from_str_radix(&part[..2], 16).unwrap();
        plain + &char::from(byte).to_string() + &part[2..]
    })
}
