//! The sandbox of the look process: no network, no written file, no core dump.
//!
//! It has two steps, because loading the models and a shared library needs more rights than a look does.
//!
//! 1. [`restrict_writes`] runs before the first thread starts, so every thread inherits it: only the camera can be opened
//!    for writing, and no connection can be made.
//! 2. [`lock_down`] runs when everything is loaded and open, before the first frame: no file can be opened, only the
//!    system calls of the module `seccomp` are allowed, and the memory is closed to debuggers and core dumps.

mod seccomp;
pub(crate) mod watchdog;
pub mod zeroing_alloc;

use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use landlock::{
    ABI, Access, AccessFs, AccessNet, LandlockStatus, PathBeneath, PathFd, RestrictSelfAttr, RestrictionStatus,
    Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetError, Scope,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use serde::{Deserialize, Serialize};

/// The newest interface of the landlock crate; older kernels enforce the rights that they have.
const NEWEST: ABI = ABI::V10;

/// The restrictions that the kernel enforces, or could enforce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sandbox {
    /// Version of Landlock's interface, since 4 with TCP and since 6 with abstract sockets; `None` if this kernel does not
    /// have it or it is not enabled.
    pub landlock: Option<u32>,
    /// Whether system calls are filtered.
    pub seccomp: bool,
}

impl Sandbox {
    /// A sentence about what is missing; `None` if nothing is.
    pub fn gap(&self) -> Option<&'static str> {
        match (self.landlock, self.seccomp) {
            (Some(_), true) => None,
            (None, true) => Some("this kernel has no Landlock; the look is confined by seccomp alone"),
            (Some(_), false) => Some("this kernel has no seccomp filters; the look is confined by Landlock alone"),
            (None, false) => Some("this kernel has neither Landlock nor seccomp; the look is not confined"),
        }
    }
}

/// Forbids writing files and using the network, for this thread and the threads that it starts. Only the camera may
/// still be opened for writing, which capture needs.
pub fn restrict_writes(camera: Option<&Path>) -> Result<()> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).context("cannot switch core dumps off")?;
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_write(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?;
    // A missing camera needs no rule.
    let device = camera.and_then(|camera| PathFd::new(camera).ok());
    let rule = device.map(|camera| PathBeneath::new(camera, AccessFs::WriteFile | AccessFs::IoctlDev));
    rules.create()?.add_rules(rule.map(Ok::<_, RulesetError>))?.restrict_self()?;
    Ok(())
}

/// Forbids everything that a look does not need, for the whole process.
pub fn lock_down() -> Result<Sandbox> {
    let rules = Ruleset::default().handle_access(AccessFs::from_all(NEWEST))?.create()?;
    // Threads of the engine have inherited the first step; from Landlock interface 8 on they get these rules too.
    let status = rules.all_threads(true)?.restrict_self()?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("cannot keep debuggers out")?;
    let seccomp = seccomp::apply()?;
    Ok(Sandbox { landlock: abi(&status), seccomp })
}

fn abi(status: &RestrictionStatus) -> Option<u32> {
    match status.landlock {
        LandlockStatus::Available { effective_abi, kernel_abi } => {
            Some(kernel_abi.unwrap_or(effective_abi as i32).unsigned_abs())
        }
        _ => None,
    }
}

/// The restrictions that this kernel could enforce. None is applied.
pub fn probe() -> Sandbox {
    // Flag 1 returns only the version of the interface (landlock_create_ruleset(2)).
    // SAFETY: with a null pointer and no size the call reads and writes no memory of this process.
    let version = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0_usize, 1_u32) };
    let landlock = u32::try_from(version).ok();
    Sandbox { landlock, seccomp: has_seccomp() }
}

fn has_seccomp() -> bool {
    // SAFETY: a null filter is refused with EFAULT where filters exist, and with EINVAL where they do not.
    let refused = unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, std::ptr::null::<u8>()) };
    refused == -1 && io::Error::last_os_error().raw_os_error() == Some(libc::EFAULT)
}
