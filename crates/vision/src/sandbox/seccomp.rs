//! The system calls that a look may make.
//!
//! 1. This is a list of allowed calls. All others, such as opening a file, sockets, `io_uring`, `execve`, `ptrace`,
//!    `memfd_create` or a call of a future kernel, fail with EPERM.
//! 2. Such a list is usually fragile, because every library needs more calls. Here everything is open before, and later
//!    work needs only memory, threads, the camera's buffers and open files, of which only the two outputs are writable.
//! 3. A forbidden call returns an error and does not end the process, so a future engine can continue without it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen as Len, SeccompCmpOp as Op, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};
use v4l::v4l2::vidioc;

use crate::sandbox;

/// Calls that are allowed with any arguments.
const ALLOWED: &[i64] = &[
    // Memory.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads. `clone3` hides its flags in memory; another filter answers that it does not exist, and libc then takes `clone`.
    libc::SYS_clone3,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_membarrier,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    // Signals, for stacks that overflow and for Ctrl-C.
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sigaltstack,
    // Time and random numbers.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    // The timer that ends a wait for a frame; it exists already.
    libc::SYS_timer_settime,
    // Open files.
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readv,
    // Facts about the machine.
    libc::SYS_getrusage,
    libc::SYS_sysinfo,
    libc::SYS_uname,
];

/// Installs the filter on all threads. `false` if this kernel has no filters.
pub fn apply() -> Result<bool> {
    if !sandbox::probe().seccomp {
        return Ok(false);
    }
    for program in [no_clone3()?, allowed()?] {
        apply_filter_all_threads(&program).context("cannot install the filter of system calls")?;
    }
    Ok(true)
}

fn allowed() -> Result<BpfProgram> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED.iter().map(|&call| (call, Vec::new())).collect();
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_poll, Vec::new());
    rules.insert(libc::SYS_ioctl, ioctls()?);
    rules.insert(libc::SYS_mmap, vec![when(3, Op::MaskedEq(MAP_TYPE), libc::MAP_PRIVATE as u64)?]);
    rules.insert(libc::SYS_sched_setaffinity, vec![when(0, Op::Eq, 0)?]);
    rules.insert(libc::SYS_prctl, vec![when(0, Op::Eq, libc::PR_SET_NAME as u64)?]);
    rules.insert(libc::SYS_clone, vec![when(0, Op::MaskedEq(THREAD), THREAD)?]);
    rules.insert(libc::SYS_fcntl, each(1, [libc::F_GETFD, libc::F_SETFD, libc::F_GETFL].map(|it| it as u64))?);
    for call in [libc::SYS_write, libc::SYS_writev] {
        rules.insert(call, each(0, [1, 2])?);
    }
    program(rules, SeccompAction::Errno(libc::EPERM as u32), SeccompAction::Allow)
}

/// Forbids shared mappings, because one of an inherited descriptor could be written without `write`. The camera's buffers
/// are mapped before.
const MAP_TYPE: u64 = libc::MAP_TYPE as u64;

/// With this flag `clone` creates a thread, without it a process.
const THREAD: u64 = libc::CLONE_THREAD as u64;

/// Requests for the camera's buffers and the size of the terminal. TIOCSTI, which types into a terminal, is not among them.
fn ioctls() -> Result<Vec<SeccompRule>> {
    let camera = [
        vidioc::VIDIOC_QBUF,
        vidioc::VIDIOC_DQBUF,
        vidioc::VIDIOC_STREAMON,
        vidioc::VIDIOC_STREAMOFF,
        vidioc::VIDIOC_REQBUFS,
    ];
    each(1, camera.into_iter().chain([libc::TCGETS, libc::TIOCGWINSZ]))
}

fn no_clone3() -> Result<BpfProgram> {
    let rules = [(libc::SYS_clone3, Vec::new())].into();
    program(rules, SeccompAction::Allow, SeccompAction::Errno(libc::ENOSYS as u32))
}

fn each(argument: u8, values: impl IntoIterator<Item = u64>) -> Result<Vec<SeccompRule>> {
    values.into_iter().map(|value| when(argument, Op::Eq, value)).collect()
}

fn when(argument: u8, op: Op, value: u64) -> Result<SeccompRule> {
    let condition = SeccompCondition::new(argument, Len::Dword, op, value).map_err(anyhow::Error::from);
    condition.and_then(|it| Ok(SeccompRule::new(vec![it])?)).context("cannot state a rule for system calls")
}

fn program(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matched: SeccompAction,
) -> Result<BpfProgram> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).context("no filter of system calls is known")?;
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).context("cannot state the filter")?;
    filter.try_into().context("cannot compile the filter of system calls")
}
