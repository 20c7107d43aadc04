//! `moodring eval expressions`: readings compared with labelled expressions.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;

use crate::classes::{self, CLASSES};
use crate::figures::{Answer, ExpressionFigures, figures};
use crate::spoil::Spoil;
use moodring_core::error::{usage_error, user_error};
use moodring_vision::frame::Frame;
use moodring_vision::inference::crop::{GreyImage, Place};
use moodring_vision::inference::engine::Backend;
use moodring_vision::inference::expression::{self, Classifier, Reading};
use moodring_vision::inference::face::Detector;
use moodring_vision::inference::models;

/// The position of each class in the output of the original head, which has no contempt.
const ORIGINAL: [usize; 7] = [6, 3, 5, 4, 0, 1, 2];

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Folder with one folder of faces for each class: angry, disgust, fear, happy, sad, surprise, neutral, contempt
    folder: PathBuf,
    /// Head of the network to measure
    #[arg(long, value_enum, default_value = "votes")]
    head: Head,
    /// Number of classes; 7 leaves contempt out. By default contempt counts if there are pictures of it
    #[arg(long, value_parser = clap::value_parser!(u8).range(7..=8))]
    classes: Option<u8>,
    /// Find the face first, because the pictures are whole photographs
    #[arg(long)]
    detect: bool,
    /// Degrade every face first, to measure how much accuracy that costs
    #[arg(long, value_enum, conflicts_with = "detect")]
    spoil: Option<Spoil>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, clap::ValueEnum)]
enum Head {
    Votes,
    Original,
}

pub fn run(args: &Args) -> Result<()> {
    let figures = measure(args)?;
    if args.json {
        println!("{}", serde_json::to_string(&figures)?);
    } else {
        print(&figures);
    }
    Ok(())
}

fn measure(args: &Args) -> Result<ExpressionFigures> {
    let classes::Sorted { mut files, unknown } = classes::sort(&args.folder)?;
    unknown.iter().for_each(|name| eprintln!("moodring: skipped the folder {name}: no class has this name"));
    let count = class_count(args, &files)?;
    files.retain(|(truth, _)| *truth < count);
    let backend = Backend::choose()?;
    let mut reader = Reader {
        detector: if args.detect { Some(models::detector(backend)?) } else { None },
        classifier: models::classifier(backend)?,
    };
    let (mut answers, mut missed, mut seconds) = (Vec::new(), 0, 0.0);
    for (number, (truth, file)) in files.iter().enumerate() {
        let Some(frame) = read_or_report(file, number, args.spoil) else { continue };
        let started = Instant::now();
        let reading = reader.read(&frame, args.head)?;
        seconds += started.elapsed().as_secs_f32();
        missed += usize::from(reading.is_none());
        answers.push(answer(*truth, reading.as_ref(), args.head, count));
    }
    if answers.is_empty() {
        let what = format!("none of the {} files in {} is a readable picture", files.len(), args.folder.display());
        return Err(user_error(what, "give JPEG or PNG pictures"));
    }
    let ms_per_face = 1e3 * seconds / answers.len() as f32;
    let unreadable = files.len() - answers.len();
    let head = format!("{:?}", args.head).to_lowercase();
    let engine = backend.name().to_owned();
    Ok(ExpressionFigures { ms_per_face, missed, unreadable, engine, head, ..figures(&CLASSES[..count], &answers) })
}

/// Reads a picture. An unreadable file is reported and does not end the measurement.
fn read_or_report(file: &Path, number: usize, spoil: Option<Spoil>) -> Option<Frame> {
    let spoiled = crate::command::read_picture(file).and_then(|frame| match spoil {
        Some(spoil) => spoil.apply(&frame, number),
        None => Ok(frame),
    });
    spoiled.inspect_err(|error| eprintln!("moodring: {error:#}")).ok()
}

/// Eight classes if the head has contempt, and pictures of it exist or `--classes 8` is given.
fn class_count(args: &Args, files: &[(usize, PathBuf)]) -> Result<usize> {
    match (args.head, args.classes) {
        (Head::Original, Some(8)) => {
            Err(usage_error("the original head has seven classes", "leave out --classes 8, or choose --head votes"))
        }
        (Head::Original, _) | (_, Some(7)) => Ok(7),
        (Head::Votes, Some(_)) => Ok(8),
        (Head::Votes, None) => Ok(if files.iter().any(|(class, _)| *class == 7) { 8 } else { 7 }),
    }
}

struct Reader {
    detector: Option<Detector>,
    classifier: Classifier,
}

impl Reader {
    /// Reads the largest face of a photograph, or the picture itself if it is a face; `None` if no face was found.
    fn read(&mut self, frame: &Frame, head: Head) -> Result<Option<Reading>> {
        let face = match &mut self.detector {
            None => Some(GreyImage::whole(frame, expression::FULL_SIDE).centre(expression::SIDE)),
            Some(detector) => {
                let found = detector.find(frame)?.faces;
                found.first().map(|face| GreyImage::cut(frame, &Place::of(face), expression::SIDE))
            }
        };
        let face = Vec::from_iter(face);
        let readings = match head {
            Head::Votes => self.classifier.read(&face),
            Head::Original => self.classifier.read_twice(&face),
        };
        Ok(readings?.pop())
    }
}

/// Without a reading the true class gets probability 0 and all others the same, so that a missed face is an error.
fn answer(truth: usize, reading: Option<&Reading>, head: Head, count: usize) -> Answer {
    let mut probabilities = match (reading, head) {
        (None, _) => (0..count).map(|k| if k == truth { 0.0 } else { 1.0 }).collect(),
        (Some(reading), Head::Votes) => reading.votes[..count].to_vec(),
        (Some(reading), Head::Original) => ORIGINAL.map(|k| reading.original[k]).to_vec(),
    };
    let sum: f32 = probabilities.iter().sum();
    probabilities.iter_mut().for_each(|p| *p /= sum);
    Answer { truth, probabilities }
}

fn print(figures: &ExpressionFigures) {
    println!("{} faces, {} head, {}", figures.n, figures.head, figures.engine);
    println!("accuracy {:.4} +- {:.4}, macro F1 {:.4}", figures.accuracy, figures.interval, figures.macro_f1);
    println!("ECE {:.4}, NLL {:.4}", figures.ece, figures.nll);
    print!("{}", describe_moods(figures));
    println!("{:.2} ms a face", figures.ms_per_face);
    if figures.missed + figures.unreadable > 0 {
        println!("no face found in {} (counted as wrong), {} could not be read", figures.missed, figures.unreadable);
    }
    println!("\n{:10} {:>6} {:>9} {:>7} {:>6}   guessed as", "", "n", "precision", "recall", "F1");
    for (name, row) in figures.classes.iter().zip(&figures.confusion) {
        let class = &figures.per_class[name];
        let counts: String = row.iter().map(|count| format!("{count:6}")).collect();
        println!("{name:10} {:6} {:9.3} {:7.3} {:6.3}  {counts}", class.n, class.precision, class.recall, class.f1);
    }
}

/// What the readings mean for a mood, one figure a line.
fn describe_moods(figures: &ExpressionFigures) -> String {
    let share = |share: Option<f32>, lacking: &str| match share {
        Some(share) => format!("{share:.4}"),
        None => format!("- (no {lacking} faces)"),
    };
    format!(
        "valence sign {:.4}, mood distance {:.4}\nAUC of negative against neutral {}\nneutral misread as sad or angry {}\n",
        figures.valence_sign_accuracy,
        figures.mood_distance,
        share(figures.negative_auc, "negative or no neutral"),
        share(figures.neutral_misread, "neutral"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_cannot_be_measured_say_why() {
        let happy = Answer { truth: 1, probabilities: vec![0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0] };
        let neutral = Answer { truth: 0, probabilities: vec![0.1, 0.0, 0.0, 0.9, 0.0, 0.0, 0.0] };
        let sad = Answer { truth: 3, ..neutral.clone() };
        let text = |answers: &[Answer]| describe_moods(&figures(&CLASSES[..7], answers));
        let alone = text(&[happy]);
        assert!(alone.starts_with("valence sign 1.0000, mood distance 0.0000\n"), "{alone}");
        assert!(alone.contains("AUC of negative against neutral - (no negative or no neutral faces)\n"), "{alone}");
        assert!(alone.ends_with("neutral misread as sad or angry - (no neutral faces)\n"), "{alone}");
        let both = text(&[neutral, sad]);
        assert!(
            both.contains("AUC of negative against neutral 0.5000\n") && both.ends_with("angry 1.0000\n"),
            "{both}"
        );
    }

    #[test]
    fn without_contempt_the_other_probabilities_sum_to_one() {
        let reading = Reading { votes: [0.4, 0.1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5], original: [1.0 / 7.0; 7] };
        let seven = answer(0, Some(&reading), Head::Votes, 7);
        assert!((seven.probabilities[0] - 0.8).abs() < 1e-6);
        assert_eq!(answer(0, Some(&reading), Head::Votes, 8).probabilities[7], 0.5);
    }

    #[test]
    fn classes_of_the_original_head_are_sorted_like_the_votes() {
        let reading = Reading { votes: [0.125; 8], original: [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0] };
        assert_eq!(answer(1, Some(&reading), Head::Original, 7).probabilities[1], 1.0);
    }

    #[test]
    fn a_face_that_is_not_found_is_an_error() {
        assert_eq!(answer(2, None, Head::Votes, 8).probabilities[2], 0.0);
    }
}
