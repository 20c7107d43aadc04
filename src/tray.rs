//! The tray: a [`crate::event::View`] as icon, tooltip and menu.

pub mod words;
