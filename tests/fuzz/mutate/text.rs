//! Changes to lines of JSON that leave them JSON: what a reader of numbers must doubt, and not what a parser refuses.

use super::Mutator;

const NUMBERS: [&str; 16] = [
    "0",
    "-0.0",
    "1",
    "0.5",
    "-1",
    "1e-50",
    "1e38",
    "1e39",
    "0.9999999",
    "4294967295",
    "4294967296",
    "1e308",
    "null",
    "2e-45",
    "255",
    "0.1",
];

/// Another number, or a line more, less or elsewhere.
pub fn change(chance: &mut Mutator, bytes: &mut Vec<u8>) {
    if chance.below(4) > 0 { number(chance, bytes) } else { line(chance, bytes) }
}

fn number(chance: &mut Mutator, bytes: &mut Vec<u8>) {
    let within = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e');
    let starts: Vec<usize> =
        (1..bytes.len()).filter(|&k| within(&bytes[k]) && b":,[".contains(&bytes[k - 1])).collect();
    let Some(&start) = starts.get(chance.below(starts.len())) else { return };
    let end = start + bytes[start..].iter().take_while(|byte| within(byte)).count();
    let share = format!("{:.4}", chance.below(10_001) as f32 / 10_000.0);
    let new = if chance.below(2) == 0 { share.as_str() } else { NUMBERS[chance.below(NUMBERS.len())] };
    drop(bytes.splice(start..end, new.bytes()));
}

fn line(chance: &mut Mutator, bytes: &mut Vec<u8>) {
    let mut lines: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
    if lines.is_empty() {
        return;
    }
    let (from, to) = (chance.below(lines.len()), chance.below(lines.len()));
    match chance.below(3) {
        0 => drop(lines.remove(from)),
        1 => lines.insert(to, lines[from]),
        _ => lines.swap(from, to),
    }
    *bytes = lines.concat();
}
