//! How far this kernel can confine the look process.

use crate::commands::doctor::Finding;
use moodring_vision::sandbox::probe;

pub(super) fn check() -> Finding {
    let sandbox = probe();
    match (sandbox.gap(), sandbox.landlock) {
        (None, Some(version)) => {
            Finding::ok("sandbox", format!("Landlock (interface {version}) and seccomp confine every look"))
        }
        (gap, _) => Finding::note(
            "sandbox",
            gap.unwrap_or("unknown: the kernel does not report what it can confine"),
            "use a kernel with Landlock (5.13 or newer, with \"landlock\" in its list of security modules)",
        ),
    }
}
