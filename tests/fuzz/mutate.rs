//! Changes to bytes, some blind and some as a format's reader is likely to trip over.

mod png;
mod text;

/// Numbers at which lengths and indices go wrong.
const EDGES: [u64; 14] =
    [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, u64::MAX];
/// Pieces that mean something in what is fuzzed: markers of JPEG and PNG, and numbers and signs of JSON.
const PIECES: [&[u8]; 30] = [
    b"\xff\xd8",
    b"\xff\xd9",
    b"\xff\xc0",
    b"\xff\xc2",
    b"\xff\xc4",
    b"\xff\xda",
    b"\xff\xdb",
    b"\xff\xdd",
    b"\xff\xd0",
    b"\xff\xe0\x00\x07AVI1\0",
    b"\xff\xe1\x00\x10Exif\0\0MM\0*",
    b"IHDR",
    b"IDAT",
    b"PLTE",
    b"tRNS",
    b"IEND",
    b"eXIf",
    b"acTL",
    b"1e39",
    b"-1",
    b"1e-50",
    b"null",
    b"[]",
    b"{}",
    b"\"",
    b",",
    b"\n",
    b"99999999999999999999",
    b"NaN",
    b"\\u0000",
];
const LONGEST: usize = 1 << 16;

/// xorshift64* (Vigna 2016): repeats from its seed.
pub struct Mutator {
    state: u64,
}

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Self { state: seed | 1 }
    }

    fn random(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// 0 up to but not including the count; 0 when that is 0.
    fn below(&mut self, count: usize) -> usize {
        (self.random() >> 16) as usize % count.max(1)
    }

    /// A seed with one to sixteen changes, few more often than many.
    pub fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        // Half of the lines of JSON stay JSON.
        let text = bytes.starts_with(b"{") && self.below(2) == 0;
        for _ in 0..1 << self.below(5) {
            if text {
                text::change(self, &mut bytes);
            } else {
                self.change(&mut bytes, seeds);
            }
        }
        bytes.truncate(LONGEST);
        // A wrong checksum is the first thing that a reader of PNG finds, and then it reads nothing else.
        if self.below(8) > 0 {
            png::seal(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len());
        let longest = 1 << self.below(12);
        let end = at + self.below(longest.min(bytes.len() - at) + 1);
        match self.below(10) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << (end % 8)),
            1 => {
                let value = self.random() as u8;
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = value);
            }
            2 => self.edge(bytes, at),
            3 => drop(bytes.drain(at..end)),
            4 => bytes.truncate(at),
            5 => {
                let copy = bytes[at..end].to_vec();
                let to = self.below(bytes.len());
                drop(bytes.splice(to..to, copy));
            }
            6 => {
                let value = self.random() as u8;
                bytes[at..end].fill(value);
            }
            7 => {
                let piece = PIECES[self.below(PIECES.len())];
                let over = if self.below(2) == 0 { at } else { (at + piece.len()).min(bytes.len()) };
                drop(bytes.splice(at..over, piece.iter().copied()));
            }
            8 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len());
                drop(bytes.splice(at.., other[from..].iter().copied()));
            }
            _ => self.digit(bytes),
        }
    }

    /// A number of one, two or four bytes, in either order.
    fn edge(&mut self, bytes: &mut [u8], at: usize) {
        let (value, size) = (EDGES[self.below(EDGES.len())], 1 << self.below(3));
        let mut number = value.to_be_bytes()[8 - size..].to_vec();
        if self.below(2) == 0 {
            number.reverse();
        }
        for (to, from) in bytes.iter_mut().skip(at).zip(number) {
            *to = from;
        }
    }

    /// A digit within text becomes another, a sign or an exponent.
    fn digit(&mut self, bytes: &mut [u8]) {
        let digits: Vec<usize> = (0..bytes.len()).filter(|&k| bytes[k].is_ascii_digit()).collect();
        if !digits.is_empty() {
            let at = digits[self.below(digits.len())];
            bytes[at] = b"0123456789-e."[self.below(13)];
        }
    }
}
