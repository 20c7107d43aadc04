//! `moodring eval mood`: rankings by each content score, compared with the mood labels of songs.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;

use anyhow::Result;
use serde::Serialize;
use serde_json::json;

use crate::cost::measured;
use crate::ranking::{Hits, SHOWN, area_under_curve, best, hits};
use crate::tracks::{Tracks, shared};
use moodring_core::domain::song::Song;
use moodring_core::error::usage_error;
use moodring_core::mood::target::Target;
use moodring_core::recommend::content::learned::Learned;
use moodring_core::recommend::content::{Content, blended, centre, cosine, gaussian, weighted};

/// Folds of the cross-validation.
const FOLDS: usize = 10;
const LONG: usize = 50;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Songs with their features and a column "mood"
    #[arg(long)]
    tracks: PathBuf,
    /// Learn from these instead of cross-validating
    #[arg(long)]
    train: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The figures of one content score, for one mood or as the mean of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct MoodFigures {
    pub auc: f64,
    pub precision_at_10: f64,
    pub recall_at_10: f64,
    pub ndcg_at_10: f64,
    pub precision_at_50: f64,
}

#[derive(Debug, Serialize)]
struct Measured {
    #[serde(flatten)]
    mean: MoodFigures,
    seconds: f64,
    /// MiB.
    memory: f64,
    moods: BTreeMap<String, MoodFigures>,
}

pub fn run(args: &Args) -> Result<()> {
    let tracks = Tracks::read(&args.tracks)?;
    let train = args.train.as_ref().map(|file| Tracks::read(file)).transpose()?;
    let moods = tracks.moods();
    if moods.len() < 2 {
        let what = format!("all songs of {} have the same mood", args.tracks.display());
        return Err(usage_error(what, "songs of at least two moods are needed to tell them apart"));
    }
    let found: Vec<_> =
        Content::ALL.map(|content| (content, measure(content, &tracks, train.as_ref(), &moods))).into_iter().collect();
    if args.json {
        let mut all: serde_json::Map<_, _> =
            found.iter().map(|(c, figures)| (c.name().into(), json!(figures))).collect();
        all.insert("default".into(), json!(Content::default().name()));
        println!("{}", serde_json::Value::Object(all));
    } else {
        print(&found);
    }
    Ok(())
}

fn measure(content: Content, tracks: &Tracks, train: Option<&Tracks>, moods: &[String]) -> Measured {
    let (scores, seconds, memory) = measured(|| scores(content, tracks, train, moods));
    let judged: BTreeMap<String, MoodFigures> = moods
        .iter()
        .zip(&scores)
        .filter_map(|(mood, scores)| Some((mood.clone(), figures(scores, &tracks.labelled(mood))?)))
        .collect();
    Measured { mean: mean(&judged), seconds, memory, moods: judged }
}

/// The scores of all songs, for each mood.
fn scores(content: Content, tracks: &Tracks, train: Option<&Tracks>, moods: &[String]) -> Vec<Vec<f32>> {
    let targets: Vec<Target> = moods.iter().map(|mood| train.unwrap_or(tracks).target(mood)).collect();
    let by = |score: &dyn Fn(&Song, &Target) -> f32| -> Vec<Vec<f32>> {
        targets.iter().map(|target| tracks.songs.iter().map(|song| score(song, target)).collect()).collect()
    };
    match content {
        Content::PaperCosine => by(&|song, target| cosine(song, target, (0.0, 0.0))),
        Content::CentredCosine => {
            let middle = centre(train.unwrap_or(tracks).songs.iter());
            by(&|song, target| cosine(song, target, middle))
        }
        Content::Gaussian => by(&gaussian),
        Content::WeightedGaussian => by(&weighted),
        Content::Learned => {
            let mut scores = by(&weighted);
            learn(&mut scores, tracks, train, moods);
            scores
        }
    }
}

/// Blends in the model that is trained on the labelled songs of the other file, or of the other folds.
fn learn(scores: &mut [Vec<f32>], tracks: &Tracks, train: Option<&Tracks>, moods: &[String]) {
    let names = shared(tracks, train.unwrap_or(tracks));
    let known: HashMap<&str, usize> = moods.iter().enumerate().map(|(k, mood)| (mood.as_str(), k)).collect();
    let fold = folds(tracks);
    let rows = tracks.rows(&names);
    let parts: Vec<Option<usize>> = if train.is_some() { vec![None] } else { (0..FOLDS).map(Some).collect() };
    for part in parts {
        let teacher = train.unwrap_or(tracks);
        // Moods that only the other file has are left out.
        let taught = (0..teacher.songs.len()).filter(|n| part.is_none_or(|part| fold[*n] != part));
        let taught: Vec<(usize, usize)> =
            taught.filter_map(|n| Some((n, *known.get(teacher.moods[n].as_str())?))).collect();
        let all = teacher.rows(&names);
        let (lessons, labels): (Vec<Vec<f32>>, Vec<usize>) = taught.iter().map(|(n, k)| (all[*n].clone(), *k)).unzip();
        let learned = Learned::fit(&lessons, &labels, moods.len());
        for n in (0..tracks.songs.len()).filter(|n| part.is_none_or(|part| fold[*n] == part)) {
            let chances = learned.chances(&rows[n]);
            scores.iter_mut().zip(chances).for_each(|(of, chance)| of[n] = blended(of[n], chance, labels.len()));
        }
    }
}

/// The fold of each song. All songs of an artist are in one fold, or the model would recognize the artist.
fn folds(tracks: &Tracks) -> Vec<usize> {
    let mut met: HashMap<&str, usize> = HashMap::new();
    let mut folds = Vec::new();
    for (n, song) in tracks.songs.iter().enumerate() {
        let next = met.len();
        let artist = if song.artist.is_empty() { n } else { *met.entry(&song.artist).or_insert(next) };
        folds.push(artist % FOLDS);
    }
    folds
}

fn figures(scores: &[f32], labelled: &[bool]) -> Option<MoodFigures> {
    let relevant: HashSet<u32> = (0..scores.len() as u32).filter(|n| labelled[*n as usize]).collect();
    let Hits { precision, recall, ndcg, .. } = hits(&best(scores, &[], SHOWN), &relevant, relevant.len());
    let long = best(scores, &[], LONG);
    let found = long.iter().filter(|n| relevant.contains(n)).count();
    Some(MoodFigures {
        auc: area_under_curve(scores, labelled)?,
        precision_at_10: precision,
        recall_at_10: recall,
        ndcg_at_10: ndcg,
        precision_at_50: found as f64 / long.len().max(1) as f64,
    })
}

fn mean(moods: &BTreeMap<String, MoodFigures>) -> MoodFigures {
    let mean = |part: fn(&MoodFigures) -> f64| moods.values().map(part).sum::<f64>() / moods.len().max(1) as f64;
    MoodFigures {
        auc: mean(|f| f.auc),
        precision_at_10: mean(|f| f.precision_at_10),
        recall_at_10: mean(|f| f.recall_at_10),
        ndcg_at_10: mean(|f| f.ndcg_at_10),
        precision_at_50: mean(|f| f.precision_at_50),
    }
}

fn print(found: &[(Content, Measured)]) {
    println!("{:20} {:>6} {:>6} {:>6} {:>7}  AUC per mood", "", "AUC", "P@50", "P@10", "seconds");
    for (content, measured) in found {
        let mark = if *content == Content::default() { " *" } else { "" };
        let moods: Vec<String> = measured.moods.iter().map(|(mood, f)| format!("{mood} {:.3}", f.auc)).collect();
        let MoodFigures { auc, precision_at_50, precision_at_10, .. } = measured.mean;
        println!(
            "{:20} {auc:6.4} {precision_at_50:6.3} {precision_at_10:6.3} {:7.3}  {}",
            format!("{}{mark}", content.name()),
            measured.seconds,
            moods.join(", ")
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(text: &str) -> Tracks {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Tracks::read(file.path()).unwrap()
    }

    /// Sad songs are sad by valence and energy; calm ones differ from them only in loudness.
    fn labelled() -> Tracks {
        let mut text = String::from("mood,loudness,artist,energy,valence\n");
        for n in 0..120 {
            let wobble = (n * 37 % 100) as f32 / 500.0;
            let (mood, place, loudness) = [("Happy", 0.7, -5.0), ("Sad", 0.2, -8.0), ("Calm", 0.2, -25.0)][n % 3];
            text += &format!("{mood},{},{n},{},{}\n", loudness + wobble, place + wobble, place + 0.19 - wobble);
        }
        tracks(&text)
    }

    #[test]
    fn a_mood_that_only_another_feature_shows_is_learned_from_labels() {
        let tracks = labelled();
        let moods = tracks.moods();
        let auc = |content| measure(content, &tracks, None, &moods).mean.auc;
        let all = Content::ALL.map(|content| (content.name(), auc(content)));
        assert!(auc(Content::Learned) > 0.99, "{all:?}");
        assert!(auc(Content::Gaussian) < 0.9 && auc(Content::PaperCosine) < auc(Content::Gaussian), "{all:?}");
    }

    #[test]
    fn a_song_is_never_scored_by_a_model_trained_on_it() {
        // Random labels: a model that has seen them would score above chance.
        let mut text = String::from("valence,energy,mood\n");
        let coin = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 61) & 1;
        (0..200).for_each(|n| text += &format!("0.{n},0.{},{}\n", n * 7 % 97, ["happy", "sad"][coin(n) as usize]));
        let tracks = tracks(&text);
        let found = measure(Content::Learned, &tracks, None, &tracks.moods());
        assert!((found.mean.auc - 0.5).abs() < 0.12, "{:?}", found.mean);
    }

    #[test]
    fn a_training_file_replaces_cross_validation() {
        let (tracks, teacher) = (labelled(), tracks("valence,energy,mood\n0.9,0.9,happy\n0.1,0.1,sad\n0.2,0.1,calm\n"));
        let moods = tracks.moods();
        let of = |train| measure(Content::Learned, &tracks, train, &moods).mean.auc;
        assert!(of(Some(&teacher)) < of(None));
    }
}
