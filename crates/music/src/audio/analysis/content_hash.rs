//! A number that stands for coded sound: the same packets give the same number, in whatever file they lie.

/// Where it begins, and an odd number near 2^64 divided by the golden ratio, whose multiples lie far apart.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

pub struct ContentHash(u64);

impl Default for ContentHash {
    fn default() -> Self {
        Self(BASIS)
    }
}

impl ContentHash {
    /// Eight bytes at a time, so that it costs nothing beside decoding.
    pub fn add(&mut self, packet: &[u8]) {
        let (words, rest) = packet.as_chunks::<8>();
        words.iter().for_each(|word| self.mix(u64::from_le_bytes(*word)));
        rest.iter().for_each(|byte| self.mix(u64::from(*byte)));
    }

    fn mix(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(FACTOR);
        // A multiplication moves differences upwards alone.
        self.0 = mixed ^ (mixed >> 29);
    }

    /// As SQLite keeps it.
    pub fn number(&self) -> i64 {
        self.0.cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> i64 {
        let mut print = ContentHash::default();
        print.add(bytes);
        print.number()
    }

    #[test]
    fn one_changed_bit_gives_another_number() {
        let sound: Vec<u8> = (0..203).collect();
        let mut numbers: Vec<i64> = (0..203 * 8)
            .map(|bit| {
                let mut changed = sound.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                number(&changed)
            })
            .chain([number(&sound)])
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 203 * 8 + 1);
    }
}
