//! Functions of the operating system that several crates use: folders, the session bus, processes, time limits, threads.

pub mod backoff;
pub mod bus;
pub mod deadline;
pub mod folders;
pub mod process;
pub mod program;
pub mod threads;
