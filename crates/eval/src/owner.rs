//! `moodring eval owner`: readings of known people before and after a baseline was learned.
//!
//! 1. A picture is never measured with a baseline that was learned from it.
//! 2. "calibrated" uses the baseline of the person's other neutral pictures; a person without any is left out.
//! 3. "after looks" is the slow estimate after 40 looks, four of five at a neutral picture, the fifth at another one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::classes::{self, CLASSES};
use crate::figures::{Answer, ExpressionFigures, figures};
use moodring_core::domain::observation::{DetectedFace, FrameResult, Timing};
use moodring_core::error::user_error;
use moodring_core::mood::baseline::Baseline;
use moodring_core::mood::{Expression, Scores};
use moodring_vision::inference::crop::{GreyImage, Place};
use moodring_vision::inference::engine::Backend;
use moodring_vision::inference::expression::{self, Classifier};
use moodring_vision::inference::face::Detector;
use moodring_vision::inference::models;

const LOOKS: usize = 40;
/// A calibration sees each picture in this many frames.
const FRAMES: usize = 12;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// A table with the columns file, set, person, class; the files are named from its folder
    people: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Deserialize)]
struct PersonRow {
    file: PathBuf,
    set: String,
    person: String,
    class: String,
}

/// A picture that was read; `scores` is `None` if no face was found.
#[derive(Clone, Debug)]
struct Picture {
    set: String,
    person: String,
    truth: usize,
    scores: Option<Scores>,
}

/// The figures of one set under one condition.
#[derive(Debug, Serialize)]
struct SetFigures {
    set: String,
    condition: &'static str,
    figures: ExpressionFigures,
    negative_auc: Option<f32>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Condition {
    AsRead,
    Uncalibrated,
    Calibrated,
    AfterLooks,
}

impl Condition {
    const ALL: [Self; 4] = [Self::AsRead, Self::Uncalibrated, Self::Calibrated, Self::AfterLooks];

    fn name(self) -> &'static str {
        match self {
            Self::AsRead => "as read",
            Self::Uncalibrated => "uncalibrated",
            Self::Calibrated => "calibrated",
            Self::AfterLooks => "after 40 looks",
        }
    }
}

pub fn run(args: &Args) -> Result<()> {
    let measured = measure(&read_pictures(&args.people)?);
    if args.json {
        println!("{}", serde_json::to_string(&measured)?);
    } else {
        print(&measured);
    }
    Ok(())
}

fn read_pictures(table: &Path) -> Result<Vec<Picture>> {
    let folder = table.parent().unwrap_or(Path::new("."));
    let mut rows = csv::Reader::from_path(table).with_context(|| format!("cannot read {}", table.display()))?;
    let backend = Backend::choose()?;
    let (mut detector, mut classifier) = (models::detector(backend)?, models::classifier(backend)?);
    let mut pictures = Vec::new();
    for row in rows.deserialize() {
        let row: PersonRow = row.with_context(|| format!("cannot read a line of {}", table.display()))?;
        let Some(truth) = classes::class_of(&row.class).filter(|&class| class < 7) else { continue };
        let scores = read_scores(&mut detector, &mut classifier, &folder.join(&row.file))?;
        pictures.push(Picture { set: row.set, person: row.person, truth, scores });
    }
    if pictures.is_empty() {
        return Err(user_error(
            format!("{} names no picture of a known class", table.display()),
            "the class column holds neutral, happy, surprise, sad, angry, disgust or fear",
        ));
    }
    Ok(pictures)
}

fn read_scores(detector: &mut Detector, classifier: &mut Classifier, file: &Path) -> Result<Option<Scores>> {
    let frame = crate::command::read_picture(file)?;
    let found = detector.find(&frame)?.faces;
    let face = found.first().map(|face| GreyImage::cut(&frame, &Place::of(face), expression::SIDE));
    Ok(classifier.read(&Vec::from_iter(face))?.first().map(expression::Reading::scores))
}

fn measure(pictures: &[Picture]) -> Vec<SetFigures> {
    let mut sets: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    pictures.iter().enumerate().for_each(|(k, picture)| sets.entry(&picture.set).or_default().push(k));
    let measure = |set: &str, members: &[usize], condition: Condition| {
        let answers: Vec<Answer> = members.iter().filter_map(|&k| answer(pictures, k, condition)).collect();
        let figures = figures(&CLASSES[..7], &answers);
        SetFigures { set: set.into(), condition: condition.name(), negative_auc: figures.negative_auc, figures }
    };
    let sets = sets.iter();
    sets.flat_map(|(set, members)| Condition::ALL.map(|condition| measure(set, members, condition))).collect()
}

/// `None` if the condition does not apply to this picture.
fn answer(pictures: &[Picture], k: usize, condition: Condition) -> Option<Answer> {
    let picture = &pictures[k];
    let baseline = match condition {
        Condition::AsRead => None,
        Condition::Uncalibrated => Some(Baseline::default()),
        Condition::Calibrated => Some(calibrate(pictures, k)?),
        Condition::AfterLooks => Some(look_for_weeks(pictures, k)?),
    };
    // The classes and the expressions are in the same order.
    let probabilities = match &picture.scores {
        Some(scores) => baseline.map_or(*scores, |baseline| baseline.correct(scores)).values().to_vec(),
        None => (0..7).map(|class| f32::from(u8::from(class != picture.truth)) / 6.0).collect(),
    };
    Some(Answer { truth: picture.truth, probabilities })
}

/// The other pictures of the same person in which a face was found.
fn others(pictures: &[Picture], k: usize) -> impl Iterator<Item = (&Picture, Scores)> {
    let picture = &pictures[k];
    let of_person = pictures
        .iter()
        .enumerate()
        .filter(move |(other, it)| *other != k && it.set == picture.set && it.person == picture.person);
    of_person.filter_map(|(_, it)| Some((it, it.scores?)))
}

fn calibrate(pictures: &[Picture], k: usize) -> Option<Baseline> {
    let rest = others(pictures, k).filter(|(it, _)| it.truth == Expression::Neutral as usize);
    let frames: Vec<FrameResult> = rest.flat_map(|(_, scores)| vec![frame(scores); FRAMES]).collect();
    Baseline::at_rest(&frames).ok()
}

fn look_for_weeks(pictures: &[Picture], k: usize) -> Option<Baseline> {
    let is_neutral = |it: &Picture| it.truth == Expression::Neutral as usize;
    let (rest, moved): (Vec<_>, Vec<_>) = others(pictures, k).partition(|(it, _)| is_neutral(it));
    let mut baseline = Baseline::default();
    for look in 0..LOOKS {
        let seen = if look % 5 == 4 && !moved.is_empty() { &moved } else { &rest };
        baseline.learn(&seen.get(look % seen.len().max(1))?.1);
    }
    Some(baseline)
}

/// A frame with one clear face that has these scores.
fn frame(scores: Scores) -> FrameResult {
    let face = DetectedFace {
        bounds: [200.0, 100.0, 200.0, 200.0],
        confidence: 1.0,
        sharpness: 200.0,
        brightness: 0.5,
        turn: 0.0,
        scores,
    };
    FrameResult { frame: 0, size: [640, 480], brightness: 0.5, faces: vec![face], ms: Timing::default() }
}

fn print(measured: &[SetFigures]) {
    let columns =
        "accuracy        macro F1  sign            smiles          rest kept       sad, angry  ECE    NLL    AUC";
    println!("{:10} {:15} {:>4}  {columns}", "set", "", "n");
    for it in measured {
        let (of, n) = (&it.figures, it.figures.n);
        let auc = of.negative_auc.map_or("-".into(), |auc| format!("{auc:.3}"));
        println!(
            "{:10} {:15} {n:4}  {} {:.3}     {} {} {} {:<11} {:.3}  {:.2}   {auc}",
            it.set,
            it.condition,
            with_interval(of.accuracy, n),
            of.macro_f1,
            with_interval(of.valence_sign_accuracy, n),
            guessed(of, 1, &[1]),
            guessed(of, 0, &[0]),
            guessed(of, 0, &[3, 4]),
            of.ece,
            of.nll,
        );
    }
}

/// The share of the faces of a class that were guessed as one of some classes, with its interval.
fn guessed(figures: &ExpressionFigures, truth: usize, guesses: &[usize]) -> String {
    let row = &figures.confusion[truth];
    let n: usize = row.iter().sum();
    if n == 0 {
        return format!("{:15}", "-");
    }
    let count: usize = guesses.iter().map(|&guess| row[guess]).sum();
    with_interval(count as f32 / n as f32, n)
}

/// With the 95 % interval of Wilson (1927), which also holds near 0 and 1.
fn with_interval(share: f32, n: usize) -> String {
    const Z: f32 = 1.96;
    let n = n.max(1) as f32;
    let centre = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let [low, high] = [centre - half, centre + half].map(|it| (it / (1.0 + Z * Z / n)).clamp(0.0, 1.0));
    format!("{share:.3} {low:.2}-{high:.2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: [f32; 7] = [0.97, 0.01, 0.005, 0.005, 0.005, 0.0025, 0.0025];
    const HINT: [f32; 7] = [0.7, 0.01, 0.005, 0.28, 0.005, 0.0, 0.0];

    fn picture(person: &str, truth: usize, scores: [f32; 7]) -> Picture {
        Picture { set: "set".into(), person: person.into(), truth, scores: Some(Scores::new(scores)) }
    }

    #[test]
    fn a_faint_expression_is_found_with_a_baseline() {
        let pictures = [picture("a", 0, REST), picture("a", 0, REST), picture("a", 3, HINT)];
        let read = |condition| answer(&pictures, 2, condition).unwrap().probabilities[3] > 0.5;
        assert!(!read(Condition::AsRead) && !read(Condition::Uncalibrated));
        assert!(read(Condition::Calibrated) && read(Condition::AfterLooks));
    }

    #[test]
    fn a_picture_is_not_measured_with_a_baseline_of_its_own() {
        let pictures = [picture("a", 0, REST), picture("b", 0, REST), picture("a", 3, HINT)];
        assert!(answer(&pictures, 0, Condition::Calibrated).is_none(), "no other neutral picture of a");
        assert!(answer(&pictures, 2, Condition::Calibrated).is_some());
    }

    #[test]
    fn an_interval_stays_within_zero_and_one() {
        assert_eq!(with_interval(1.0, 30), "1.000 0.89-1.00");
        assert_eq!(with_interval(0.5, 100), "0.500 0.40-0.60");
    }
}
