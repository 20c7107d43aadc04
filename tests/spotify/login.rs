//! `moodring spotify`: logging in as a browser would, and where the permission is kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdout, Command, Stdio};

use moodring_players::adapters::spotify::account::{self, AccountFile};
use serde_json::{Value, json};

use crate::desk::{Desk, stderr, stdout, until};
use crate::service::Service;
use crate::settle;

const ID: &str = "0123456789abcdef0123456789abcdef";

/// `moodring spotify login`, waiting for the browser.
struct Login {
    process: Child,
    output: BufReader<ChildStdout>,
    port: u16,
    state: String,
}

impl Login {
    fn begin(desk: &Desk) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let port_text = port.to_string();
        let mut command = desk.command(&["spotify", "login", "--no-browser", "--client-id", ID, "--port", &port_text]);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let address = (&mut output).lines().map_while(Result::ok).find(|line| line.contains("/authorize?")).unwrap();
        let field = |name: &str| {
            let text = address.split(['?', '&']).find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            text.unwrap_or_else(|| panic!("no {name} in {address}")).to_owned()
        };
        assert_eq!((field("client_id").as_str(), field("code_challenge_method").as_str()), (ID, "S256"));
        assert!(field("redirect_uri").contains(&format!("127.0.0.1%3A{port}%2Fcallback")));
        assert!(field("code_challenge").len() == 43 && field("scope").contains("user-modify-playback-state"));
        let state = field("state");
        Self { process, output, port, state }
    }

    /// What the browser is answered.
    fn browse(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Exit code, and all that was said.
    fn end(mut self) -> (i32, String) {
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        let code = self.process.wait().unwrap().code().unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        (code, said)
    }
}

fn begin() -> (Desk, Service) {
    let (desk, service) = (Desk::new(), Service::start());
    settle(&desk, &service.address);
    let token = json!({"access_token": "good", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "r1",
        "scope": "user-modify-playback-state"});
    service.world().fresh = Some(token);
    (desk, service)
}

#[test]
fn logging_in_takes_the_browsers_answer_and_no_one_elses() {
    let (desk, service) = begin();
    let login = Login::begin(&desk);
    assert!(login.browse("/favicon.ico").starts_with("HTTP/1.1 404"));
    assert!(login.browse("/callback?code=stolen&state=guessed").starts_with("HTTP/1.1 400"));
    assert!(login.browse(&format!("/callback?code=c0de&state={}", login.state)).contains("You can close this page"));
    let (code, said) = login.end();
    assert!(code == 0 && said.contains("a file that only you can read"), "{said}");
    let form = std::mem::take(&mut service.world().form);
    assert_eq!((&*form["code"], form["code_verifier"].len()), ("c0de", 43));
    let file = desk.home().join("data/moodring/spotify.json");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

/// An agent without a camera; killed when the test ends.
struct Agent(Child);

impl Agent {
    fn start(desk: &Desk) -> Self {
        let settings = desk.home().join("config/moodring");
        std::fs::create_dir_all(&settings).unwrap();
        std::fs::write(settings.join("config.toml"), "camera = \"off\"\n[players]\nmpd = \"\"\n").unwrap();
        Self(desk.command(&[]).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

#[test]
fn an_agent_that_runs_hears_of_a_login_and_of_a_logout() {
    let (desk, _service) = begin();
    let (_spotify, _) = crate::client(&desk);
    let _agent = Agent::start(&desk);
    until("the agent is there", || desk.moodring(&["mood", "happy"]).status.success());
    let only_suggests = || stdout(&desk.moodring(&["status"])).contains("songs can only be suggested");
    until("no account is known", only_suggests);
    let login = Login::begin(&desk);
    login.browse(&format!("/callback?code=c0de&state={}", login.state));
    assert_eq!(login.end().0, 0);
    until("the account is used", || !only_suggests());
    assert!(desk.moodring(&["spotify", "logout"]).status.success());
    until("it is used no more", only_suggests);
}

#[test]
fn a_listener_who_says_no_is_understood() {
    let (desk, service) = begin();
    let login = Login::begin(&desk);
    login.browse(&format!("/callback?error=access_denied&state={}", login.state));
    let (code, said) = login.end();
    assert!(code == 1 && said.contains("not given the permission") && said.contains("hint:"), "{said}");
    assert!(service.asked().is_empty() && account::load().unwrap().is_none());
}

#[test]
fn what_is_no_client_id_is_refused_with_the_way_to_get_one() {
    let (desk, _service) = begin();
    let output = desk.moodring(&["spotify", "login", "--client-id", "me"]);
    assert!(output.status.code() == Some(2) && stderr(&output).contains("hint: copy it"), "{}", stderr(&output));
    let output = desk.moodring(&["spotify", "login"]);
    assert!(output.status.code() == Some(2), "{}", stderr(&output));
    assert!(stdout(&output).contains("http://127.0.0.1:8898/callback"), "{}", stdout(&output));
}

#[test]
fn the_account_says_how_it_stands() {
    let (desk, service) = begin();
    let ask = || -> Value { serde_json::from_slice(&desk.moodring(&["spotify", "status", "--json"]).stdout).unwrap() };
    assert_eq!(ask()["connected"], false);
    assert!(service.asked().is_empty());
    crate::connect(crate::token("good", 3600));
    service.world().devices = vec![json!({"id": "d", "is_active": true, "name": "Desk", "type": "Computer"})];
    assert_eq!(ask()["devices"][0], "Desk (computer, active)");
    service.world().instead = vec![(502, "", Value::Null)];
    assert!(ask()["trouble"].as_str().unwrap().contains("502"));
}

/// A real keyring on the private bus.
struct Keyring(Child);

impl Keyring {
    fn start(desk: &Desk) -> Self {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).stdin(Stdio::piped()).stdout(Stdio::null());
        command.env("HOME", desk.home()).env("XDG_DATA_HOME", desk.home().join("keys")).stderr(Stdio::null());
        command.env("XDG_RUNTIME_DIR", desk.home());
        let mut daemon = command.spawn().expect("gnome-keyring is installed");
        daemon.stdin.take().unwrap().write_all(b"password").unwrap();
        let bus = zbus::blocking::Connection::session().unwrap();
        let names = zbus::blocking::fdo::DBusProxy::new(&bus).unwrap();
        let name: zbus::names::BusName<'_> = "org.freedesktop.secrets".try_into().unwrap();
        until("the keyring is there", || names.name_has_owner(name.clone()).unwrap());
        Self(daemon)
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_keyring_keeps_the_permission_where_there_is_one() {
    let (desk, _service) = begin();
    let _keyring = Keyring::start(&desk);
    let login = Login::begin(&desk);
    login.browse(&format!("/callback?code=c0de&state={}", login.state));
    let (code, said) = login.end();
    assert!(code == 0 && said.contains("keyring"), "{said}");
    assert!(!desk.home().join("data/moodring/spotify.json").exists());
    let (account, place) = account::load().unwrap().unwrap();
    assert_eq!((&*account.client_id, place), (ID, AccountFile::Keyring));
    assert!(stdout(&desk.moodring(&["spotify", "logout"])).contains("is forgotten here"));
    assert!(account::load().unwrap().is_none());
}
