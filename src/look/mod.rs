//! The look: what the short-lived process that opens the camera says on its standard output, a JSON line a frame.
//!
//! The first line is an [`Opening`] in an object of its own (`{"look": {"engine": …, "camera": …, "sandbox": …}}`), then
//! comes a [`Sighting`] a frame; a [`Trouble`] is the last line of a look that could not go on. A look by hand adds
//! `corrected` to each sighting: the scores of its faces with the owner's face at rest taken off.

pub mod command;
pub mod gaze;
pub mod process;
pub mod voice;

pub mod camera;
pub mod choice;
pub mod device;
pub mod frame;
pub mod holder;
pub mod pictures;
pub mod pixels;
pub mod webcam;

pub mod crop;
pub mod engine;
pub mod expression;
pub mod eye;
pub mod face;
pub mod letterbox;
pub mod models;

pub mod filter;
pub mod sandbox;
pub mod watchdog;
pub mod wipe;

pub mod show;
pub mod trouble;
pub mod words;

use serde::{Deserialize, Serialize};

use crate::mood::Scores;

pub use trouble::Trouble;

/// What a look says of itself before its first frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// What runs the models, with its version.
    pub engine: String,
    /// The device or the pictures that are looked at.
    pub camera: String,
    /// The same over restarts and other sockets; what is learned through the camera is kept under it.
    #[serde(default)]
    pub lasting_name: String,
    pub sandbox: sandbox::Sandbox,
}

/// A line of a look.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Line {
    Opening { look: Opening },
    Trouble(Trouble),
    Sighting(Sighting),
}

/// One frame, without its pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Counts from 0 within a look.
    pub frame: u32,
    /// Width and height of the frame in pixels.
    pub size: [u32; 2],
    /// Mean brightness of the frame, 0..1.
    pub brightness: f32,
    /// Largest first.
    pub faces: Vec<Face>,
    pub ms: Timing,
}

impl Sighting {
    /// Whether all its numbers can be what they say; another process's word is not trusted.
    pub fn is_sound(&self) -> bool {
        let share = |value: &f32| (0.0..=1.001).contains(value);
        let size = |value: &f32| value.abs() < 1e6;
        let sound = |face: &Face| {
            let shares = face.scores.values().into_iter().chain([face.confidence, face.brightness]);
            let measures = face.bounds.iter().chain([&face.turn]).all(size) && (0.0..1e6).contains(&face.sharpness);
            measures && shares.into_iter().all(|it| share(&it))
        };
        share(&self.brightness) && self.faces.iter().all(sound)
    }
}

/// A face found in a frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Face {
    /// Left, top, width and height in pixels of the frame; may reach over its edge.
    pub bounds: [f32; 4],
    /// The detector's, 0..1.
    pub confidence: f32,
    /// Variance of the Laplacian over the face at 64x64 (Pech-Pacheco et al. 2000); under 20 is blurred.
    pub sharpness: f32,
    /// Mean brightness of the face, 0..1.
    pub brightness: f32,
    /// How far the nose lies from the middle between the ears, in the distance between them: 0 looks at us, 0.6 is turned
    /// aside, 1 and more in profile.
    #[serde(default)]
    pub turn: f32,
    pub scores: Scores,
}

/// Milliseconds spent in each stage of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    pub capture: f32,
    pub detection: f32,
    pub classification: f32,
}
