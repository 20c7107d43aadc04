//! CSV files with a line of column names.

use std::path::{Path, PathBuf};

use anyhow::Result;

use moodring_core::error::usage_error;

/// The spellings of a missing number.
const GAPS: [&str; 6] = ["", "nan", "na", "n/a", "null", "none"];

/// The rows of a file, by named columns.
pub struct Sheet {
    file: PathBuf,
    names: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl Sheet {
    /// Reads the whole file.
    ///
    /// # Errors
    /// A usage error for a file that cannot be read, has rows of unequal length, or no row at all.
    pub fn read(file: &Path) -> Result<Self> {
        let complain = |error: csv::Error| {
            usage_error(
                format!("cannot read {}: {error}", file.display()),
                "it should be a CSV file with a line of names first",
            )
        };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(file).map_err(complain)?;
        // Spreadsheets put a byte order mark first.
        let names = reader.headers().map_err(complain)?;
        let names = names.iter().map(|name| name.trim_start_matches('\u{feff}')).collect();
        let rows = reader.records().collect::<csv::Result<Vec<_>>>().map_err(complain)?;
        if rows.is_empty() {
            return Err(usage_error(format!("{} has no rows", file.display()), "give a file with data in it"));
        }
        Ok(Self { file: file.into(), names, rows })
    }

    /// The names of the columns, in lower case.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.names.iter().map(str::to_lowercase)
    }

    /// The position of a column.
    pub fn column(&self, name: &str) -> Result<usize> {
        self.names.iter().position(|known| known.eq_ignore_ascii_case(name)).ok_or_else(|| {
            let known = self.names.iter().collect::<Vec<_>>().join(",");
            usage_error(format!("{} has no column \"{name}\"", self.file.display()), format!("its columns are {known}"))
        })
    }

    /// All values of a column as text.
    pub fn texts(&self, name: &str) -> Result<Vec<&str>> {
        let column = self.column(name)?;
        Ok(self.rows.iter().map(|row| &row[column]).collect())
    }

    pub fn has(&self, name: &str) -> bool {
        self.column(name).is_ok()
    }

    /// All values of a column of finite numbers.
    pub fn numbers(&self, name: &str) -> Result<Vec<f32>> {
        let number = |(row, text)| self.number(row, name, text);
        self.rows.iter().zip(self.texts(name)?).map(number).collect()
    }

    /// All values of a column of numbers; a missing number is NaN.
    pub fn numbers_or_gaps(&self, name: &str) -> Result<Vec<f32>> {
        let gap = |text: &str| GAPS.iter().any(|gap| text.eq_ignore_ascii_case(gap));
        let number = |(row, text)| if gap(text) { Ok(f32::NAN) } else { self.number(row, name, text) };
        self.rows.iter().zip(self.texts(name)?).map(number).collect()
    }

    fn number(&self, row: &csv::StringRecord, name: &str, text: &str) -> Result<f32> {
        text.parse::<f32>().ok().filter(|value| value.is_finite()).ok_or_else(|| {
            let line = row.position().map_or(0, csv::Position::line);
            usage_error(
                format!("{}:{line}: {name} is \"{text}\"", self.file.display()),
                format!("{name} should be a number"),
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(text: &str) -> Result<Sheet> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Sheet::read(file.path())
    }

    #[test]
    fn columns_are_read_by_name_and_quotes_hold_commas() {
        let sheet = sheet("Name,weight\n\"One, two\", 1.5\nthree,2\n").unwrap();
        assert_eq!(sheet.texts("name").unwrap(), ["One, two", "three"]);
        assert_eq!(sheet.numbers("weight").unwrap(), [1.5, 2.0]);
    }

    #[test]
    fn a_missing_number_is_nan_where_gaps_are_allowed_and_a_byte_order_mark_is_skipped() {
        let sheet = sheet("\u{feff}tempo,mood\n120,a\n,b\nNaN,c\n").unwrap();
        let tempos = sheet.numbers_or_gaps("tempo").unwrap();
        assert!(tempos[0] == 120.0 && tempos[1].is_nan() && tempos[2].is_nan());
        assert!(sheet.numbers("tempo").is_err() && sheet.has("mood") && !sheet.has("genre"));
    }

    #[test]
    fn an_error_names_the_line() {
        let wrong = sheet("user,weight\na,1\nb,many\n").unwrap();
        assert!(wrong.numbers("weight").unwrap_err().to_string().ends_with(":3: weight is \"many\""));
        let missing = wrong.column("item").unwrap_err();
        assert!(missing.to_string().contains("no column \"item\""));
        assert_eq!(moodring_core::error::find_user_error(&missing).unwrap().hint, "its columns are user,weight");
        assert!(sheet("user,weight\n").is_err() && sheet("a,b\n1\n").is_err() && sheet("").is_err());
    }
}
