//! The face detector: a quick search for a person in front of the camera, and a thorough one if the result is uncertain.

use std::borrow::Cow;

use anyhow::Result;

use crate::frame::Frame;
use crate::inference::engine::Backend;
use crate::inference::face::network::{FAR, NEAR, Network};
use crate::inference::face::{Detection, merge};
use crate::inference::letterbox::Letterbox;

/// The result of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// Largest first.
    pub faces: Vec<Detection>,
    /// Mean brightness of the frame, 0..1.
    pub brightness: f32,
}

/// The loaded networks.
pub struct Detector {
    near: Option<Network>,
    far: Far,
}

/// Loaded when it is first needed, because most looks do not need it.
struct Far {
    backend: Backend,
    model: Cow<'static, [u8]>,
    network: Option<Network>,
}

/// Found by trial on photographs with counted faces; see `models/README.md`.
const THRESHOLD: f32 = 0.5;
/// In enlarged parts more things resemble a face: in 25 pictures without one the maximum was 0.26 in the whole, 0.48 in parts.
const END_THRESHOLD: f32 = 0.6;
/// The quick search is accepted if every possible face ([`POSSIBLE`]) has this confidence and is large enough that no other
/// face that matters was missed. Single faces reach 0.89, a cat 0.51; small faces are measured too large.
const POSSIBLE: f32 = 0.3;
const SURE: f32 = 0.8;
/// As a share of the longer side of the frame.
const LARGE: f32 = 0.16;

impl Detector {
    /// From the bytes of two ONNX files, for near and for distant faces. Without the first every search is thorough.
    pub fn load(backend: Backend, near: Option<Cow<'static, [u8]>>, far: Cow<'static, [u8]>) -> Result<Self> {
        let near = near.map(|model| Network::load(backend, model, &NEAR)).transpose()?;
        Ok(Self { near, far: Far { backend, model: far, network: None } })
    }

    /// All faces of a frame.
    pub fn find(&mut self, frame: &Frame) -> Result<Search> {
        let quick = self.near.as_mut().map(|near| near.look(frame, POSSIBLE)).transpose()?;
        let mut search = match quick {
            Some(quick) if quick.is_sure(frame) => quick,
            _ => self.far.search(frame)?,
        };
        search.faces.sort_by(|a, b| b.area().total_cmp(&a.area()));
        Ok(search)
    }
}

impl Search {
    fn is_sure(&self, frame: &Frame) -> bool {
        let large = LARGE * frame.width.max(frame.height) as f32;
        let sure = |face: &Detection| face.confidence >= SURE && face.size[0] >= large;
        !self.faces.is_empty() && self.faces.iter().all(sure)
    }
}

impl Network {
    /// Searches the whole frame.
    fn look(&mut self, frame: &Frame, threshold: f32) -> Result<Search> {
        let whole = Letterbox::new(frame, self.side());
        Ok(Search { faces: self.search(&whole, threshold)?, brightness: whole.brightness })
    }
}

impl Far {
    /// If the whole frame has no face, searches the squares at its two ends, in which a distant face is larger.
    fn search(&mut self, frame: &Frame) -> Result<Search> {
        let network = self.network()?;
        let mut search = network.look(frame, THRESHOLD)?;
        if search.faces.is_empty() {
            for part in ends(frame) {
                search.faces.extend(network.search(&Letterbox::part(frame, part, network.side()), END_THRESHOLD)?);
            }
            search.faces = merge(search.faces);
        }
        Ok(search)
    }

    fn network(&mut self) -> Result<&mut Network> {
        if self.network.is_none() {
            self.network = Some(Network::load(self.backend, self.model.clone(), &FAR)?);
        }
        Ok(self.network.as_mut().expect("it was loaded above"))
    }
}

/// The squares at the ends of a frame that is not square, as left, top, width and height.
fn ends(frame: &Frame) -> Vec<[usize; 4]> {
    let (width, height) = (frame.width as usize, frame.height as usize);
    let side = width.min(height);
    if side * 8 > width.max(height) * 7 {
        return Vec::new();
    }
    vec![[0, 0, side, side], [width - side, height - side, side, side]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(faces: &[(f32, f32)]) -> Search {
        let face = |&(confidence, width): &(f32, f32)| Detection {
            confidence,
            centre: [50.0; 2],
            size: [width; 2],
            points: [[50.0; 2]; 6],
        };
        Search { faces: faces.iter().map(face).collect(), brightness: 0.5 }
    }

    #[test]
    fn the_quick_search_is_accepted_only_if_it_is_certain() {
        let frame = Frame { width: 640, height: 480, rgb: Vec::new() };
        assert!(search(&[(0.9, 150.0)]).is_sure(&frame));
        assert!(search(&[(0.9, 150.0), (0.85, 120.0)]).is_sure(&frame));
        for doubtful in [&[][..], &[(0.7, 150.0)], &[(0.9, 90.0)], &[(0.9, 150.0), (0.4, 150.0)]] {
            assert!(!search(doubtful).is_sure(&frame), "{doubtful:?}");
        }
    }
}
