//! Why a look saw nothing, and what its owner can do about it.

use std::fmt;
use std::io;

use serde::{Deserialize, Serialize};

use super::holder;

/// Why a look saw nothing, in a sentence. The look process names it in its last JSON line and exits with 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trouble", content = "detail", rename_all = "kebab-case")]
pub enum Trouble {
    NoCamera(String),
    Busy(String),
    Forbidden(String),
    Unplugged(String),
    /// It did not end within its limit and was killed.
    TimedOut(String),
    Failed(String),
}

impl Trouble {
    /// What an error of the kernel on `/dev/video<index>` means; `doing` completes "cannot …".
    pub fn of(index: u32, doing: &str, error: &io::Error) -> Self {
        Self::told(index, error.raw_os_error(), || format!("cannot {doing} /dev/video{index}: {error}"))
    }

    /// As [`Trouble::of`], from the words of a library that keeps the number only in its text ("… (os error 16)").
    pub fn said(index: u32, doing: &str, text: &str) -> Self {
        Self::told(index, errno(text), || format!("cannot {doing} /dev/video{index}: {text}"))
    }

    fn told(index: u32, errno: Option<i32>, otherwise: impl FnOnce() -> String) -> Self {
        let device = format!("/dev/video{index}");
        match errno {
            Some(libc::ENOENT | libc::ENXIO) => Self::NoCamera(format!("there is no camera {device}")),
            Some(libc::EACCES | libc::EPERM) => Self::Forbidden(format!("no permission to open the camera {device}")),
            Some(libc::EBUSY) => Self::Busy(match holder::of(&device) {
                Some(holder) => format!("the camera {device} is in use by {holder}"),
                None => format!("the camera {device} is in use by another program"),
            }),
            Some(libc::ENODEV) => Self::Unplugged(format!("the camera {device} was unplugged")),
            _ => Self::Failed(otherwise()),
        }
    }

    /// The sentence.
    pub fn detail(&self) -> &str {
        match self {
            Self::NoCamera(it) | Self::Busy(it) | Self::Forbidden(it) => it,
            Self::Unplugged(it) | Self::TimedOut(it) | Self::Failed(it) => it,
        }
    }

    /// The way out.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoCamera(_) => {
                "plug one in, choose another with --camera, or look at pictures with --pictures; `moodring doctor` lists what is there"
            }
            Self::Busy(_) => "close the program that uses it, or look again later",
            Self::Forbidden(_) => {
                "add yourself to the group \"video\" (`sudo adduser $USER video`), then log out and in again"
            }
            Self::Unplugged(_) => "plug it in again",
            Self::TimedOut(_) => "plug the camera out and in again; some need a moment after the computer wakes up",
            Self::Failed(_) => "`moodring doctor` checks the camera and the models",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.detail())
    }
}

impl std::error::Error for Trouble {}

fn errno(text: &str) -> Option<i32> {
    let (_, rest) = text.rsplit_once("os error ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_kernel_are_told_apart_by_their_number() {
        let trouble = |errno| Trouble::of(7, "open", &io::Error::from_raw_os_error(errno));
        assert!(matches!(trouble(2), Trouble::NoCamera(_)));
        assert!(matches!(trouble(13), Trouble::Forbidden(_)));
        assert!(matches!(trouble(16), Trouble::Busy(_)));
        assert!(matches!(trouble(19), Trouble::Unplugged(_)));
        let other = trouble(5);
        assert!(matches!(&other, Trouble::Failed(it) if it.contains("/dev/video7")), "{other:?}");
    }

    #[test]
    fn a_number_within_words_is_found() {
        let text = "Could not open device stream: Device or resource busy (os error 16)";
        assert!(matches!(Trouble::said(7, "stream from", text), Trouble::Busy(_)));
        assert!(matches!(Trouble::said(7, "stream from", "Failed to Fufill"), Trouble::Failed(_)));
    }

    #[test]
    fn json_names_the_trouble_and_its_detail() {
        let json = serde_json::to_string(&Trouble::NoCamera("none".into())).unwrap();
        assert_eq!(json, r#"{"trouble":"no-camera","detail":"none"}"#);
    }
}
