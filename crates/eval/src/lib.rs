//! Measurements of faces, expressions, taste and moods against labelled data: `moodring eval`.

mod classes;
pub mod command;
mod cost;
mod expressions;
mod faces;
mod feeling;
mod figures;
mod hearing;
mod histories;
mod hybrid;
mod manifest;
mod mood;
mod owner;
mod ranking;
mod sheet;
mod spoil;
mod taste;
mod tracks;
