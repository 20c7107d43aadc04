//! Measurements of faces, expressions, taste and moods against labelled data: `moodring eval`.

pub mod classes;
pub mod command;
pub mod cost;
pub mod expressions;
pub mod faces;
pub mod feeling;
pub mod figures;
pub mod hearing;
pub mod histories;
pub mod hybrid;
pub mod manifest;
pub mod mood;
pub mod owner;
pub mod ranking;
pub mod sheet;
pub mod spoil;
pub mod taste;
pub mod tracks;
