//! What `moodring import` is asked.

use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    pub source: ImportKind,
    /// Print what came of it as JSON
    #[arg(long, global = true)]
    pub json: bool,
}

#[derive(Debug, clap::Subcommand)]
pub enum ImportKind {
    /// From ListenBrainz: your listens, listeners like you, and its recommendations
    #[command(name = "listenbrainz")]
    ListenBrainz(ListenBrainzArgs),
    /// From an export of a Last.fm history, as CSV or JSON
    #[command(name = "lastfm")]
    LastFm(FileArgs),
    /// From the account data that Spotify sends on request, unpacked
    Spotify(FileArgs),
    /// From a table with the columns user,item,rating
    Csv(RatingArgs),
    /// From playlists, M3U or XSPF
    Playlist(FileArgs),
    /// Show what was imported, and which songs have no file here
    List(ListArgs),
    /// Take back all that was imported from one source
    Forget(ForgetSource),
}

#[derive(Debug, clap::Args)]
pub struct ListenBrainzArgs {
    /// Whose listens; without it, those of the token's owner
    #[arg(long, value_name = "NAME")]
    pub user: Option<String>,
    /// Your token; better in the environment or a file, where other users of this machine do not see it
    #[arg(long, env = "LISTENBRAINZ_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// A file that holds the token; it goes before any other
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// How many listeners like you to learn from
    #[arg(long, value_name = "N", default_value_t = 25, value_parser = clap::value_parser!(u16).range(0..=500))]
    pub similar: u16,
    /// Another server that speaks the same language
    #[arg(long, value_name = "URL", default_value = "https://api.listenbrainz.org")]
    pub server: String,
}

#[derive(Debug, clap::Args)]
pub struct FileArgs {
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct RatingArgs {
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Which user is you; all others are other listeners
    #[arg(long, value_name = "USER")]
    pub me: Option<String>,
}

#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// How many songs without a file to show
    #[arg(short = 'n', long, default_value_t = 20)]
    pub number: u32,
}

#[derive(Debug, clap::Args)]
pub struct ForgetSource {
    /// As `moodring import list` names it
    #[arg(value_name = "SOURCE")]
    pub source: String,
}
