//! What is in the panel: made, compared, changed. It stays on the thread that made it.

use tray_icon::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};

use crate::desktop::ipc::wire::StatusReport;
use crate::desktop::tray::icon;
use crate::desktop::tray::menu::{Item, MenuAction, model};
use crate::desktop::wording;

/// Panels scale it down; large enough for a panel of a dense screen.
const SIDE: u32 = 64;

pub(super) struct Shown {
    tray: TrayIcon,
    view: StatusReport,
    pixels: Vec<u8>,
    tooltip: [String; 2],
    items: Vec<Item>,
}

impl Shown {
    pub(super) fn first(view: StatusReport) -> Result<Self, tray_icon::Error> {
        let (pixels, tooltip, items) = (icon::draw(&view, SIDE), wording::tooltip(&view), model(&view));
        let [title, line] = &tooltip;
        let tray = TrayIconBuilder::new()
            .with_id("moodring")
            .with_icon(icon(&pixels))
            .with_title(title)
            .with_tooltip(line)
            .with_menu(Box::new(menu(&items)))
            .build()?;
        Ok(Self { tray, view, pixels, tooltip, items })
    }

    pub(super) fn view(&self) -> &StatusReport {
        &self.view
    }

    pub(super) fn change(&mut self, view: StatusReport) {
        let (pixels, tooltip, items) = (icon::draw(&view, SIDE), wording::tooltip(&view), model(&view));
        if pixels != self.pixels {
            self.report(self.tray.set_icon(Some(icon(&pixels))));
        }
        if tooltip != self.tooltip {
            let [title, line] = &tooltip;
            self.tray.set_title(Some(title));
            self.report(self.tray.set_tooltip(Some(line)));
        }
        if items != self.items {
            self.tray.set_menu(Some(Box::new(menu(&items))));
        }
        (self.view, self.pixels, self.tooltip, self.items) = (view, pixels, tooltip, items);
    }

    /// A choice toggles itself when it is clicked; what is chosen is for the agent to say.
    pub(super) fn restore_choices(&self) {
        self.tray.set_menu(Some(Box::new(menu(&self.items))));
    }

    fn report(&self, result: Result<(), tray_icon::Error>) {
        if let Err(error) = result {
            tracing::warn!("the tray icon cannot be changed: {error}");
        }
    }
}

fn icon(pixels: &[u8]) -> Icon {
    Icon::from_rgba(pixels.to_vec(), SIDE, SIDE).expect("icon::draw gives side x side pixels of four bytes")
}

/// A new menu; the panel is told only what differs from the one before.
fn menu(items: &[Item]) -> Menu {
    let menu = Menu::new();
    for item in items {
        menu.append(&*entry(item)).expect("only GTK and Windows menus can refuse an item");
    }
    menu
}

fn entry(item: &Item) -> Box<dyn IsMenuItem> {
    match item {
        Item::Line(text) => Box::new(MenuItem::new(label(text), false, None)),
        Item::Separator => Box::new(PredefinedMenuItem::separator()),
        Item::Action(text, deed) => Box::new(MenuItem::with_id(id(deed), label(text), true, None)),
        Item::Choice(text, on, deed) => Box::new(CheckMenuItem::with_id(id(deed), label(text), true, *on, None)),
        Item::Menu(text, items) => {
            let menu = Submenu::new(label(text), true);
            for item in items {
                menu.append(&*entry(item)).expect("only GTK and Windows menus can refuse an item");
            }
            Box::new(menu)
        }
    }
}

/// An entry is known by what it does, so that a click on a menu that has just changed still means what it said.
fn id(deed: &MenuAction) -> String {
    serde_json::to_string(deed).expect("a deed has no map keys that are not text")
}

/// `&` marks the letter that chooses an entry; a title means its own.
fn label(text: &str) -> String {
    text.replace('&', "&&")
}
