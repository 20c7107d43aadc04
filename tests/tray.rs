//! The tray on a bus of its own, with a status notifier watcher of the test's: what a panel would see.

mod desk;

use std::collections::HashMap;
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use desk::{Desk, until};
use moodring::desktop::ipc::wire::{PhaseReport, PickReport, StatusReport};
use moodring::desktop::tray::menu::{Item, MenuAction, model};
use moodring::desktop::tray::{Tray, icon};
use moodring::desktop::wording;
use moodring_core::domain::pick::ScoreBreakdown;
use moodring_core::domain::song::Opinion;
use moodring_core::message::Request;
use moodring_core::mood::{Intent, Mood, MoodName};
use zbus::blocking::connection::Builder;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedValue, Structure, Value};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const MENU: (&str, &str) = ("/MenuBar", "com.canonical.dbusmenu");
const ITEM: (&str, &str) = ("/StatusNotifierItem", "org.kde.StatusNotifierItem");

fn view() -> StatusReport {
    let next = PickReport {
        path: "/music/rain.ogg".into(),
        title: "Rain & Shine_now".into(),
        artist: "The Clouds".into(),
        why: "calm and bright like your mood".into(),
        terms: ScoreBreakdown::default(),
    };
    StatusReport {
        phase: PhaseReport::Watching,
        no_look: None,
        mood: Mood { valence: 0.82, energy: 0.74, confidence: 0.8 },
        mood_name: MoodName::Happy,
        scores: None,
        unread: None,
        by_hand: None,
        intent: Intent::Match,
        player: Some("VLC media player".into()),
        way: None,
        playing: Some("Sun – The Skies".into()),
        ours: None,
        opinion: Opinion::None,
        next: Some(next),
        waiting_for: None,
        songs: 512,
    }
}

/// What a panel brings: a watcher that writes down who registers.
struct Panel {
    bus: Connection,
    registered: Arc<Mutex<Vec<String>>>,
}

struct Watcher(Arc<Mutex<Vec<String>>>);

#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(&self, #[zbus(header)] header: zbus::message::Header<'_>, service: &str) {
        let sender = header.sender().unwrap().to_string();
        // An item registers by a name or by a path; either way the sender is who serves it.
        let name = if service.starts_with('/') { sender } else { service.into() };
        self.0.lock().unwrap().push(name);
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

impl Panel {
    fn start() -> Self {
        let registered = Arc::<Mutex<Vec<String>>>::default();
        let builder = Builder::session().unwrap().method_timeout(Duration::from_secs(5));
        let builder = builder.serve_at("/StatusNotifierWatcher", Watcher(Arc::clone(&registered))).unwrap();
        let bus = builder.name(WATCHER).unwrap().build().unwrap();
        Self { bus, registered }
    }

    /// The item that registered last, once one has.
    fn item(&self) -> String {
        until("the icon registers", || !self.registered.lock().unwrap().is_empty());
        self.registered.lock().unwrap().last().cloned().unwrap()
    }

    fn proxy(&self, (path, interface): (&'static str, &'static str)) -> Proxy<'static> {
        let builder =
            zbus::blocking::proxy::Builder::<Proxy<'static>>::new(&self.bus).destination(self.item()).unwrap();
        let builder = builder.path(path).unwrap().interface(interface).unwrap();
        builder.cache_properties(zbus::proxy::CacheProperties::No).build().unwrap()
    }

    fn title(&self) -> String {
        self.proxy(ITEM).get_property("Title").unwrap()
    }

    /// The description of the tooltip.
    fn tooltip(&self) -> String {
        type Pixmaps = Vec<(i32, i32, Vec<u8>)>;
        let tip: (String, Pixmaps, String, String) = self.proxy(ITEM).get_property("ToolTip").unwrap();
        tip.3
    }

    /// The pixels as the ring draws them, turned back from the panel's ARGB.
    fn pixels(&self) -> Vec<u8> {
        let maps: Vec<(i32, i32, Vec<u8>)> = self.proxy(ITEM).get_property("IconPixmap").unwrap();
        let mut pixels = maps.into_iter().next().unwrap().2;
        pixels.chunks_mut(4).for_each(|pixel| pixel.rotate_left(1));
        pixels
    }

    fn menu(&self) -> Vec<Entry> {
        type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));
        let layout: Layout = self.proxy(MENU).call("GetLayout", &(0, -1, Vec::<String>::new())).unwrap();
        layout.1.2.iter().map(|child| Entry::read(child)).collect()
    }

    /// Whether the entry was still there.
    fn click(&self, id: i32) -> bool {
        let event = (id, "clicked", Value::from(0), 0u32);
        self.proxy(MENU).call::<_, _, ()>("Event", &event).is_ok()
    }

    /// Clicks the entry with these texts on the way to it. A menu that changes meanwhile has new entries: they are read again, as
    /// a panel does.
    fn choose(&self, path: &[&str]) {
        until(&format!("{path:?} is clicked"), || self.entry(path).is_some_and(|id| self.click(id)));
    }

    fn entry(&self, path: &[&str]) -> Option<i32> {
        let (last, menus) = path.split_last()?;
        let mut entries = self.menu();
        for text in menus {
            entries = entries.into_iter().find(|entry| entry.text == *text)?.children;
        }
        entries.iter().find(|entry| entry.text == *last).map(|entry| entry.id)
    }
}

/// An entry as the panel gets it.
#[derive(Debug, PartialEq)]
struct Entry {
    id: i32,
    text: String,
    enabled: bool,
    separator: bool,
    /// `None`: cannot be checked.
    checked: Option<bool>,
    children: Vec<Entry>,
}

impl Entry {
    fn read(value: &Value<'_>) -> Self {
        let inner = if let Value::Value(inner) = value { inner } else { value };
        let structure = Structure::try_from(inner.try_clone().unwrap()).unwrap();
        let (id, properties, children): (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>) =
            structure.try_into().unwrap();
        let text = |key: &str| properties.get(key).and_then(|v| String::try_from(v.try_clone().unwrap()).ok());
        let flag = |key: &str, default| properties.get(key).map_or(default, |v| bool::try_from(v).unwrap());
        let state = properties.get("toggle-state").map_or(0, |v| i32::try_from(v).unwrap());
        Self {
            id,
            text: text("label").unwrap_or_default().replace("__", "\0").replace('_', "").replace('\0', "_"),
            enabled: flag("enabled", true),
            separator: text("type").as_deref() == Some("separator"),
            checked: text("toggle-type").map(|_| state == 1),
            children: children.iter().map(|child| Self::read(child)).collect(),
        }
    }

    fn shows(&self, item: &Item) -> bool {
        let plain = |text: &String, enabled| {
            (&self.text, self.enabled, self.separator, self.children.len()) == (text, enabled, false, 0)
        };
        match item {
            Item::Separator => self.separator,
            Item::Line(text) => plain(text, false) && self.checked.is_none(),
            Item::Action(text, _) => plain(text, true) && self.checked.is_none(),
            Item::Choice(text, on, _) => plain(text, true) && self.checked == Some(*on),
            Item::Menu(text, items) => self.text == *text && self.enabled && show(&self.children, items),
        }
    }
}

fn show(entries: &[Entry], items: &[Item]) -> bool {
    entries.len() == items.len() && entries.iter().zip(items).all(|(entry, item)| entry.shows(item))
}

/// A tray that shows `view()`, and what is asked through it.
fn tray() -> (Tray, Receiver<Request>) {
    let (ask, asked) = mpsc::channel();
    let tray = Tray::start(move |request| ask.send(request).unwrap()).expect("there is a bus");
    tray.show(view());
    (tray, asked)
}

fn next(asked: &Receiver<Request>) -> Request {
    asked.recv_timeout(Duration::from_secs(10)).expect("the click arrives as a request")
}

#[test]
fn without_a_bus_there_is_no_tray_and_no_error() {
    let _desk = Desk::without_bus();
    assert!(Tray::start(|_| {}).is_none());
}

#[test]
fn the_icon_registers_with_a_panel_that_is_there() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (_tray, _) = tray();
    assert_eq!(panel.title(), wording::tooltip(&view())[0]);
    assert_eq!(panel.proxy(ITEM).get_property::<String>("Id").unwrap(), "moodring");
}

#[test]
fn the_icon_comes_when_the_panel_comes_late_and_again_after_its_restart() {
    let _desk = Desk::new();
    let (tray, _) = tray();
    let first = Panel::start();
    assert_eq!(first.title(), wording::tooltip(&view())[0]);
    drop(first);
    let second = Panel::start();
    assert_eq!(second.title(), wording::tooltip(&view())[0]);
    let paused = StatusReport { phase: PhaseReport::Paused(None), ..view() };
    tray.show(paused.clone());
    until("the new panel sees the change", || second.title() == wording::tooltip(&paused)[0]);
}

fn shows(tray: &Tray, phase: PhaseReport) -> StatusReport {
    let view = StatusReport { phase, ..view() };
    tray.show(view.clone());
    view
}

#[test]
fn the_icon_comes_back_after_a_restart_of_the_bus() {
    let mut desk = Desk::new();
    let (tray, asked) = tray();
    assert_eq!(Panel::start().title(), wording::tooltip(&view())[0]);
    for phase in [PhaseReport::Paused(None), PhaseReport::Watching] {
        desk.stop_bus();
        desk.start_bus();
        let panel = Panel::start();
        panel.item();
        let shown = shows(&tray, phase);
        until("the new icon follows", || panel.title() == wording::tooltip(&shown)[0]);
        panel.choose(&["Quit"]);
        assert_eq!(next(&asked), Request::Quit);
    }
}

#[test]
fn the_panel_gets_the_menu_of_the_model() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (tray, _) = tray();
    panel.item();
    let asking = StatusReport { phase: PhaseReport::Asking, next: None, playing: None, ..view() };
    let troubled =
        StatusReport { phase: PhaseReport::Trouble("the camera is gone".into()), intent: Intent::Calm, ..view() };
    let by_hand = StatusReport { by_hand: Some(MoodName::Angry), phase: PhaseReport::Paused(Some(600)), ..view() };
    for view in [view(), asking, troubled, by_hand, view()] {
        tray.show(view.clone());
        until(&format!("the menu shows {view:?}"), || show(&panel.menu(), &model(&view)));
    }
}

#[test]
fn a_click_arrives_as_a_request() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (_tray, asked) = tray();
    panel.choose(&["Pause", "1 hour"]);
    assert_eq!(next(&asked), Request::Pause(Some(Duration::from_secs(3600))));
    panel.choose(&["Mood by hand", "Surprised"]);
    assert_eq!(next(&asked), Request::Mood(Some(MoodName::Surprised)));
    panel.choose(&["Pause", "Until tomorrow"]);
    assert!(matches!(next(&asked), Request::Pause(Some(time)) if !time.is_zero()));
    panel.choose(&["Quit"]);
    assert_eq!(next(&asked), Request::Quit);
}

/// Every entry that does something, with its deed, and the way to it.
fn deeds(items: &[Item], way: &[String]) -> Vec<(Vec<String>, MenuAction)> {
    let step = |text: &String| way.iter().chain([text]).cloned().collect::<Vec<_>>();
    let deed = |item: &Item| match item {
        Item::Line(_) | Item::Separator => vec![],
        Item::Action(text, deed) | Item::Choice(text, _, deed) => vec![(step(text), deed.clone())],
        Item::Menu(text, items) => deeds(items, &step(text)),
    };
    items.iter().flat_map(deed).collect()
}

#[test]
fn every_entry_does_what_it_says() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (tray, asked) = tray();
    for view in [
        view(),
        StatusReport { phase: PhaseReport::Asking, ..view() },
        StatusReport { phase: PhaseReport::Paused(None), ..view() },
    ] {
        tray.show(view.clone());
        until("the menu is shown", || show(&panel.menu(), &model(&view)));
        for (way, deed) in deeds(&model(&view), &[]) {
            panel.choose(&way.iter().map(String::as_str).collect::<Vec<_>>());
            let request = next(&asked);
            match deed {
                MenuAction::Ask(expected) => assert_eq!(request, expected, "{way:?}"),
                MenuAction::PauseUntilTomorrow => assert!(matches!(request, Request::Pause(Some(_))), "{way:?}"),
            }
        }
    }
}

#[test]
fn a_choice_stays_as_it_was_until_the_agent_says_so() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (tray, asked) = tray();
    panel.choose(&["Lift my mood"]);
    assert_eq!(next(&asked), Request::Intent(Intent::Lift));
    until("the choice is set right again", || show(&panel.menu(), &model(&view())));
    let lifted = StatusReport { intent: Intent::Lift, ..view() };
    tray.show(lifted.clone());
    until("the choice is shown", || show(&panel.menu(), &model(&lifted)));
}

#[test]
fn a_left_click_pauses_or_resumes_but_decides_nothing_before_the_first_answer() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (tray, asked) = tray();
    let click = || panel.proxy(ITEM).call::<_, _, ()>("Activate", &(0, 0)).unwrap();
    click();
    assert_eq!(next(&asked), Request::Toggle);
    let asking = StatusReport { phase: PhaseReport::Asking, ..view() };
    tray.show(asking.clone());
    until("the question is shown", || show(&panel.menu(), &model(&asking)));
    click();
    panel.choose(&[wording::DENY]);
    assert_eq!(next(&asked), Request::Consent(false), "the click before asked for something");
}

#[test]
fn icon_and_tooltip_follow_what_is_shown() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (tray, _) = tray();
    assert_eq!(panel.pixels(), icon::draw(&view(), 64));
    let looking = StatusReport { phase: PhaseReport::Looking, ..view() };
    tray.show(looking.clone());
    until("the icon changes", || panel.pixels() == icon::draw(&looking, 64));
    let sad =
        StatusReport { mood: Mood { valence: 0.2, energy: 0.2, confidence: 0.9 }, mood_name: MoodName::Sad, ..view() };
    tray.show(sad.clone());
    until("the tooltip changes", || panel.tooltip() == wording::tooltip(&sad)[1]);
    until("the icon changes", || panel.pixels() == icon::draw(&sad, 64));
}

#[test]
fn the_icon_goes_when_the_tray_is_dropped() {
    let _desk = Desk::new();
    let panel = Panel::start();
    let (tray, _) = tray();
    let item = panel.proxy(ITEM);
    assert!(item.get_property::<String>("Title").is_ok());
    drop(tray);
    until("the icon is gone", || item.get_property::<String>("Title").is_err());
}

/// All icons, at the sizes of panels, on a dark, a light and a middle one: `target/tmp/icons.png`.
#[test]
fn all_icons_fit_on_a_sheet_to_look_at() {
    const SIDES: [u32; 5] = [16, 22, 32, 48, 64];
    let phases = [
        PhaseReport::Watching,
        PhaseReport::Looking,
        PhaseReport::Paused(None),
        PhaseReport::Asking,
        PhaseReport::Trouble("the camera is gone".into()),
    ];
    let moods = [(0.82, 0.74), (0.2, 0.2), (0.2, 0.8), (0.6, 0.85), (0.5, 0.5)];
    let width = SIDES.iter().map(|side| side + 8).sum::<u32>();
    let (rows, columns) = (phases.len() as u32 * 72, moods.len() as u32 * width);
    let mut sheet = image::RgbImage::new(columns, rows * 3);
    for (band, panel) in [34u8, 240, 128].into_iter().enumerate() {
        for (row, phase) in phases.iter().enumerate() {
            for (column, (valence, energy)) in moods.into_iter().enumerate() {
                let mood = Mood { valence, energy, confidence: 0.9 };
                let icon = StatusReport { phase: phase.clone(), mood, ..view() };
                let mut left = column as u32 * width;
                for side in SIDES {
                    let top = band as u32 * rows + row as u32 * 72 + (72 - side) / 2;
                    paint(&mut sheet, [left, top - (72 - side) / 2, side + 8, 72], panel);
                    stamp(&mut sheet, [left + 4, top], side, &icon::draw(&icon, side));
                    left += side + 8;
                }
            }
        }
    }
    sheet.save(std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("icons.png")).unwrap();
}

fn paint(sheet: &mut image::RgbImage, [left, top, width, height]: [u32; 4], grey: u8) {
    for (x, y) in (0..width * height).map(|k| (left + k % width, top + k / width)) {
        sheet.put_pixel(x, y, image::Rgb([grey; 3]));
    }
}

fn stamp(sheet: &mut image::RgbImage, [left, top]: [u32; 2], side: u32, pixels: &[u8]) {
    for (k, icon) in (0..).zip(pixels.chunks(4)) {
        let under = sheet.get_pixel_mut(left + k % side, top + k / side);
        let (part, whole) = (u16::from(icon[3]), 255);
        for (under, over) in under.0.iter_mut().zip(icon) {
            *under = ((u16::from(*over) * part + u16::from(*under) * (whole - part)) / whole) as u8;
        }
    }
}
