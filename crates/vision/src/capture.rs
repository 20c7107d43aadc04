//! Sources of frames: cameras, pictures, and who uses a camera.

mod call_timer;
pub mod camera;
pub mod camera_kind;
pub mod device;
mod direct_stream;
pub(crate) mod error;
mod nokhwa_stream;
pub mod pictures;
pub mod pixel_format;
pub mod pixels;
pub mod selection;
pub mod usage;
mod video_node;
pub mod webcam;
