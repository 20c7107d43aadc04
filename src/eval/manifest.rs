//! `manifest.csv`: which pictures there are, how many faces each has, what they express.

use std::path::Path;

use anyhow::Result;

use crate::fault::usage;

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
pub fn read(folder: &Path) -> Result<Vec<Row>> {
    let file = folder.join("manifest.csv");
    let hint = "it needs the columns file,faces,tags,expression";
    let text = std::fs::read_to_string(&file)
        .map_err(|error| usage(format!("cannot read {}: {error}", file.display()), hint))?;
    parse(&text).ok_or_else(|| usage(format!("{} is not such a list of pictures", file.display()), hint))
}

fn parse(text: &str) -> Option<Vec<Row>> {
    let mut lines = text.lines().map(fields);
    let head = lines.next()?;
    let column = |name: &str| head.iter().position(|title| title == name);
    let (file, faces, tags, expression) = (column("file")?, column("faces")?, column("tags")?, column("expression")?);
    let row = |fields: Vec<String>| {
        let tags = fields.get(tags)?.split(',').map(|tag| tag.trim().to_owned()).filter(|tag| !tag.is_empty());
        Some(Row {
            file: fields.get(file)?.clone(),
            faces: fields.get(faces)?.parse().ok(),
            tags: tags.collect(),
            expression: fields.get(expression)?.clone(),
        })
    };
    lines.filter(|fields| fields.len() > 1).map(row).collect()
}

/// The fields of a line (RFC 4180, without line breaks in quotes).
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            letter => fields.last_mut().expect("there is always a field").push(letter),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_with_commas_stay_in_their_column() {
        let rows = parse("file,faces,tags,expression\na.jpg,many,\"group, dark\",\nb.jpg,1,,happy\n").unwrap();
        assert_eq!((rows[0].faces, rows[0].tags.as_slice()), (None, &["group".to_owned(), "dark".to_owned()][..]));
        assert_eq!((rows[1].faces, rows[1].expression.as_str()), (Some(1), "happy"));
    }

    #[test]
    fn a_list_without_its_columns_is_refused() {
        assert_eq!(parse("name,count\na.jpg,1\n"), None);
        assert_eq!(parse(""), None);
    }
}
