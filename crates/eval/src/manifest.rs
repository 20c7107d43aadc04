//! `manifest.csv`: pictures with their number of faces and their expressions.

use std::path::Path;

use anyhow::Result;

use crate::sheet::Sheet;

/// A picture and its labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub file: String,
    /// `None` if the faces were not counted ("many").
    pub faces: Option<usize>,
    pub tags: Vec<String>,
    /// As in the file; it may name several expressions, as in "surprise/fear".
    pub expression: String,
}

/// Reads the columns file, faces, tags and expression, in any order, of `DIR/manifest.csv`.
///
/// # Errors
/// A usage error if the file or one of its columns is missing.
pub fn read(folder: &Path) -> Result<Vec<Row>> {
    let sheet = Sheet::read(&folder.join("manifest.csv"))?;
    let (files, faces) = (sheet.texts("file")?, sheet.texts("faces")?);
    let (tags, expressions) = (sheet.texts("tags")?, sheet.texts("expression")?);
    let row = |k: usize| Row {
        file: files[k].to_owned(),
        faces: faces[k].parse().ok(),
        tags: tags[k].split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(String::from).collect(),
        expression: expressions[k].to_owned(),
    };
    Ok((0..files.len()).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<Vec<Row>> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("manifest.csv"), text).unwrap();
        read(folder.path())
    }

    #[test]
    fn tags_with_commas_stay_in_their_column() {
        let rows = list("file,faces,tags,expression\r\na.jpg,many,\"group, dark\",\r\nb.jpg,1,,happy\r\n").unwrap();
        assert_eq!((rows[0].faces, rows[0].tags.as_slice()), (None, &["group".to_owned(), "dark".to_owned()][..]));
        assert_eq!((rows[1].faces, rows[1].expression.as_str()), (Some(1), "happy"));
    }

    #[test]
    fn an_error_names_the_missing_column() {
        let error = list("file,count\na.jpg,1\n").unwrap_err();
        assert!(error.to_string().contains("no column \"faces\""), "{error}");
        assert!(list("").is_err() && read(Path::new("/nowhere")).is_err());
    }
}
