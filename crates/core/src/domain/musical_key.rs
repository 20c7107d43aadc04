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

    /// The key of a tag: "Am", "Bb", "F# minor"; also as DJs number it: "8A" (Camelot) and "1m" (Open Key).
    pub fn named(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return Self::numbered(&text);
        }
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
        Some(Self::certain((letter + shift) % 12, minor))
    }

    /// Both ways go round the circle of fifths: Camelot has a minor at 8A, Open Key at 1m.
    fn numbered(text: &str) -> Option<Self> {
        let (number, letter) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let number = number.parse::<usize>().ok().filter(|number| (1..=12).contains(number))?;
        let (fifths, minor) = match letter {
            "a" => (number + 4, true),
            "b" => (number + 4, false),
            "m" => (number + 11, true),
            "d" => (number + 11, false),
            _ => return None,
        };
        let relative = if minor { 0 } else { 3 };
        Some(Self::certain((fifths * 7 + relative) % 12, minor))
    }

    fn certain(tonic: usize, minor: bool) -> Self {
        Self { tonic, majorness: if minor { -0.1 } else { 0.1 }, clarity: 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_name_and_by_the_numbers_of_djs() {
        let cases = [
            ("Am", "a minor"),
            ("F#m", "f# minor"),
            ("8A", "a minor"),
            ("8B", "c major"),
            ("9A", "e minor"),
            ("12B", "e major"),
            ("1A", "g# minor"),
            ("1m", "a minor"),
            ("1d", "c major"),
            ("2m", "e minor"),
        ];
        for (text, name) in cases {
            assert_eq!(Key::named(text).map(|key| key.name()).as_deref(), Some(name), "{text}");
        }
        assert!(["13A", "0B", "8C", "8", "h", ""].iter().all(|text| Key::named(text).is_none()));
    }
}
