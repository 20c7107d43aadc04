//! What several crates need from the operating system: folders, the session bus, time limits and named threads.

pub mod backoff;
pub mod bus;
pub mod deadline;
pub mod folders;
pub mod process;
pub mod program;
pub mod threads;
