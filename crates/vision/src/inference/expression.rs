//! The expression network: calibrated scores of a grey face.

use std::borrow::Cow;

use anyhow::{Context, Result, ensure};

use crate::inference::crop::GreyImage;
use crate::inference::engine::{Backend, Engine, Tensor};
use moodring_core::mood::Scores;

/// Side of the input faces, in pixels.
pub const SIDE: usize = 44;
/// Side of the training faces, in pixels; the network reads their middle.
pub const FULL_SIDE: usize = 48;

/// Votes above this probability are not read a second time in the mirror. On PublicTest these are 44 % of the faces, and
/// accuracy and macro F1 stay the same to the last digit.
const SURE: f32 = 0.95;

/// Probabilities from both heads of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Expected votes of a crowd (FER+): neutral, happy, surprise, sad, angry, disgust, fear, contempt.
    pub votes: [f32; 8],
    /// Labels of FER2013: angry, disgust, fear, happy, sad, surprise, neutral.
    pub original: [f32; 7],
}

impl Reading {
    /// The scores that the program uses: the votes, with contempt counted as disgust.
    pub fn scores(&self) -> Scores {
        let [neutral, happy, surprised, sad, angry, disgusted, fearful, contempt] = self.votes;
        Scores::normalised([neutral, happy, surprised, sad, angry, disgusted + contempt, fearful])
    }
}

/// The loaded network.
pub struct Classifier {
    engine: Engine,
}

impl Classifier {
    /// From an ONNX file's bytes.
    pub fn load(backend: Backend, model: Cow<'static, [u8]>) -> Result<Self> {
        Ok(Self { engine: Engine::load(backend, model, "faces", &["votes", "original"])? })
    }

    /// Reads faces of [`SIDE`] pixels. Uncertain ones are read again in the mirror, which takes twice the time and gains half
    /// a point of accuracy or more.
    pub fn read(&mut self, faces: &[GreyImage]) -> Result<Vec<Reading>> {
        self.read_again(faces, |reading| reading.votes.iter().all(|&share| share < SURE))
    }

    /// Reads each face twice, the second time in the mirror, because the original head is seldom certain.
    pub fn read_twice(&mut self, faces: &[GreyImage]) -> Result<Vec<Reading>> {
        self.read_again(faces, |_| true)
    }

    /// Reads the faces, and those whose reading fulfils `again` a second time in the mirror; returns the mean of both.
    fn read_again(&mut self, faces: &[GreyImage], again: impl Fn(&Reading) -> bool) -> Result<Vec<Reading>> {
        let first = self.classify(faces.iter())?;
        let mut readings: Vec<Reading> = first.iter().map(Logits::reading).collect();
        let doubted: Vec<usize> = (0..faces.len()).filter(|&k| again(&readings[k])).collect();
        let mirrored: Vec<GreyImage> = doubted.iter().map(|&k| faces[k].mirrored()).collect();
        let second = self.classify(mirrored.iter())?;
        doubted.iter().zip(&second).for_each(|(&k, second)| readings[k] = first[k].mean(second).reading());
        Ok(readings)
    }

    fn classify<'a>(&mut self, faces: impl ExactSizeIterator<Item = &'a GreyImage>) -> Result<Vec<Logits>> {
        let count = faces.len();
        if count == 0 {
            return Ok(Vec::new());
        }
        let input: Vec<f32> = faces.flat_map(|face| prepare(&face.pixels)).collect();
        let outputs = self.engine.run(&input, &[count, 1, SIDE, SIDE])?;
        let [votes, original] = <[_; 2]>::try_from(outputs).ok().context("the network does not have two heads")?;
        let heads = rows::<8>(&votes, count)?.zip(rows::<7>(&original, count)?);
        Ok(heads.map(|(votes, original)| Logits { votes, original }).collect())
    }
}

/// The output of both heads, before softmax.
struct Logits {
    votes: [f32; 8],
    original: [f32; 7],
}

impl Logits {
    fn reading(&self) -> Reading {
        Reading { votes: softmax(self.votes), original: softmax(self.original) }
    }

    fn mean(&self, other: &Self) -> Self {
        Self {
            votes: std::array::from_fn(|k| (self.votes[k] + other.votes[k]) / 2.0),
            original: std::array::from_fn(|k| (self.original[k] + other.original[k]) / 2.0),
        }
    }
}

fn rows<const N: usize>(tensor: &Tensor, count: usize) -> Result<impl Iterator<Item = [f32; N]>> {
    ensure!(tensor.shape == [count, N], "a head gives {:?}, not {:?}", tensor.shape, [count, N]);
    Ok(tensor.values.chunks_exact(N).map(|row| std::array::from_fn(|k| row[k])))
}

fn softmax<const N: usize>(logits: [f32; N]) -> [f32; N] {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.map(|logit| (logit - top).exp());
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// Prepares grey values as for the training, by the same steps as `models/train/prepare.py`.
pub fn prepare(pixels: &[f32]) -> Vec<f32> {
    standardise(&equalise(pixels))
}

/// Histogram equalisation by rank: a grey level becomes the middle of its ranks among all pixels, 0..255.
fn equalise(pixels: &[f32]) -> Vec<f32> {
    // Halves go to the even side, as torch rounds.
    let levels: Vec<usize> = pixels.iter().map(|p| p.round_ties_even().clamp(0.0, 255.0) as usize).collect();
    let mut counts = [0u32; 256];
    levels.iter().for_each(|&level| counts[level] += 1);
    let mut below = 0;
    let ranks = counts.map(|count| {
        below += count;
        (below as f32 - count as f32 / 2.0) / pixels.len() as f32 * 255.0
    });
    levels.into_iter().map(|level| ranks[level]).collect()
}

/// Mean 0 and deviation 1; an even face stays 0.
fn standardise(pixels: &[f32]) -> Vec<f32> {
    let count = pixels.len() as f32;
    let mean = pixels.iter().sum::<f32>() / count;
    let spread = (pixels.iter().map(|p| (p - mean).powi(2)).sum::<f32>() / count).sqrt();
    pixels.iter().map(|p| (p - mean) / (spread + 1e-3)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_and_dark_faces_look_the_same_to_the_network() {
        let face: Vec<f32> = (0..SIDE * SIDE).map(|k| (k * 37 % 200) as f32 + 20.0).collect();
        let brighter: Vec<f32> = face.iter().map(|p| p + 30.0).collect();
        assert_eq!(prepare(&face), prepare(&brighter));
    }

    #[test]
    fn a_face_of_one_grey_value_is_all_zeros() {
        assert!(prepare(&vec![88.0; SIDE * SIDE]).iter().all(|p| p.abs() < 1e-3));
    }

    #[test]
    fn contempt_counts_as_disgust() {
        let reading = Reading { votes: [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.1, 0.2], original: [1.0 / 7.0; 7] };
        assert!((reading.scores().disgusted - 0.4).abs() < 1e-6);
    }

    #[test]
    fn large_logits_do_not_overflow() {
        assert_eq!(softmax([1000.0, -1000.0]), [1.0, 0.0]);
    }
}
