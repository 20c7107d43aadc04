//! How values are written in the file: lengths of time, and the one word `off` in place of a table.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::config::CameraConfig;

/// Lengths of time as people write them: "90s", "5m", "1h 30m".
pub mod time {
    use std::time::Duration;

    use jiff::SignedDuration;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Shorter ones would leave no pause between looks; longer ones overflow when they are added to a time.
    const SHORTEST: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(366 * 86_400);

    /// From a second to a year.
    pub fn parse(text: &str) -> Option<Duration> {
        let read = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
        read.filter(|time| (SHORTEST..=LONGEST).contains(time))
    }

    pub fn serialize<S: Serializer>(time: &Duration, target: S) -> Result<S::Ok, S::Error> {
        let signed = SignedDuration::try_from(*time).map_err(serde::ser::Error::custom)?;
        target.serialize_str(&format!("{signed:#}"))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(source: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(source)?;
        parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not a length of time")))
    }
}

/// A table, or the one word `off`, which means `enabled = false`.
pub fn camera_or_off<'de, D: Deserializer<'de>>(source: D) -> Result<CameraConfig, D::Error> {
    struct TableOrOff;
    impl<'de> Visitor<'de> for TableOrOff {
        type Value = CameraConfig;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("\"off\", or a table [camera]")
        }

        fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<CameraConfig, E> {
            match word {
                "off" => Ok(CameraConfig { enabled: false, ..CameraConfig::default() }),
                _ => Err(E::invalid_value(serde::de::Unexpected::Str(word), &self)),
            }
        }

        fn visit_map<A: MapAccess<'de>>(self, table: A) -> Result<CameraConfig, A::Error> {
            CameraConfig::deserialize(MapAccessDeserializer::new(table))
        }
    }
    source.deserialize_any(TableOrOff)
}
