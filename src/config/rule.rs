//! Which values a setting accepts.

use std::fmt;

use toml::Value;

use moodring_core::config::format::time;

#[derive(Clone, Copy, Debug)]
pub enum Rule {
    Flag,
    /// A whole number from..to, both included.
    Whole(i64, i64),
    /// A number from..to, both included.
    Number(f64, f64),
    Time,
    Word(&'static [&'static str]),
    Text,
    Texts,
    /// Its number, or a text that names it.
    Camera,
}

impl Rule {
    pub fn allows(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Flag, Value::Boolean(_)) | (Self::Text, Value::String(_)) => true,
            (Self::Camera, Value::String(_)) => true,
            (Self::Camera, Value::Integer(number)) => u32::try_from(*number).is_ok(),
            (Self::Whole(low, high), Value::Integer(number)) => (low..=high).contains(number),
            (Self::Number(low, high), Value::Integer(number)) => (low..=high).contains(&(*number as f64)),
            (Self::Number(low, high), Value::Float(number)) => (low..=high).contains(number),
            (Self::Time, Value::String(text)) => time::parse(text).is_some(),
            (Self::Word(words), Value::String(text)) => words.contains(&text.as_str()),
            (Self::Texts, Value::Array(values)) => values.iter().all(Value::is_str),
            _ => false,
        }
    }
}

/// Continues the sentence "expected …".
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("true or false"),
            Self::Whole(low, high) => write!(f, "a whole number from {low} to {high}"),
            Self::Number(low, high) => write!(f, "a number from {low} to {high}"),
            Self::Time => f.write_str("a duration from a second to a year, such as \"90s\", \"5m\" or \"1h 30m\""),
            Self::Word(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                f.write_str(&quoted.join(" or "))
            }
            Self::Camera => {
                f.write_str("\"auto\", a number as in /dev/video0, or a string: its path, or a part of its name")
            }
            Self::Text => f.write_str("a string"),
            Self::Texts => f.write_str("a list of strings such as [\"one\", \"two\"]"),
        }
    }
}
