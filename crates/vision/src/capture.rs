//! Frames: cameras, pictures, and who uses a camera.

pub mod camera;
pub mod device;
pub mod error;
pub mod frame;
pub mod pictures;
pub mod pixels;
pub mod selection;
pub mod session;
pub mod usage;
pub mod webcam;
