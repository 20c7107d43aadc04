//! A musical key by name.

const NAMES: [&str; 12] = ["a", "a#", "b", "c", "c#", "d", "d#", "e", "f", "f#", "g", "g#"];

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Key {
    /// Semitones above a.
    pub tonic: usize,
    /// Best likeness to a major key less that to a minor key, about -0.3..0.3; the sign is the mode.
    pub majorness: f32,
    /// How well the best key fits, 0..1.
    pub clarity: f32,
}

impl Key {
    /// For instance "a minor".
    pub fn name(&self) -> String {
        format!("{} {}", NAMES[self.tonic], if self.majorness >= 0.0 { "major" } else { "minor" })
    }

    /// The key of a tag: "Am", "Bb", "F# minor".
    pub fn named(text: &str) -> Option<Self> {
        let text = text.to_lowercase();
        let letter = text.get(..1).and_then(|letter| NAMES.iter().position(|name| *name == letter))?;
        let rest = &text[1..];
        let (shift, mode) = match rest.strip_prefix(['#', '♯']) {
            Some(mode) => (1, mode),
            None => rest.strip_prefix(['b', '♭']).map_or((0, rest), |mode| (11, mode)),
        };
        let minor = match mode.trim() {
            "" | "maj" | "major" => false,
            "m" | "min" | "minor" => true,
            _ => return None,
        };
        let majorness = if minor { -0.1 } else { 0.1 };
        Some(Self { tonic: (letter + shift) % 12, majorness, clarity: 1.0 })
    }
}
