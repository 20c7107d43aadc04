//! The look: a short-lived, sandboxed process that reads expressions from a camera, and the client that starts it.

pub mod capture;
pub mod client;
pub mod frame;
pub mod inference;
pub mod protocol;
pub mod reporter;
pub mod sandbox;
pub mod session;
