//! Errors of the kernel as errors of a camera.

use std::fmt::Display;
use std::io;
use std::time::Duration;

use crate::capture::usage;
use moodring_core::domain::observation::CaptureError;

/// The error for an error of the kernel on `/dev/video<index>`; `doing` completes "cannot …".
pub fn from_io_error(index: u32, doing: &str, error: &io::Error) -> CaptureError {
    from_errno(index, error.raw_os_error(), || format!("cannot {doing} /dev/video{index}: {error}"))
}

/// As [`from_io_error`], from the text of a library that contains the errno ("… (os error 16)").
pub fn from_text(index: u32, doing: &str, text: &str) -> CaptureError {
    from_errno(index, errno(text), || format!("cannot {doing} /dev/video{index}: {text}"))
}

/// No frame arrived in time.
pub fn no_frame(place: impl Display, limit: Duration) -> CaptureError {
    CaptureError::TimedOut(format!("no frame came from {place} within {:.1} s", limit.as_secs_f32()))
}

fn from_errno(index: u32, errno: Option<i32>, otherwise: impl FnOnce() -> String) -> CaptureError {
    let device = format!("/dev/video{index}");
    match errno {
        Some(libc::ENOENT | libc::ENXIO) => CaptureError::NoCamera(format!("there is no camera {device}")),
        Some(libc::EACCES | libc::EPERM) => {
            CaptureError::Forbidden(format!("no permission to open the camera {device}"))
        }
        Some(libc::EBUSY) => {
            let user = usage::find_user(&device);
            let detail = format!("the camera {device} is in use by {}", user.as_deref().unwrap_or("another program"));
            CaptureError::Busy { detail, user }
        }
        Some(libc::ENODEV) => CaptureError::Unplugged(format!("the camera {device} was unplugged")),
        _ => CaptureError::Failed(otherwise()),
    }
}

/// The errno in "… (os error 16)".
pub fn errno(text: &str) -> Option<i32> {
    let (_, rest) = text.rsplit_once("os error ")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_kernel_are_distinguished_by_errno() {
        let trouble = |errno| from_io_error(7, "open", &io::Error::from_raw_os_error(errno));
        assert!(matches!(trouble(2), CaptureError::NoCamera(_)));
        assert!(matches!(trouble(13), CaptureError::Forbidden(_)));
        assert!(matches!(trouble(16), CaptureError::Busy { .. }));
        assert!(matches!(trouble(19), CaptureError::Unplugged(_)));
        let other = trouble(5);
        assert!(matches!(&other, CaptureError::Failed(it) if it.contains("/dev/video7")), "{other:?}");
    }

    #[test]
    fn an_errno_in_a_text_is_found() {
        let text = "Could not open device stream: Device or resource busy (os error 16)";
        assert!(matches!(from_text(7, "stream from", text), CaptureError::Busy { .. }));
        assert!(matches!(from_text(7, "stream from", "Failed to Fufill"), CaptureError::Failed(_)));
    }

    #[test]
    fn json_names_the_error_and_its_detail() {
        let json = serde_json::to_string(&CaptureError::NoCamera("none".into())).unwrap();
        assert_eq!(json, r#"{"trouble":"no-camera","detail":"none"}"#);
    }
}
