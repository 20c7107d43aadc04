//! `moodring eval feeling`: what a listener's feeling before a song adds to predicting whether they like it, whether it lifts
//! them, and whether it livens them up.

pub mod plays;

use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use crate::feeling::plays::{Bias, Play};
use crate::ranking::area_under_curve;
use moodring_core::error::usage_error;
use moodring_core::recommend::content::learned::Learned;

/// Folds of the cross-validation.
const FOLDS: usize = 10;
/// The fewest plays that are measured.
const LEAST: usize = 50;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Plays: user_id,item_id,rating and emo_pre_ and emo_post_ valence and arousal, each -1 to 1
    #[arg(long)]
    plays: PathBuf,
    /// Songs: item_id,valence,energy
    #[arg(long)]
    songs: PathBuf,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The outcomes that are predicted.
type Outcome = fn(&Play) -> bool;

/// A predictor's name, whether it knows the bias of listener and song, and its features.
type Predictor = (&'static str, bool, fn(&Play) -> Vec<f32>);

const PREDICTORS: [Predictor; 9] = [
    ("bias", true, |_| vec![]),
    ("cosine", false, |play| vec![play.cosine()]),
    ("bias+cosine", true, |play| vec![play.cosine()]),
    ("bias+nearness", true, |play| vec![play.nearness()]),
    ("bias+feeling", true, |play| vec![play.before.0, play.before.1]),
    ("bias+song", true, |play| vec![play.song.0, play.song.1]),
    ("bias+feeling+song", true, |play| vec![play.before.0, play.before.1, play.song.0, play.song.1]),
    ("bias+feeling+nearness", true, |play| vec![play.before.0, play.before.1, play.nearness()]),
    ("bias+feeling+rating", true, |play| vec![play.before.0, play.before.1, play.rating]),
];

/// Areas under the curve; 0.5 is chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Rated 4 or 5. `None` for a predictor that sees the rating.
    pub liked: Option<f64>,
    /// Valence after is above valence before.
    pub lifted: Option<f64>,
    /// The same for arousal.
    pub livened: Option<f64>,
}

pub fn run(args: &Args) -> Result<()> {
    let plays = plays::read(&args.plays, &args.songs)?;
    if plays.len() < LEAST {
        let what = format!("{} has only {} plays with all figures", args.plays.display(), plays.len());
        return Err(usage_error(what, format!("give at least {LEAST} plays of songs that the other file describes")));
    }
    let found: Vec<(&str, Figures)> =
        PREDICTORS.iter().map(|predictor| (predictor.0, figures(predictor, &plays))).collect();
    if args.json {
        let all: serde_json::Map<_, _> = found.iter().map(|(name, figures)| ((*name).into(), json!(figures))).collect();
        println!("{}", json!({ "plays": plays.len(), "auc": all, "slopes": slopes(&plays) }));
    } else {
        print(&plays, &found);
    }
    Ok(())
}

fn print(plays: &[Play], found: &[(&str, Figures)]) {
    println!(
        "{} plays; area under the curve of who\n{:24} {:>7} {:>7} {:>7}",
        plays.len(),
        "",
        "liked",
        "lifted",
        "livened"
    );
    let figure = |area: Option<f64>| area.map_or_else(|| "-".into(), |area| format!("{area:.3}"));
    for (name, Figures { liked, lifted, livened }) in found {
        println!("{name:24} {:>7} {:>7} {:>7}", figure(*liked), figure(*lifted), figure(*livened));
    }
    println!("\nchange for a whole axis (in brackets: how many standard errors that is)");
    println!("{:24} {:>15} {:>15}", "", "of valence", "of arousal");
    for slope in slopes(plays) {
        let cell = |(value, errors): (f64, f64)| format!("{value:+.3} ({errors:+.1})");
        println!("{:24} {:>15} {:>15}", slope.of, cell(slope.valence), cell(slope.arousal));
    }
}

fn figures((name, bias, seen): &Predictor, plays: &[Play]) -> Figures {
    let area = |outcome: Outcome| {
        let truth: Vec<bool> = plays.iter().map(outcome).collect();
        area_under_curve(&predicted(plays, &truth, *bias, seen), &truth)
    };
    Figures {
        liked: if name.ends_with("rating") { None } else { area(|play| play.rating >= 4.0) },
        lifted: area(|play| play.after.0 > play.before.0),
        livened: area(|play| play.after.1 > play.before.1),
    }
}

/// The probability of the outcome for each play, learned from the plays of the other folds.
fn predicted(plays: &[Play], truth: &[bool], with_bias: bool, seen: &fn(&Play) -> Vec<f32>) -> Vec<f32> {
    let mut chances = vec![0.0; plays.len()];
    for fold in 0..FOLDS {
        let (taught, asked): (Vec<usize>, Vec<usize>) = (0..plays.len()).partition(|n| n % FOLDS != fold);
        let bias = Bias::of(taught.iter().map(|n| (&plays[*n], truth[*n])));
        let features = |n: usize, own: Option<bool>| {
            let usual = if with_bias { bias.of_play(&plays[n], own).to_vec() } else { vec![] };
            [usual, seen(&plays[n])].concat()
        };
        // The bias of a training play leaves out the play itself, or the weight of the bias would be too large.
        let rows: Vec<Vec<f32>> = taught.iter().map(|n| features(*n, Some(truth[*n]))).collect();
        let labels: Vec<usize> = taught.iter().map(|n| usize::from(truth[*n])).collect();
        let learned = Learned::fit(&rows, &labels, 2);
        asked.iter().for_each(|n| chances[*n] = learned.chances(&features(*n, None))[1]);
    }
    chances
}

/// A slope of the change of feeling (least squares), and its size in standard errors.
#[derive(Debug, Serialize)]
struct Slope {
    of: &'static str,
    valence: (f64, f64),
    arousal: (f64, f64),
}

fn slopes(plays: &[Play]) -> Vec<Slope> {
    const NAMES: [&str; 6] =
        ["valence before", "arousal before", "rating, 1 to 5", "valence of the song", "energy of the song", "nearness"];
    let row = |play: &Play| {
        let rating = (play.rating - 1.0) / 4.0;
        [1.0, play.before.0, play.before.1, rating, play.song.0, play.song.1, play.nearness()].map(f64::from)
    };
    let rows: Vec<[f64; 7]> = plays.iter().map(row).collect();
    let change =
        |part: fn(&Play) -> f32| least_squares(&rows, &plays.iter().map(|p| part(p).into()).collect::<Vec<f64>>());
    let (valence, arousal) = (change(|play| play.after.0 - play.before.0), change(|play| play.after.1 - play.before.1));
    let slopes = NAMES.into_iter().zip(&valence[1..]).zip(&arousal[1..]);
    slopes.map(|((of, valence), arousal)| Slope { of, valence: *valence, arousal: *arousal }).collect()
}

/// For each column its slope, and the slope in standard errors.
fn least_squares<const N: usize>(rows: &[[f64; N]], values: &[f64]) -> Vec<(f64, f64)> {
    let mut gram = vec![0.0; N * N];
    let mut right = [0.0; N];
    for (row, value) in rows.iter().zip(values) {
        for (a, left) in row.iter().enumerate() {
            right[a] += left * value;
            row.iter().enumerate().for_each(|(b, other)| gram[a * N + b] += left * other);
        }
    }
    // A constant column gets no slope; without this, any value would fit.
    (0..N).for_each(|k| gram[k * N + k] += 1e-9);
    moodring_core::recommend::linear_algebra::invert(&mut gram, N);
    let slope = |a: usize| (0..N).map(|b| gram[a * N + b] * right[b]).sum::<f64>();
    let slopes: Vec<f64> = (0..N).map(slope).collect();
    let off =
        |(row, value): (&[f64; N], &f64)| (value - row.iter().zip(&slopes).map(|(x, s)| x * s).sum::<f64>()).powi(2);
    let spread = rows.iter().zip(values).map(off).sum::<f64>() / rows.len().saturating_sub(N).max(1) as f64;
    slopes.iter().enumerate().map(|(k, slope)| (*slope, slope / (spread * gram[k * N + k]).sqrt())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Liking hangs on the listener alone, the lift on the liking, arousal on the song's energy.
    fn plays() -> Vec<Play> {
        let part = |n: usize, step: f32| ((n + 1) as f32 * step).fract();
        let play = |n: usize| {
            let (user, before, song) = (n % 6, (part(n, 0.618), part(n, 0.414)), (part(n, 0.732), part(n, 0.236)));
            let rating = if user < 3 { 4.0 } else { 2.0 } + f32::from(u8::from(part(n, 0.323) > 0.7));
            let after =
                (before.0 + (rating - 3.0) / 10.0 + part(n, 0.141) / 10.0 - 0.05, before.1 + song.1 / 2.0 - 0.25);
            Play { user: user.to_string(), item: (n % 17).to_string(), rating, before, after, song }
        };
        (0..400).map(play).collect()
    }

    #[test]
    fn what_decides_is_found_and_what_does_not_adds_nothing() {
        let plays = plays();
        let of = |name: &str| figures(PREDICTORS.iter().find(|p| p.0 == name).unwrap(), &plays);
        let bias = of("bias").liked.unwrap();
        assert!(bias > 0.8 && (of("bias+nearness").liked.unwrap() - bias).abs() < 0.03, "{bias}");
        assert!(of("cosine").liked.unwrap() < 0.6);
        assert!(of("bias+feeling+rating").lifted > of("bias+feeling+nearness").lifted);
        assert!(of("bias+song").livened.unwrap() > 0.95);
        assert_eq!(of("bias+feeling+rating").liked, None);
    }

    #[test]
    fn slopes_are_those_that_made_the_plays() {
        let slopes = slopes(&plays());
        let of = |name: &str| slopes.iter().find(|slope| slope.of == name).unwrap();
        assert!((of("rating, 1 to 5").valence.0 - 0.4).abs() < 0.02 && of("rating, 1 to 5").valence.1 > 20.0);
        assert!((of("energy of the song").arousal.0 - 0.5).abs() < 1e-3);
        assert!(of("nearness").valence.0.abs() < 0.02);
    }
}
