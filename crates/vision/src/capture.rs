//! Sources of frames: cameras, pictures, and who uses a camera.

pub mod camera;
pub mod device;
pub mod error;
pub mod pictures;
pub mod pixels;
pub mod selection;
pub mod usage;
pub mod webcam;
