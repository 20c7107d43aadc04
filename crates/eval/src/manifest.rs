//! `manifest.csv`: pictures with their number of faces and their expressions.

use std::path::Path;

use anyhow::Result;

use crate::sheet::Sheet;

/// A picture and what a person said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub file: String,
    /// `None`: nobody counted ("many").
    pub faces: Option<usize>,
    pub tags: Vec<String>,
    /// As written; may name several, as in "surprise/fear".
    pub expression: String,
}

/// Reads the columns file, faces, tags and expression, in any order, of `DIR/manifest.csv`.
///
/// # Errors
/// A usage fault when the list or a column of it is not there.
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
    fn a_list_without_its_columns_is_refused_and_the_missing_one_named() {
        let error = list("file,count\na.jpg,1\n").unwrap_err();
        assert!(error.to_string().contains("no column \"faces\""), "{error}");
        assert!(list("").is_err() && read(Path::new("/nowhere")).is_err());
    }
}
