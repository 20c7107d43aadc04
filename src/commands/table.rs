//! Plain tables for the terminal.

/// Lines of columns as wide as their widest cell, two spaces apart; the last column is not padded.
pub fn format_table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |row: &[String; COLUMNS]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["PLAYER", "STATE"], ["mpv", "playing"]].map(|row| row.map(str::to_owned));
        assert_eq!(format_table(&rows), "PLAYER  STATE\nmpv     playing");
    }
}
