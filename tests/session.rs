//! What the desktop says of its owner, from services that speak as the real ones do, on buses of the test's own.

mod desk;

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use desk::Desk;
use moodring::desktop::presence::{Buses, PresenceMonitor};
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::presence::Presence;
use zbus::blocking::Connection;
use zbus::blocking::connection::Builder;
use zbus::fdo;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

const SESSION: &str = "/org/freedesktop/login1/session/_32";
const LOGIND: &str = "/org/freedesktop/login1";

/// org.freedesktop.login1(5), as far as it is asked.
struct Manager {
    lid: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Manager")]
impl Manager {
    #[zbus(property(emits_changed_signal = "false"))]
    fn lid_closed(&self) -> bool {
        self.lid
    }

    #[zbus(name = "GetSessionByPID")]
    fn get_session_by_pid(&self, _pid: u32) -> fdo::Result<OwnedObjectPath> {
        Err(fdo::Error::Failed("PID does not belong to any known session".into()))
    }

    #[zbus(signal)]
    async fn prepare_for_sleep(emitter: &SignalEmitter<'_>, start: bool) -> zbus::Result<()>;
}

struct User;

#[zbus::interface(name = "org.freedesktop.login1.User")]
impl User {
    #[zbus(property)]
    fn display(&self) -> (String, OwnedObjectPath) {
        ("2".into(), SESSION.try_into().unwrap())
    }
}

struct Hints {
    locked: bool,
    /// Another user's session is in front.
    behind: bool,
    idle: bool,
    /// It takes longer than anybody waits.
    hangs: bool,
}

#[zbus::interface(name = "org.freedesktop.login1.Session")]
impl Hints {
    #[zbus(property)]
    fn locked_hint(&self) -> bool {
        if self.hangs {
            std::thread::sleep(Duration::from_secs(4));
        }
        self.locked
    }

    #[zbus(property)]
    fn active(&self) -> bool {
        !self.behind
    }

    #[zbus(property)]
    fn idle_hint(&self) -> bool {
        self.idle
    }
}

struct Power {
    battery: bool,
    lid: Option<bool>,
}

#[zbus::interface(name = "org.freedesktop.UPower")]
impl Power {
    #[zbus(property)]
    fn on_battery(&self) -> bool {
        self.battery
    }

    #[zbus(property)]
    fn lid_is_present(&self) -> bool {
        self.lid.is_some()
    }

    #[zbus(property)]
    fn lid_is_closed(&self) -> bool {
        self.lid.unwrap_or(false)
    }
}

struct Saver {
    active: bool,
    idle: Box<dyn Fn() -> u32 + Send + Sync>,
}

#[zbus::interface(name = "org.freedesktop.ScreenSaver")]
impl Saver {
    fn get_active(&self) -> bool {
        self.active
    }

    fn get_session_idle_time(&self) -> u32 {
        (self.idle)()
    }

    #[zbus(signal)]
    async fn active_changed(emitter: &SignalEmitter<'_>, active: bool) -> zbus::Result<()>;
}

struct Notifications {
    inhibited: bool,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Notifications {
    #[zbus(property)]
    fn inhibited(&self) -> bool {
        self.inhibited
    }
}

struct Xfconf(HashMap<(String, String), bool>);

#[zbus::interface(name = "org.xfce.Xfconf")]
impl Xfconf {
    fn get_property(&self, channel: String, property: String) -> fdo::Result<OwnedValue> {
        let value = self.0.get(&(channel, property)).copied();
        value.map(OwnedValue::from).ok_or_else(|| fdo::Error::Failed("no such property".into()))
    }

    #[zbus(signal)]
    async fn property_changed(
        emitter: &SignalEmitter<'_>,
        channel: &str,
        property: &str,
        value: Value<'_>,
    ) -> zbus::Result<()>;
}

/// A bus with services on it; one bus plays both the system's and the desktop's.
struct House {
    _desk: Desk,
    bus: Connection,
    _names: Mutex<Vec<Connection>>,
}

impl House {
    fn empty() -> Self {
        let desk = Desk::new();
        Self { _desk: desk, bus: Builder::session().unwrap().build().unwrap(), _names: Mutex::default() }
    }

    /// Unlocked, on mains, lid open.
    fn new() -> Self {
        let house = Self::empty();
        house.logind(Hints { locked: false, behind: false, idle: false, hangs: false });
        house.serve("/org/freedesktop/UPower", Power { battery: false, lid: Some(false) });
        house.bus.request_name("org.freedesktop.UPower").unwrap();
        house
    }

    fn logind(&self, hints: Hints) {
        self.serve(LOGIND, Manager { lid: false });
        self.serve("/org/freedesktop/login1/user/self", User);
        self.serve(SESSION, hints);
        self.bus.request_name("org.freedesktop.login1").unwrap();
    }

    fn serve<I: zbus::object_server::Interface>(&self, path: &str, object: I) {
        self.bus.object_server().at(path, object).unwrap();
    }

    fn with<I: zbus::object_server::Interface>(&self, path: &str, act: impl FnOnce(&mut I, &SignalEmitter<'_>)) {
        let object = self.bus.object_server().interface::<_, I>(path).unwrap();
        act(&mut object.get_mut(), object.signal_emitter());
    }

    fn hints(&self, change: impl FnOnce(&mut Hints)) {
        self.with::<Hints>(SESSION, |hints, _| change(hints));
        let object = self.bus.object_server().interface::<_, Hints>(SESSION).unwrap();
        // As logind does: the name of what changed, without the value.
        let invalidated = zbus::block_on(fdo::Properties::properties_changed(
            object.signal_emitter(),
            "org.freedesktop.login1.Session".try_into().unwrap(),
            HashMap::new(),
            ["LockedHint", "IdleHint", "Active"].as_slice().into(),
        ));
        invalidated.unwrap();
    }

    fn sleep(&self, start: bool) {
        let emitter = SignalEmitter::new(self.bus.inner(), LOGIND).unwrap();
        zbus::block_on(Manager::prepare_for_sleep(&emitter, start)).unwrap();
    }

    fn listen(&self) -> Listener {
        let (tell, news) = mpsc::channel();
        let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
        let buses = Buses { system: Some(address.clone()), desktop: Some(address) };
        Listener {
            ears: PresenceMonitor::start(buses, move |session| tell.send(session).unwrap_or_default()).unwrap(),
            news,
        }
    }
}

struct Listener {
    ears: PresenceMonitor,
    news: Receiver<Presence>,
}

impl Listener {
    fn until(&self, what: &str, is: impl Fn(&Presence) -> bool) -> Presence {
        let end = Instant::now() + Duration::from_secs(20);
        let mut last = None;
        while let Ok(session) = self.news.recv_timeout(end.saturating_duration_since(Instant::now())) {
            if is(&session) {
                return session;
            }
            last = Some(session);
        }
        panic!("waited in vain: {what}; last {last:?}");
    }

    fn known(&self) -> Presence {
        self.until("all is read", |session| !session.waking)
    }
}

#[test]
fn nothing_is_believed_before_the_first_reading() {
    let house = House::new();
    let listener = house.listen();
    assert!(listener.news.recv().unwrap().waking);
    let session = listener.known();
    assert_eq!((session.locked, session.idle, session.on_battery), (Some(false), Some(false), Some(false)));
    assert_eq!((session.lid_closed, session.no_look()), (Some(false), None));
}

#[test]
fn a_machine_with_neither_logind_nor_screen_saver_is_looked_at() {
    let house = House::empty();
    let session = house.listen().known();
    assert_eq!(session, Presence::default());
    assert_eq!(session.no_look(), None);
}

#[test]
fn without_any_bus_looks_are_taken_too() {
    let (tell, news) = mpsc::channel();
    let nowhere = Some("unix:path=/nonexistent/bus".to_owned());
    let buses = Buses { system: nowhere.clone(), desktop: nowhere };
    let ears = PresenceMonitor::start(buses, move |session| tell.send(session).unwrap_or_default()).unwrap();
    let listener = Listener { ears, news };
    assert_eq!(listener.known(), Presence::default());
    assert_eq!(listener.ears.nobody_there(), None);
}

#[test]
fn a_locked_screen_is_heard_of_from_logind() {
    let house = House::new();
    let listener = house.listen();
    listener.known();
    house.hints(|hints| hints.locked = true);
    assert_eq!(listener.until("it is locked", |s| s.locked == Some(true)).no_look(), Some(LookBlock::Locked));
    house.hints(|hints| hints.locked = false);
    assert_eq!(listener.until("it is unlocked", |s| s.locked == Some(false)).no_look(), None);
    house.hints(|hints| hints.idle = true);
    assert_eq!(listener.until("it is idle", |s| s.idle == Some(true)).no_look(), Some(LookBlock::Idle));
}

#[test]
fn after_a_switch_to_another_user_no_look_is_taken() {
    let house = House::new();
    let listener = house.listen();
    assert_eq!(listener.known().seat_active, Some(true));
    house.hints(|hints| hints.behind = true);
    let behind = listener.until("another session is in front", |s| s.seat_active == Some(false));
    assert_eq!(behind.no_look(), Some(LookBlock::SeatInactive));
    house.hints(|hints| hints.behind = false);
    assert_eq!(listener.until("it is in front again", |s| s.seat_active == Some(true)).no_look(), None);
}

#[test]
fn what_another_program_sends_to_this_connection_changes_nothing() {
    let house = House::new();
    let listener = house.listen();
    listener.known();
    let stranger = Builder::session().unwrap().build().unwrap();
    // Every connection there is, and so also that of the monitor, gets it addressed to itself.
    let names = fdo::DBusProxy::new(stranger.inner());
    let names = zbus::block_on(async { names.await.unwrap().list_names().await.unwrap() });
    for name in names.iter().filter(|name| name.starts_with(':')) {
        let send = |path: &str, interface: &str, member: &str, value: bool| {
            stranger.emit_signal(Some(name.as_str()), path, interface, member, &value).unwrap();
        };
        send(LOGIND, "org.freedesktop.login1.Manager", "PrepareForSleep", true);
        send("/org/freedesktop/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged", true);
    }
    // The bus keeps the order: what logind says next is heard after it.
    house.hints(|hints| hints.idle = true);
    let heard = listener.until("it is idle", |s| s.asleep || s.idle == Some(true));
    assert!(!heard.asleep, "{heard:?}");
}

#[test]
fn a_locked_screen_is_heard_of_from_the_desktop() {
    let house = House::empty();
    let listener = house.listen();
    listener.known();
    // Plasma has it at this path; it comes after us.
    house.serve("/ScreenSaver", Saver { active: false, idle: Box::new(|| 0) });
    house.bus.request_name("org.freedesktop.ScreenSaver").unwrap();
    listener.until("the saver is found", |s| s.locked == Some(false));
    house.with::<Saver>("/ScreenSaver", |saver, emitter| {
        saver.active = true;
        zbus::block_on(Saver::active_changed(emitter, true)).unwrap();
    });
    listener.until("it is locked", |s| s.locked == Some(true));
    house.bus.release_name("org.freedesktop.ScreenSaver").unwrap();
    listener.until("nobody tells any more", |s| s.locked.is_none());
}

#[test]
fn battery_and_lid_are_heard_of_from_upower() {
    let house = House::new();
    let listener = house.listen();
    listener.known();
    let path = "/org/freedesktop/UPower";
    house.with::<Power>(path, |power, _| (power.battery, power.lid) = (true, Some(true)));
    let object = house.bus.object_server().interface::<_, Power>(path).unwrap();
    zbus::block_on(object.get().on_battery_changed(object.signal_emitter())).unwrap();
    let session = listener.until("it is on battery", |s| s.on_battery == Some(true));
    assert_eq!((session.lid_closed, session.no_look()), (Some(true), Some(LookBlock::LidClosed)));
}

#[test]
fn a_lid_that_only_logind_knows_of_is_asked_for_when_a_look_is_due() {
    let house = House::empty();
    house.logind(Hints { locked: false, behind: false, idle: false, hangs: false });
    let listener = house.listen();
    assert_eq!(listener.known().lid_closed, Some(false));
    assert_eq!(listener.ears.nobody_there(), None);
    house.with::<Manager>(LOGIND, |manager, _| manager.lid = true);
    assert_eq!(listener.ears.nobody_there(), Some(LookBlock::LidClosed));
}

#[test]
fn after_a_sleep_the_camera_waits_until_it_is_known_who_is_there() {
    let house = House::new();
    let listener = house.listen();
    listener.known();
    house.sleep(true);
    assert_eq!(listener.until("it sleeps", |s| s.asleep).no_look(), Some(LookBlock::Asleep));
    // The lock comes with the sleep, and logind does not answer at once.
    house.with::<Hints>(SESSION, |hints, _| (hints.hangs, hints.locked) = (true, true));
    house.sleep(false);
    let woken = listener.until("it wakes", |s| !s.asleep);
    assert_eq!((woken.no_look(), woken.locked), (Some(LookBlock::PresenceUnknown), None));
    // Longer than one question may take: it still is not looked.
    let silent = listener.news.recv_timeout(Duration::from_secs(3));
    assert!(silent.as_ref().map_or(true, |session| session.waking), "{silent:?}");
    house.with::<Hints>(SESSION, |hints, _| hints.hangs = false);
    let known = listener.known();
    assert_eq!(known.no_look(), Some(LookBlock::Locked));
}

#[test]
fn a_logind_that_hangs_at_the_start_holds_nothing_up() {
    let house = House::empty();
    house.logind(Hints { locked: true, behind: false, idle: false, hangs: true });
    let listener = house.listen();
    let began = Instant::now();
    assert_eq!(listener.known().locked, None);
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn who_has_not_touched_the_machine_is_not_looked_at_in_whatever_unit_that_is_told() {
    for unit in [1, 1000] {
        let house = House::empty();
        let touched = std::sync::Arc::new(Mutex::new(Instant::now().checked_sub(Duration::from_secs(400)).unwrap()));
        let last = touched.clone();
        let idle = Box::new(move || (last.lock().unwrap().elapsed().as_millis() as u32) * unit / 1000);
        house.serve("/org/freedesktop/ScreenSaver", Saver { active: false, idle });
        house.bus.request_name("org.freedesktop.ScreenSaver").unwrap();
        let listener = house.listen();
        listener.known();
        assert_eq!(listener.ears.nobody_there(), Some(LookBlock::Idle), "{unit} units a second");
        *touched.lock().unwrap() = Instant::now().checked_sub(Duration::from_secs(40)).unwrap();
        assert_eq!(listener.ears.nobody_there(), None, "{unit} units a second");
    }
}

#[test]
fn do_not_disturb_is_heard_of_from_plasma() {
    let house = House::empty();
    let path = "/org/freedesktop/Notifications";
    house.serve(path, Notifications { inhibited: false });
    house.bus.request_name("org.freedesktop.Notifications").unwrap();
    let listener = house.listen();
    assert_eq!(listener.known().quiet, Some(false));
    house.with::<Notifications>(path, |daemon, _| daemon.inhibited = true);
    let object = house.bus.object_server().interface::<_, Notifications>(path).unwrap();
    zbus::block_on(object.get().inhibited_changed(object.signal_emitter())).unwrap();
    listener.until("it is quiet", |s| s.quiet == Some(true));
}

#[test]
fn do_not_disturb_is_heard_of_from_xfce() {
    let house = House::empty();
    let path = "/org/xfce/Xfconf";
    house.serve(path, Xfconf(HashMap::new()));
    house.bus.request_name("org.xfce.Xfconf").unwrap();
    let listener = house.listen();
    assert_eq!(listener.known().quiet, None, "never set");
    let key = ("xfce4-notifyd".to_owned(), "/do-not-disturb".to_owned());
    house.with::<Xfconf>(path, |settings, emitter| {
        settings.0.insert(key.clone(), true);
        zbus::block_on(Xfconf::property_changed(emitter, &key.0, &key.1, true.into())).unwrap();
    });
    listener.until("it is quiet", |s| s.quiet == Some(true));
}

#[test]
fn while_nothing_changes_nobody_wakes() {
    let house = House::new();
    let listener = house.listen();
    listener.known();
    let sleeps = || -> u64 {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap().filter_map(|task| task.ok());
        let ours = ["system bus", "desktop"];
        let mine = tasks.filter(|task| {
            std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| ours.contains(&name.trim()))
        });
        let count = |task: std::fs::DirEntry| -> Option<u64> {
            let status = std::fs::read_to_string(task.path().join("status")).ok()?;
            status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))?.trim().parse().ok()
        };
        mine.filter_map(count).sum()
    };
    assert!(sleeps() > 0, "the threads are found");
    // What the start has stirred up settles first.
    let still = || {
        let before = sleeps();
        std::thread::sleep(Duration::from_secs(3));
        sleeps() == before
    };
    assert!((0..3).any(|_| still()));
}

#[test]
fn the_real_services_are_understood_where_a_machine_has_them() {
    let bus = Builder::system().and_then(|builder| builder.method_timeout(Duration::from_secs(2)).build());
    let Ok(bus) = bus else { return println!("skipped: there is no system bus") };
    let names = zbus::blocking::fdo::DBusProxy::new(&bus).unwrap().list_activatable_names().unwrap();
    let has = |name: &str| names.iter().any(|other| other.as_str() == name);
    if !has("org.freedesktop.login1") && !has("org.freedesktop.UPower") {
        return println!("skipped: neither logind nor UPower is on the system bus");
    }
    let (tell, news) = mpsc::channel();
    let ears = PresenceMonitor::start(Buses::default(), move |session| tell.send(session).unwrap_or_default()).unwrap();
    let session = Listener { ears, news }.known();
    println!("{session:?}");
    assert!(!has("org.freedesktop.UPower") || session.on_battery.is_some(), "UPower tells of the battery");
}
