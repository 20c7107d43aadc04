//! Metadata as players send it: of other types than specified, missing, or absurd.

use std::collections::HashMap;
use std::time::Duration;

use zbus::zvariant::{OwnedValue, Value};

use moodring_core::domain::address;
use moodring_core::domain::playback::PlaybackStatus;
use moodring_core::domain::track::Track;

/// The answer to `GetAll`, or a metadata map.
pub type Fields = HashMap<String, OwnedValue>;

/// The longest title, artist or album, in characters.
const LONGEST: usize = 200;

const MONTH: Duration = Duration::from_secs(30 * 24 * 3600);

/// A track from a metadata map; what is missing or invalid stays empty.
pub fn parse_track(fields: &Fields) -> Track {
    Track {
        // "xesam:uri" is how Celluloid writes it in its list.
        path: ["xesam:url", "xesam:uri"]
            .iter()
            .find_map(|name| as_str(fields.get(*name)?))
            .and_then(address::parse_file_path),
        title: get_text(fields, "xesam:title"),
        artist: get_text(fields, "xesam:artist"),
        album: get_text(fields, "xesam:album"),
        length: fields.get("mpris:length").and_then(|v| parse_microseconds(v)),
        streamed: false,
    }
}

/// The id under which a player knows a track; Rhythmbox and others send it as a plain string.
pub fn parse_track_id(fields: &Fields) -> Option<String> {
    let id = fields.get("mpris:trackid").and_then(|v| as_str(v))?;
    (id.len() < 1024).then(|| id.to_owned())
}

/// The metadata map within the properties of a player.
pub fn extract_metadata(properties: &Fields) -> Fields {
    let map = properties.get("Metadata").and_then(|v| v.try_clone().ok());
    map.and_then(|v| Fields::try_from(v).ok()).unwrap_or_default()
}

pub fn parse_status(properties: &Fields) -> PlaybackStatus {
    match properties.get("PlaybackStatus").and_then(|v| as_str(v)) {
        Some("Playing") => PlaybackStatus::Playing,
        Some("Paused") => PlaybackStatus::Paused,
        _ => PlaybackStatus::Stopped,
    }
}

pub fn get_bool(properties: &Fields, name: &str) -> bool {
    matches!(properties.get(name).map(|v| &**v), Some(Value::Bool(true)))
}

pub fn get_str<'a>(properties: &'a Fields, name: &str) -> Option<&'a str> {
    properties.get(name).and_then(|v| as_str(v))
}

/// A length of time as an integer or a real number of microseconds; negative means unknown.
pub fn parse_microseconds(value: &Value<'_>) -> Option<Duration> {
    let micros = match value {
        Value::I64(n) => u64::try_from(*n).ok()?,
        Value::U64(n) => *n,
        Value::I32(n) => u64::try_from(*n).ok()?,
        Value::U32(n) => u64::from(*n),
        Value::F64(n) if (0.0..1e15).contains(n) => *n as u64,
        Value::Value(inner) => return parse_microseconds(inner),
        _ => return None,
    };
    discard_absurd(Duration::from_micros(micros))
}

/// No track is longer than a month: such a length or position is unknown.
pub fn discard_absurd(time: Duration) -> Option<Duration> {
    (time < MONTH).then_some(time)
}

/// Text without control characters, of bounded length.
pub fn sanitize(text: &str) -> String {
    let head = text.chars().take(4 * LONGEST).map(|c| if c.is_control() { ' ' } else { c });
    head.collect::<String>().trim().chars().take(LONGEST).collect()
}

fn as_str<'a>(value: &'a Value<'_>) -> Option<&'a str> {
    match value {
        Value::Str(text) => Some(text.as_str()),
        Value::ObjectPath(path) => Some(path.as_str()),
        Value::Array(list) => list.iter().next().and_then(as_str),
        Value::Value(inner) => as_str(inner),
        _ => None,
    }
}

fn get_text(fields: &Fields, name: &str) -> String {
    fields.get(name).and_then(|v| as_str(v)).map(sanitize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: Vec<(&str, Value<'static>)>) -> Fields {
        pairs.into_iter().map(|(k, v)| (k.to_owned(), v.try_to_owned().unwrap())).collect()
    }

    #[test]
    fn each_known_form_of_a_track_is_read() {
        let read = parse_track(&fields(vec![
            ("xesam:url", "/m/a b.ogg".into()),
            ("xesam:title", "Alpha".into()),
            ("xesam:artist", vec!["One", "Two"].into()),
            ("xesam:album", Value::Value(Box::new("Album".into()))),
            ("mpris:length", 20_000_000.0.into()),
        ]));
        assert_eq!(read.path.unwrap().to_str(), Some("/m/a b.ogg"));
        assert_eq!((&*read.title, &*read.artist, &*read.album), ("Alpha", "One", "Album"));
        assert_eq!(read.length, Some(Duration::from_secs(20)));
    }

    #[test]
    fn nonsense_reads_as_nothing() {
        let read = parse_track(&fields(vec![
            ("xesam:url", 7.into()),
            ("xesam:title", vec![1, 2].into()),
            ("xesam:artist", Vec::<String>::new().into()),
            ("mpris:length", (-1_i64).into()),
        ]));
        assert_eq!(read, Track::default());
        assert_eq!(parse_microseconds(&f64::NAN.into()), None);
        assert_eq!(parse_microseconds(&i64::MAX.into()), None);
    }

    #[test]
    fn text_is_bounded_and_without_control_characters() {
        let said = sanitize(&format!("A\u{1b}[31m\nB{}", "x".repeat(10_000_000)));
        assert!(said.starts_with("A [31m B") && said.chars().count() == LONGEST, "{said}");
    }

    #[test]
    fn ids_are_read_in_both_types() {
        let path = zbus::zvariant::ObjectPath::try_from("/t/1").unwrap();
        assert_eq!(parse_track_id(&fields(vec![("mpris:trackid", path.into())])).as_deref(), Some("/t/1"));
        assert_eq!(parse_track_id(&fields(vec![("mpris:trackid", "/t/2".into())])).as_deref(), Some("/t/2"));
    }
}
