//! What this kernel can take from the process that sees.

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
            gap.unwrap_or("the kernel does not tell what it can confine"),
            "a kernel with Landlock (5.13 or newer, with \"landlock\" in its list of security modules) does better",
        ),
    }
}
