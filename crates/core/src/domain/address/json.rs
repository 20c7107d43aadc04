//! Paths in JSON. A path that is not UTF-8 is written as its `file://` address.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use crate::domain::address::{parse_file_path, to_file_uri};

/// The path itself where it is text, else its `file://` address.
pub fn text(path: &Path) -> Cow<'_, str> {
    path.to_str().map_or_else(|| to_file_uri(path).into(), Cow::from)
}

fn read(text: String) -> PathBuf {
    parse_file_path(&text).unwrap_or_else(|| text.into())
}

/// For a field that is a path.
pub mod one {
    use super::*;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(path))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        String::deserialize(from).map(read)
    }
}

/// For a field that may be one.
pub mod maybe {
    use super::*;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        path.as_deref().map(text).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(read))
    }
}

/// For a field that is a list of them.
pub mod all {
    use super::*;
    use serde::Serializer;

    pub fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| text(path)))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use crate::domain::track::Track;
    use crate::message::Request;

    #[test]
    fn a_song_whose_name_is_no_text_comes_through_unchanged() {
        let odd = std::path::PathBuf::from(OsStr::from_bytes(b"/music/caf\xe9 %41.mp3"));
        for path in [odd, "/music/café %41.mp3".into()] {
            let track = Track { path: Some(path.clone()), ..Track::default() };
            let text = serde_json::to_string(&track).unwrap();
            assert_eq!(serde_json::from_str::<Track>(&text).unwrap(), track);
            let removal = Request::Remove(path);
            assert_eq!(serde_json::from_str::<Request>(&serde_json::to_string(&removal).unwrap()).unwrap(), removal);
        }
        let track = Track { path: Some("/music/a.ogg".into()), ..Track::default() };
        assert!(serde_json::to_string(&track).unwrap().contains(r#""path":"/music/a.ogg""#));
    }
}
