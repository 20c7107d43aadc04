//! The log on standard error, which systemd's journal keeps.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Starts logging at this level; `MOODRING_LOG` (a filter of `tracing`) overrides it.
pub fn begin(level: LevelFilter) {
    let filter = EnvFilter::builder().with_default_directive(level.into()).with_env_var("MOODRING_LOG");
    let log = tracing_subscriber::fmt().with_env_filter(filter.from_env_lossy()).with_writer(std::io::stderr);
    let log = log.with_ansi(std::io::stderr().is_terminal());
    // The journal adds the time itself.
    let journal = std::env::var_os("JOURNAL_STREAM").is_some();
    let begun = if journal { log.without_time().try_init() } else { log.try_init() };
    if let Err(error) = begun {
        eprintln!("moodring: cannot start logging: {error}");
    }
}
