//! The icon: a ring that shows the mood by its colour and, without colour, by where it is thick.
//!
//! The ring is the plane of valence and energy seen from its middle: it is thick to the right for a bright mood, to the
//! left for a gloomy one, at the top for a lively one, at the bottom for a calm one, and even all around for a mood in
//! the middle or none. What is inside says what Moodring is about: nothing while it watches, a dot while it looks, two
//! bars while it is paused, a question mark in a dashed ring until it may look, an exclamation mark when it is in trouble.

use crate::desktop::ipc::wire::{PhaseReport, StatusReport};
use moodring_core::mood::Mood;

type Colour = [f32; 3];

/// Around the ring and behind a sign, so that both stand out on a light panel; the rest is bright enough for a dark one.
const DARK: Colour = [0.12, 0.12, 0.15];
const SIGN: Colour = [0.96, 0.96, 0.98];
const GREY: Colour = [0.66, 0.67, 0.70];

/// Lengths as parts of the icon's side: the ring is a disc with a round hole, which moves away from the thick side.
const DISC: f32 = 0.45;
const HOLE: f32 = 0.30;
const MOVE: f32 = 0.095;
const EDGE: f32 = 0.035;

/// Samples along each side of a pixel.
const FINE: u32 = 4;

/// `side` x `side` pixels of straight RGBA, row by row from the top.
pub fn draw(view: &StatusReport, side: u32) -> Vec<u8> {
    let ring = Ring::of(view);
    let pixels = (0..side * side).map(|k| (k % side, k / side));
    pixels.flat_map(|(x, y)| ring.pixel(x, y, side)).collect()
}

struct Ring {
    colour: Colour,
    /// Middle of the hole, from the middle of the icon.
    hole: [f32; 2],
    inside: Inside,
}

#[derive(Clone, Copy, PartialEq)]
enum Inside {
    Nothing,
    Dot,
    Bars,
    Question,
    Exclamation,
}

impl Ring {
    fn of(view: &StatusReport) -> Self {
        let inside = match view.phase {
            PhaseReport::Asking => Inside::Question,
            PhaseReport::Watching | PhaseReport::CameraInUse(_) => Inside::Nothing,
            PhaseReport::Looking | PhaseReport::Calibrating => Inside::Dot,
            PhaseReport::Paused(_) => Inside::Bars,
            PhaseReport::Trouble(_) => Inside::Exclamation,
        };
        let known = inside != Inside::Question && (view.by_hand.is_some() || view.mood.confidence > 0.0);
        let (colour, hole) = if known { (colour(&view.mood), hole(&view.mood)) } else { (GREY, [0.0; 2]) };
        let colour = if inside == Inside::Bars { mix(colour, GREY, 0.6) } else { colour };
        Self { colour, hole, inside }
    }

    fn pixel(&self, x: u32, y: u32, side: u32) -> [u8; 4] {
        let place = |pixel: u32, part: u32| (pixel as f32 + (part as f32 + 0.5) / FINE as f32) / side as f32 - 0.5;
        let samples = (0..FINE * FINE).filter_map(|k| self.sample(place(x, k % FINE), -place(y, k / FINE)));
        let (mut sum, mut count) = ([0.0; 3], 0.0);
        for colour in samples {
            sum = [sum[0] + colour[0], sum[1] + colour[1], sum[2] + colour[2]];
            count += 1.0;
        }
        let [red, green, blue] = sum.map(|value| byte(value / f32::max(count, 1.0)));
        [red, green, blue, byte(count / (FINE * FINE) as f32)]
    }

    /// The colour at a point, its origin in the middle and y upwards; `None`: see-through.
    fn sample(&self, x: f32, y: f32) -> Option<Colour> {
        let (in_x, in_y) = (x - self.hole[0], y - self.hole[1]);
        let ring = (x.hypot(y) - DISC).max(HOLE - in_x.hypot(in_y)).max(self.gap(x, y));
        let behind_sign = self.inside != Inside::Nothing && in_x.hypot(in_y) < HOLE;
        match ring {
            _ if self.inside.distance(in_x, in_y) <= 0.0 => Some(SIGN),
            d if d <= 0.0 => Some(self.colour),
            d if d <= EDGE || behind_sign => Some(DARK),
            _ => None,
        }
    }

    /// Positive in the six gaps of the dashed ring.
    fn gap(&self, x: f32, y: f32) -> f32 {
        if self.inside == Inside::Question { (y.atan2(x) * 3.0).sin().abs() * 0.16 - 0.10 } else { -1.0 }
    }
}

impl Inside {
    /// Distance to the sign, from the middle of the hole; negative within it.
    fn distance(self, x: f32, y: f32) -> f32 {
        match self {
            Self::Nothing => f32::INFINITY,
            Self::Dot => x.hypot(y) - 0.14,
            Self::Bars => bar(x.abs() - 0.085, y, 0.045, 0.15),
            Self::Exclamation => bar(x, y - 0.06, 0.055, 0.13).min(x.hypot(y + 0.16) - 0.06),
            Self::Question => question(x, y),
        }
    }
}

/// Distance to an upright box of half `width` and half `height` around the origin.
fn bar(x: f32, y: f32, width: f32, height: f32) -> f32 {
    (x.abs() - width).max(y.abs() - height)
}

fn question(x: f32, y: f32) -> f32 {
    let (dx, dy) = (x, y - 0.075);
    // The hook is a circle without its lower left quarter.
    let hook = if dx < 0.0 && dy < 0.0 { f32::INFINITY } else { (dx.hypot(dy) - 0.09).abs() - 0.038 };
    let stem = bar(x, y + 0.05, 0.038, 0.04);
    let dot = x.hypot(y + 0.17) - 0.05;
    hook.min(stem).min(dot)
}

/// The hole lies opposite to where the mood lies in the plane; close to the middle it stays there.
fn hole(mood: &Mood) -> [f32; 2] {
    let (x, y) = (mood.valence - 0.5, mood.energy - 0.5);
    let distance = x.hypot(y);
    if distance > 0.08 { [x, y].map(|way| -way / distance * MOVE) } else { [0.0; 2] }
}

/// The colour of a mood as red, green and blue.
pub fn bytes(mood: &Mood) -> [u8; 3] {
    colour(mood).map(byte)
}

/// Amber for bright and lively, green for bright and calm, blue for gloomy and calm, red for gloomy and lively.
fn colour(mood: &Mood) -> Colour {
    const AMBER: Colour = [1.0, 0.78, 0.16];
    const GREEN: Colour = [0.25, 0.80, 0.52];
    const BLUE: Colour = [0.30, 0.56, 1.0];
    const RED: Colour = [0.97, 0.30, 0.26];
    // Moods rarely reach the corners; 1.6 makes the table's rows look as different as they are.
    let reach = |value: f32| ((value - 0.5) * 1.6 + 0.5).clamp(0.0, 1.0);
    let (valence, energy) = (reach(mood.valence), reach(mood.energy));
    let plane = mix(mix(BLUE, GREEN, valence), mix(RED, AMBER, valence), energy);
    mix(GREY, plane, (mood.distance(&Mood::NEUTRAL) / 0.25).min(1.0))
}

fn mix(a: Colour, b: Colour, part: f32) -> Colour {
    [0, 1, 2].map(|k| a[k] + (b[k] - a[k]) * part)
}

fn byte(value: f32) -> u8 {
    (value * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desktop::tray::examples::view;

    static PHASES: [PhaseReport; 5] = [
        PhaseReport::Watching,
        PhaseReport::Looking,
        PhaseReport::Paused(None),
        PhaseReport::Asking,
        PhaseReport::Trouble(String::new()),
    ];
    const PLACES: [[f32; 2]; 5] = [[0.85, 0.75], [0.15, 0.25], [0.2, 0.85], [0.55, 0.8], [0.5, 0.5]];

    fn at([valence, energy]: [f32; 2], phase: &PhaseReport) -> StatusReport {
        StatusReport { phase: phase.clone(), mood: Mood { valence, energy, confidence: 0.9 }, ..view() }
    }

    /// As a person without colour sight sees it on a dark panel.
    fn greys(view: &StatusReport, side: u32) -> Vec<f32> {
        let pixels = draw(view, side);
        assert_eq!(pixels.len(), (side * side * 4) as usize);
        let grey = |p: &[u8]| f32::from(p[0]) * 0.299 + f32::from(p[1]) * 0.587 + f32::from(p[2]) * 0.114;
        pixels.chunks(4).map(|p| grey(p) * f32::from(p[3]) / 255.0).collect()
    }

    /// The part of the icon that looks clearly different.
    fn difference(a: &[f32], b: &[f32]) -> f32 {
        let clear = a.iter().zip(b).filter(|(a, b)| (*a - *b).abs() > 48.0).count();
        clear as f32 / a.len() as f32
    }

    fn check_all_differ(views: &[StatusReport]) {
        for side in [16, 22, 32, 64] {
            let icons: Vec<_> = views.iter().map(|view| greys(view, side)).collect();
            for (k, icon) in icons.iter().enumerate() {
                for (other, view) in icons[..k].iter().zip(views) {
                    let different = difference(icon, other);
                    assert!(different > 0.03, "{side} px: {:?} / {:?}: {different}", views[k], view);
                }
            }
        }
    }

    #[test]
    fn what_it_is_about_shows_without_colour_at_every_size() {
        for place in PLACES {
            check_all_differ(&PHASES.each_ref().map(|phase| at(place, phase)));
        }
    }

    #[test]
    fn each_mood_shows_without_colour_at_every_size() {
        for phase in [PhaseReport::Watching, PhaseReport::Looking, PhaseReport::Paused(None)] {
            check_all_differ(&PLACES.map(|place| at(place, &phase)));
        }
    }

    #[test]
    fn the_icon_stands_out_on_light_and_dark_panels() {
        for (place, phase) in PLACES.iter().flat_map(|place| PHASES.iter().map(move |phase| (place, phase))) {
            for panel in [0.0, 40.0, 215.0, 255.0] {
                let pixels = draw(&at(*place, phase), 22);
                let shows = |p: &[u8]| {
                    let grey = f32::from(p[0]) * 0.299 + f32::from(p[1]) * 0.587 + f32::from(p[2]) * 0.114;
                    (grey - panel).abs() * f32::from(p[3]) / 255.0 > 80.0
                };
                let part = pixels.chunks(4).filter(|p| shows(p)).count() as f32 / (22.0 * 22.0);
                assert!(part > 0.15, "{phase:?} at {place:?} on {panel}: {part}");
            }
        }
    }

    #[test]
    fn a_mood_without_evidence_points_nowhere() {
        let unknown =
            StatusReport { mood: Mood { confidence: 0.0, ..at(PLACES[0], &PhaseReport::Watching).mood }, ..view() };
        assert!(Ring::of(&unknown).hole == [0.0; 2]);
        assert!(Ring::of(&at(PLACES[0], &PhaseReport::Watching)).hole != [0.0; 2]);
    }
}
