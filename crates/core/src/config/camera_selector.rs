//! A camera as its user names it.

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A camera as its owner names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CameraSelector {
    /// The first that takes colour pictures.
    #[default]
    Auto,
    /// As in `/dev/video<index>`.
    Index(u32),
    /// `/dev/video2`, or a link to it that lasts over restarts: `/dev/v4l/by-id/…`.
    Path(PathBuf),
    /// Its name, or a part of that, in any case: "c920".
    Name(String),
}

impl FromStr for CameraSelector {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "auto" | "" => Self::Auto,
            path if path.starts_with('/') => Self::Path(path.into()),
            other => other.parse().map_or_else(|_| Self::Name(other.into()), Self::Index),
        })
    }
}

impl fmt::Display for CameraSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Index(index) => write!(f, "/dev/video{index}"),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl Serialize for CameraSelector {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Index(index) => to.serialize_u32(*index),
            other => to.collect_str(other),
        }
    }
}

impl<'de> Deserialize<'de> for CameraSelector {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "a camera is \"auto\", a number as in /dev/video0, a path, or a part of its name"
        )]
        enum NumberOrText {
            Index(u32),
            Text(String),
        }
        Ok(match NumberOrText::deserialize(source)? {
            NumberOrText::Index(index) => Self::Index(index),
            NumberOrText::Text(text) => text.parse().unwrap_or_default(),
        })
    }
}
