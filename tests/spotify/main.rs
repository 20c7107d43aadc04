//! Spotify, against a local service that speaks its shapes, with a client on a private bus and a real keyring.

#[path = "../common/mod.rs"]
mod common;
#[path = "../desk/mod.rs"]
mod desk;
mod login;
mod service;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use common::fake::{Behavior, FakePlayer, map};
use common::song;
use desk::{Desk, until};
use moodring_core::domain::playback::{QueueMethod, SongUnavailable};
use moodring_core::message::Event;
use moodring_players::adapters::spotify::account::{self, Account};
use moodring_players::manager::player_set;
use moodring_players::manager::{PlayerCommand, PlayerManager};
use moodring_players::mpris::bus::{BusAddress, PlayerPeer, players};
use moodring_players::player::Player;
use rspotify::Token;
use serde_json::json;
use service::{Service, Takes, error, track};
use zbus::zvariant::Value;

const NOW: &str = "1111111111111111111111";
const HURT: &str = "2222222222222222222222";

/// An evening with Spotify: a client that plays, an account that is connected.
struct Evening {
    desk: Desk,
    service: Service,
    client: FakePlayer,
    player: Box<dyn Player>,
    song: PathBuf,
}

/// The service's addresses and the listener's folders, for this process.
fn settle(desk: &Desk, address: &str) {
    let _ = std::fs::remove_dir_all(desk.home().join("data"));
    let data = desk.home().join("data");
    let [api, accounts] = ["/v1/", "/"].map(|end| format!("{address}{end}"));
    let settings = [("MOODRING_SPOTIFY_API", api), ("MOODRING_SPOTIFY_ACCOUNTS", accounts)];
    let data = ("XDG_DATA_HOME", data.display().to_string());
    for (name, value) in settings.into_iter().chain([data]) {
        // SAFETY: one desk at a time, and the threads of the one before have ended or wait for orders.
        unsafe { std::env::set_var(name, value) };
    }
}

fn token(access: &str, seconds: i64) -> Token {
    let expires = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let said = json!({"access_token": access, "token_type": "Bearer", "expires_in": 3600, "refresh_token": "again",
        "scope": "user-modify-playback-state", "expires_at": expires.to_string()});
    serde_json::from_value(said).unwrap()
}

fn connect(token: Token) {
    account::save(&Account { client_id: "0123456789abcdef0123456789abcdef".into(), token }).unwrap();
}

fn client(desk: &Desk) -> (FakePlayer, Box<dyn Player>) {
    let address = format!("unix:path={}", desk.home().join("bus").display());
    let client = FakePlayer::start(&address, "spotify", Behavior::Drops);
    plays(&client, NOW, "Now", "Somebody");
    let bus = BusAddress::At(address).connect().unwrap();
    let (name, owner, _) = players(&bus).unwrap().remove(0);
    let player =
        player_set::create_adapter(PlayerPeer { bus, owner }, &name, &moodring_core::config::PlayersConfig::default())
            .unwrap();
    (client, player)
}

/// As the desktop client tells it.
fn plays(client: &FakePlayer, id: &str, title: &str, artist: &str) {
    let text = |text: &str| Value::from(text.to_owned());
    client.set_metadata(map(vec![
        ("mpris:trackid", text(&format!("/com/spotify/track/{id}"))),
        ("xesam:url", text(&format!("https://open.spotify.com/track/{id}"))),
        ("xesam:title", text(title)),
        ("xesam:artist", Value::from(vec![artist.to_owned()])),
        ("mpris:length", Value::from(20_000_000_u64)),
    ]));
}

impl Evening {
    fn new() -> Self {
        Self::with(token("good", 3600))
    }

    fn with(token: Token) -> Self {
        let (desk, service) = (Desk::new(), Service::start());
        settle(&desk, &service.address);
        connect(token);
        service.world().tracks = vec![track(HURT, "Hurt", "Nobody", 20)];
        let (client, mut player) = client(&desk);
        until("the account is known", || {
            player.read_playback().unwrap().way == QueueMethod::AfterCurrent { take_back: false }
        });
        let song = song::write(&desk.home().join("music"), "hurt.flac", "Hurt", 20);
        service.asked();
        Self { desk, service, client, player, song }
    }

    fn refusal(&mut self) -> String {
        self.player.queue(&self.song).unwrap_err().to_string()
    }
}

#[test]
fn a_song_of_the_library_goes_into_spotifys_queue_and_is_known_again_when_it_plays() {
    let mut evening = Evening::new();
    evening.player.queue(&evening.song).unwrap();
    assert_eq!(evening.service.world().queue.len(), 1);
    let playback = evening.player.read_playback().unwrap();
    assert_eq!(playback.upcoming.unwrap()[0].path.as_ref(), Some(&evening.song));
    assert!(playback.track.unwrap().streamed);
    plays(&evening.client, HURT, "Hurt", "Nobody");
    until("ours plays", || evening.player.read_playback().unwrap().track.unwrap().path.as_ref() == Some(&evening.song));
    assert!(evening.player.read_playback().unwrap().track.unwrap().streamed, "or its play would teach");
}

#[test]
fn what_comes_next_is_asked_once_a_song() {
    let mut evening = Evening::new();
    for _ in 0..5 {
        evening.player.read_playback().unwrap();
    }
    assert_eq!(evening.service.asked().len(), 0);
    plays(&evening.client, HURT, "Hurt", "Nobody");
    for _ in 0..5 {
        evening.player.read_playback().unwrap();
    }
    assert_eq!(evening.service.asked(), ["GET /v1/me/player/queue"]);
}

#[test]
fn rather_no_song_than_another_one() {
    let mut evening = Evening::new();
    evening.service.world().tracks = vec![track(HURT, "Hurt (Live)", "Nobody", 20), track(NOW, "Hurt", "Another", 20)];
    let error = evening.player.queue(&evening.song).unwrap_err();
    assert!(error.is::<SongUnavailable>() && error.to_string().contains("“Hurt” was not found"), "{error}");
    assert!(evening.service.world().queue.is_empty());
}

#[test]
fn a_request_for_patience_is_kept_to_the_second() {
    let mut evening = Evening::new();
    evening.service.world().instead = vec![(429, "Retry-After: 2\r\n", error(429, "API rate limit exceeded", ""))];
    let start = Instant::now();
    assert!(evening.refusal().contains("asks for patience"));
    evening.service.asked();
    while start.elapsed() < Duration::from_millis(1800) {
        assert!(evening.refusal().contains("asks for patience"));
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!(evening.service.asked().is_empty(), "asked before the time was over");
    until("it is taken", || evening.player.queue(&evening.song).is_ok());
}

#[test]
fn a_login_with_the_same_app_does_not_cut_the_patience_short_and_one_with_another_does() {
    let mut evening = Evening::new();
    evening.service.world().instead = vec![(429, "Retry-After: 3600\r\n", error(429, "API rate limit exceeded", ""))];
    assert!(evening.refusal().contains("asks for patience"));
    evening.service.asked();
    connect(token("good2", 3600));
    evening.player.reload_credentials();
    assert!(evening.refusal().contains("asks for patience"));
    assert!(evening.service.asked().is_empty(), "asked before the time was over");
    account::save(&Account { client_id: "another app".into(), token: token("good2", 3600) }).unwrap();
    evening.player.reload_credentials();
    evening.player.queue(&evening.song).unwrap();
}

#[test]
fn with_another_account_its_own_queue_is_told_at_once() {
    let mut evening = Evening::new();
    let next = |evening: &mut Evening| {
        let coming = evening.player.read_playback().unwrap().upcoming.unwrap_or_default();
        coming.first().map(|track| track.title.clone())
    };
    evening.player.queue(&evening.song).unwrap();
    assert_eq!(next(&mut evening).as_deref(), Some("Hurt"));
    // The queue of somebody else.
    evening.service.world().queue.clear();
    connect(token("good2", 3600));
    evening.player.reload_credentials();
    assert_eq!(next(&mut evening), None);
    account::forget().unwrap();
    evening.player.reload_credentials();
    assert_eq!(evening.player.read_playback().unwrap().upcoming, None);
}

#[test]
fn servers_in_trouble_are_left_in_peace() {
    let mut evening = Evening::new();
    evening.service.world().instead = vec![(503, "", json!("upstream"))];
    assert!(evening.refusal().contains("servers report an error (503)"));
    evening.service.asked();
    assert!(evening.refusal().contains("503") && evening.service.asked().is_empty());
}

#[test]
fn without_a_network_it_says_so() {
    let desk = Desk::new();
    settle(&desk, "http://127.0.0.1:9");
    connect(token("good", 3600));
    let (_client, mut player) = client(&desk);
    let song = song::write(&desk.home().join("music"), "hurt.flac", "Hurt", 20);
    until("the account is known", || player.queue_method() != QueueMethod::Unsupported);
    assert!(player.queue(&song).unwrap_err().to_string().contains("cannot be reached"));
}

#[test]
fn a_token_that_has_run_out_is_renewed_and_kept() {
    let (desk, service) = (Desk::new(), Service::start());
    settle(&desk, &service.address);
    connect(token("old", -10));
    service.world().tracks = vec![track(HURT, "Hurt", "Nobody", 20)];
    // The answer may leave the refresh token out: the old one stays good.
    service.world().fresh = Some(json!({"access_token": "good2", "token_type": "Bearer", "expires_in": 3600}));
    let (_client, mut player) = client(&desk);
    let song = song::write(&desk.home().join("music"), "hurt.flac", "Hurt", 20);
    player.queue(&song).unwrap();
    assert_eq!(service.world().form["refresh_token"], "again");
    let (kept, _) = account::load().unwrap().unwrap();
    assert_eq!((&*kept.token.access_token, kept.token.refresh_token.as_deref()), ("good2", Some("again")));
}

#[test]
fn a_permission_taken_back_is_said_and_not_tried_again() {
    let (desk, service) = (Desk::new(), Service::start());
    settle(&desk, &service.address);
    connect(token("old", -10));
    let (_client, mut player) = client(&desk);
    let song = song::write(&desk.home().join("music"), "hurt.flac", "Hurt", 20);
    let error = player.queue(&song).unwrap_err();
    assert!(error.to_string().contains("no longer accepts"), "{error}");
    service.asked();
    assert!(player.queue(&song).unwrap_err().to_string().contains("no longer accepts"));
    player.reload_credentials();
    assert!(player.queue(&song).unwrap_err().to_string().contains("no longer accepts"));
    assert!(service.asked().is_empty(), "asked with a token known to be refused");
    assert_eq!(player.queue_method(), QueueMethod::AfterCurrent { take_back: false }, "the reason must stay in sight");
}

#[test]
fn an_access_token_that_is_refused_at_once_counts_as_taken_back() {
    let mut evening = Evening::with(token("bad", 3600));
    assert!(evening.refusal().contains("no longer accepts"));
    connect(token("good", 3600));
    evening.player.queue(&evening.song).expect("a new login is found without a restart");
}

#[test]
fn an_account_without_premium_is_told_so() {
    let mut evening = Evening::new();
    evening.player.queue(&evening.song).unwrap();
    let refused = (403, "", error(403, "Player command failed: Premium required", "PREMIUM_REQUIRED"));
    evening.service.world().instead = vec![(200, "", json!({"queue": []})), refused];
    assert!(evening.refusal().contains("not Premium"));
}

#[test]
fn the_only_device_is_woken_and_none_is_said() {
    let mut evening = Evening::new();
    evening.service.world().takes = Takes::WithNamedDevice;
    let said = evening.refusal();
    assert!(said.contains("plays on no device"), "{said}");
    let device =
        |id: &str| json!({"id": id, "is_active": false, "is_restricted": false, "name": "Desk", "type": "Computer"});
    evening.service.world().devices = vec![device("d1"), device("d2")];
    assert!(evening.refusal().contains("plays on no device"), "which of two, nobody knows");
    evening.service.world().devices = vec![device("d1")];
    evening.player.queue(&evening.song).unwrap();
    assert!(evening.service.world().asked.iter().any(|line| line.ends_with("device_id=d1")));
}

#[test]
fn a_yes_that_means_no_is_found_out() {
    let mut evening = Evening::new();
    evening.service.world().takes = Takes::Never;
    let said = evening.refusal();
    assert!(said.contains("does not show it"), "{said}");
}

#[test]
fn a_slow_service_holds_nobody_up_and_a_song_is_not_queued_twice() {
    let mut evening = Evening::new();
    evening.service.world().delay = Duration::from_millis(1200);
    let start = Instant::now();
    let said = evening.refusal();
    assert!(said.contains("in time"), "{said}");
    assert!(start.elapsed() < Duration::from_secs(3));
    evening.service.world().delay = Duration::ZERO;
    until("the song has arrived after all", || evening.service.world().queue.len() == 1);
    until("it is found there", || evening.player.queue(&evening.song).is_ok());
    assert_eq!(evening.service.world().queue.len(), 1);
}

#[test]
fn nothing_is_asked_of_spotify_before_a_login() {
    let (desk, service) = (Desk::new(), Service::start());
    settle(&desk, &service.address);
    let (client, mut player) = client(&desk);
    let song = song::write(&desk.home().join("music"), "hurt.flac", "Hurt", 20);
    assert!(player.queue(&song).unwrap_err().to_string().contains("no Spotify account"));
    assert_eq!(player.read_playback().unwrap().way, QueueMethod::Unsupported);
    assert!(service.asked().is_empty());
    connect(token("good", 3600));
    plays(&client, HURT, "Hurt", "Nobody");
    until("the login is noticed with the next song", || {
        player.read_playback().unwrap().way != QueueMethod::Unsupported
    });
    assert!(desk.home().exists());
}

#[test]
fn a_login_and_a_logout_count_at_once() {
    let (stage, service) = (Desk::new(), Service::start());
    settle(&stage, &service.address);
    let (_client, _) = client(&stage);
    let address = format!("unix:path={}", stage.home().join("bus").display());
    let config = moodring_core::config::PlayersConfig { mpd: String::new(), ..Default::default() };
    let (tell, news) = std::sync::mpsc::channel();
    let manager =
        PlayerManager::start_on(BusAddress::At(address), &config, Vec::new(), move |event| drop(tell.send(event)));
    let manager = manager.unwrap();
    let told = || loop {
        let event = news.recv_timeout(Duration::from_secs(20)).expect("nothing is told");
        if let Event::Playback(Some(playback)) = event {
            return (playback.way, playback.obstacle.unwrap_or_default());
        }
    };
    let (way, why) = told();
    assert!(way == QueueMethod::Unsupported && why.contains("spotify login"), "{why}");
    connect(token("good", 3600));
    manager.send(PlayerCommand::ReloadAccounts);
    assert_eq!(told(), (QueueMethod::AfterCurrent { take_back: false }, String::new()));
    account::forget().unwrap();
    manager.send(PlayerCommand::ReloadAccounts);
    assert_eq!(told().0, QueueMethod::Unsupported);
    drop(manager);
}

#[test]
fn a_song_that_repeats_for_ever_lets_no_other_in() {
    let mut evening = Evening::new();
    evening.client.set_status("Stopped");
    until("the stop is heard", || evening.refusal().contains("plays nothing"));
    assert!(evening.service.asked().is_empty() && evening.desk.home().exists());
}
