//! From a frame to expression scores: face detection, cropping, classification and the engines that run the networks.

pub mod crop;
pub mod engine;
pub mod expression;
pub mod face;
pub mod face_analyzer;
pub mod letterbox;
pub mod models;
