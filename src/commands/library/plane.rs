//! The plane of valence and energy, drawn with letters: where a library has its songs.

use serde::Serialize;

const COLUMNS: usize = 50;
const ROWS: usize = 16;
/// From no song to the fullest cell, in equal steps of the logarithm.
const SHADES: [char; 6] = [' ', '·', '+', 'o', '#', '@'];

/// How many songs lie in each cell; the first row is the liveliest, the first column the least pleasant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plane {
    pub cells: Vec<Vec<usize>>,
}

impl Plane {
    /// From places (valence, energy), each 0..1.
    pub fn new(places: impl Iterator<Item = (f32, f32)>) -> Self {
        let mut cells = vec![vec![0; COLUMNS]; ROWS];
        let index = |share: f32, count: usize| ((share.clamp(0.0, 1.0) * count as f32) as usize).min(count - 1);
        for (valence, energy) in places {
            cells[ROWS - 1 - index(energy, ROWS)][index(valence, COLUMNS)] += 1;
        }
        Self { cells }
    }

    /// As lines of text.
    pub fn drawn(&self) -> String {
        let fullest = self.cells.iter().flatten().copied().max().unwrap_or(0);
        let edge = format!("   +{}+", "-".repeat(COLUMNS));
        let line = |(k, row): (usize, &Vec<usize>)| {
            let energy = if k == 0 {
                "1.0"
            } else if k == ROWS - 1 {
                "0.0"
            } else {
                "   "
            };
            let cells: String = row.iter().map(|count| shade(*count, fullest)).collect();
            format!(
                "{energy}|{cells}|{}",
                if k == 0 {
                    " lively"
                } else if k == ROWS - 1 {
                    " calm"
                } else {
                    ""
                }
            )
        };
        let rows: Vec<_> = self.cells.iter().enumerate().map(line).collect();
        let axis = format!("    0.0 sad{:>width$}", "cheerful 1.0", width = COLUMNS - 7);
        format!("{edge}\n{}\n{edge}\n{axis}", rows.join("\n"))
    }
}

fn shade(count: usize, fullest: usize) -> char {
    if count == 0 {
        return SHADES[0];
    }
    let share = (count as f32).ln_1p() / (fullest as f32).ln_1p();
    SHADES[((share * (SHADES.len() - 1) as f32).ceil() as usize).clamp(1, SHADES.len() - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cheerful_lively_song_is_drawn_at_the_top_right() {
        let drawn = Plane::new([(1.0, 1.0), (0.0, 0.0)].into_iter()).drawn();
        let lines: Vec<_> = drawn.lines().collect();
        assert!(lines[1].ends_with("@| lively") && lines[1].starts_with("1.0| "), "{drawn}");
        assert!(lines[ROWS].starts_with("0.0|@") && lines[ROWS].ends_with(" | calm"), "{drawn}");
    }

    #[test]
    fn fuller_cells_are_darker() {
        let many = (0..100).map(|_| (0.1, 0.5));
        let drawn = Plane::new(many.chain([(0.9, 0.5)])).drawn();
        assert!(drawn.contains('@') && drawn.contains('·') && !drawn.contains('#'), "{drawn}");
        assert_eq!(shade(0, 9), ' ');
    }
}
