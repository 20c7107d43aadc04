//! The tray.
