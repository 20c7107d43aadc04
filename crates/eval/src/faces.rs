//! `moodring eval faces`: detected faces compared with counted faces.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;
use serde::Serialize;

use crate::manifest::{self, Row};
use moodring_core::error::user_error;
use moodring_core::mood::{Expression, Scores};
use moodring_vision::frame::Frame;
use moodring_vision::inference::crop::{GreyImage, Place};
use moodring_vision::inference::engine::Backend;
use moodring_vision::inference::expression::{self, Classifier};
use moodring_vision::inference::face::{Detection, Detector};
use moodring_vision::inference::models;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with pictures and a manifest.csv
    folder: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The number of pictures of a kind, and how many of them were right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Count {
    pub pictures: usize,
    pub right: usize,
}

impl Count {
    fn add(&mut self, right: bool) {
        self.pictures += 1;
        self.right += usize::from(right);
    }
}

/// The printed figures.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FaceFigures {
    pub engine: String,
    /// Pictures with one face; right if exactly one was found.
    pub single: Count,
    /// Pictures without a face; right if none was found.
    pub without: Count,
    /// Pictures with several faces; right if at least one was found. The manifest has no positions, so whether the
    /// largest face was found is not checked; it is likely, because the detector misses small faces first.
    pub groups: Count,
    pub faces_counted: usize,
    /// At most as many as were counted in each picture.
    pub faces_found: usize,
    pub false_alarms: usize,
    pub per_tag: BTreeMap<String, Count>,
    /// Pictures with a labelled expression; right if the likeliest expression of the largest face is among the labels.
    pub expressions: Count,
    /// Milliseconds for each picture, without reading its file.
    pub ms: f32,
    pub wrong: Vec<String>,
    /// Files of the manifest that are not readable pictures.
    pub skipped: Vec<String>,
}

struct Analyzer {
    detector: Detector,
    classifier: Classifier,
}

impl Analyzer {
    fn analyze(&mut self, frame: &Frame) -> Result<(Vec<Detection>, Option<Scores>)> {
        let found = self.detector.find(frame)?.faces;
        let largest = found.first().map(|face| GreyImage::cut(frame, &Place::of(face), expression::SIDE));
        let readings = self.classifier.read(&Vec::from_iter(largest))?;
        Ok((found, readings.first().map(expression::Reading::scores)))
    }
}

pub fn run(args: &Args) -> Result<()> {
    let figures = measure(&args.folder)?;
    if args.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        print(&figures);
    }
    Ok(())
}

/// Measures every picture of the manifest.
pub fn measure(folder: &Path) -> Result<FaceFigures> {
    let backend = Backend::choose()?;
    let mut analyzer = Analyzer { detector: models::detector(backend)?, classifier: models::classifier(backend)? };
    let mut figures = FaceFigures { engine: backend.name().to_owned(), ..FaceFigures::default() };
    let mut seconds = Vec::new();
    for row in manifest::read(folder)? {
        let frame = match crate::command::read_picture(&folder.join(&row.file)) {
            Ok(frame) => frame,
            Err(error) => {
                eprintln!("moodring: {error:#}");
                figures.skipped.push(row.file);
                continue;
            }
        };
        let started = Instant::now();
        let (found, scores) = analyzer.analyze(&frame)?;
        seconds.push(started.elapsed().as_secs_f32());
        figures.add(&row, found.len(), scores);
    }
    if seconds.is_empty() {
        let what = format!("none of the pictures listed in {} can be read", folder.join("manifest.csv").display());
        return Err(user_error(what, "put the JPEG or PNG pictures that it names into the same folder"));
    }
    figures.ms = 1e3 * seconds.iter().sum::<f32>() / seconds.len() as f32;
    Ok(figures)
}

impl FaceFigures {
    fn add(&mut self, row: &Row, found: usize, scores: Option<Scores>) {
        let right = match row.faces {
            Some(0) => tally(&mut self.without, found == 0),
            Some(1) => tally(&mut self.single, found == 1),
            _ => tally(&mut self.groups, found > 0),
        };
        if !right {
            self.wrong.push(format!("{}: {found} faces found", row.file));
        }
        if let Some(counted) = row.faces {
            self.faces_counted += counted;
            self.faces_found += found.min(counted);
            self.false_alarms += found.saturating_sub(counted);
        }
        for tag in &row.tags {
            self.per_tag.entry(tag.clone()).or_default().add(right);
        }
        self.add_expression(row, scores);
    }

    fn add_expression(&mut self, row: &Row, scores: Option<Scores>) {
        let named: Vec<Expression> = row.expression.split(['/', ' ']).filter_map(expression_of).collect();
        if named.is_empty() {
            return;
        }
        let top = scores.map(|scores| scores.top());
        let right = top.is_some_and(|(top, _)| named.contains(&top));
        self.expressions.add(right);
        if !right {
            let read = top.map_or("nothing".into(), |(top, sure)| format!("{} ({sure:.2})", top.word()));
            self.wrong.push(format!("{}: {} read as {read}", row.file, row.expression));
        }
    }
}

fn tally(count: &mut Count, right: bool) -> bool {
    count.add(right);
    right
}

/// "surprise" and "surprised" are the same, and so are "fear" and "fearful".
fn expression_of(word: &str) -> Option<Expression> {
    let stem = |word: &str| word.chars().take(4).collect::<String>();
    let known = |expression: &Expression| !word.is_empty() && stem(expression.word()) == stem(word);
    Expression::ALL.into_iter().find(known)
}

fn print(figures: &FaceFigures) {
    let line = |name: &str, count: &Count| println!("{name:38} {:4} of {}", count.right, count.pictures);
    println!("engine: {}", figures.engine);
    line("one face, exactly one found", &figures.single);
    line("no face, none found", &figures.without);
    line("several faces, at least one found", &figures.groups);
    line("expression agrees", &figures.expressions);
    println!("faces found {} of {}, false alarms {}", figures.faces_found, figures.faces_counted, figures.false_alarms);
    println!("{:.1} ms a picture", figures.ms);
    figures.per_tag.iter().for_each(|(tag, count)| line(&format!("  {tag}"), count));
    figures.wrong.iter().for_each(|what| println!("wrong: {what}"));
    if !figures.skipped.is_empty() {
        println!("{} pictures could not be read", figures.skipped.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_have_several_spellings() {
        assert_eq!(expression_of("surprise"), Some(Expression::Surprised));
        assert_eq!(expression_of("fear"), Some(Expression::Fearful));
        assert_eq!(expression_of("fearful"), Some(Expression::Fearful));
        assert_eq!(expression_of("silly"), None);
        assert_eq!(expression_of(""), None);
    }

    #[test]
    fn a_second_face_in_a_single_picture_is_a_false_alarm() {
        let row = Row { file: "a.jpg".into(), faces: Some(1), tags: vec!["dark".into()], expression: "sad".into() };
        let mut figures = FaceFigures::default();
        figures.add(&row, 2, Some(Scores::new([0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])));
        assert_eq!((figures.single.right, figures.false_alarms, figures.faces_found), (0, 1, 1));
        assert_eq!(figures.expressions, Count { pictures: 1, right: 0 });
        assert_eq!(figures.per_tag["dark"].right, 0);
    }
}
