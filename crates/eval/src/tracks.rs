//! Songs with features and a mood label, from a CSV file.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;

use crate::sheet::Sheet;
use moodring_core::domain::pick::Aim;
use moodring_core::domain::song::Song;
use moodring_core::error::usage_error;
use moodring_core::mood::table::EmotionTable;
use moodring_core::mood::target::Target;
use moodring_core::mood::{Mood, MoodName};
use moodring_core::recommend::content::centre;
use moodring_core::recommend::content::genre_prior::prior;

/// The features to learn from; a file may have only some of them.
const FEATURES: [&str; 10] = [
    "valence",
    "energy",
    "tempo",
    "loudness",
    "danceability",
    "acousticness",
    "instrumentalness",
    "speechiness",
    "liveness",
    "mode",
];

/// The labelled songs of a file; rows without a label are left out.
pub struct Tracks {
    pub songs: Vec<Song>,
    /// The mood of each song, in lower case.
    pub moods: Vec<String>,
    /// Values by song of each feature; NaN: missing.
    columns: Vec<(&'static str, Vec<f32>)>,
}

/// The features that both files have.
pub fn shared(one: &Tracks, other: &Tracks) -> Vec<&'static str> {
    let has = |tracks: &Tracks, name: &str| tracks.columns.iter().any(|(known, _)| *known == name);
    FEATURES.into_iter().filter(|name| has(one, name) && has(other, name)).collect()
}

impl Tracks {
    /// Reads a file with the columns valence, energy and mood. Artist, genre and the other features are optional.
    pub fn read(file: &Path) -> Result<Self> {
        let sheet = Sheet::read(file)?;
        let moods: Vec<String> = sheet.texts("mood")?.iter().map(|mood| mood.to_lowercase()).collect();
        let labelled: Vec<usize> = (0..moods.len()).filter(|n| !moods[*n].is_empty()).collect();
        if labelled.is_empty() {
            return Err(usage_error(
                format!("no song of {} has a mood", file.display()),
                "fill in the column \"mood\"",
            ));
        }
        sheet.column("valence").and(sheet.column("energy"))?;
        let columns = FEATURES.into_iter().filter(|name| sheet.has(name));
        let columns = columns.map(|name| Ok((name, chosen(&sheet.numbers_or_gaps(name)?, &labelled))));
        let columns: Vec<(&str, Vec<f32>)> = columns.collect::<Result<_>>()?;
        let text = |name| if sheet.has(name) { sheet.texts(name) } else { Ok(vec![""; moods.len()]) };
        let (artists, genres) = (chosen(&text("artist")?, &labelled), chosen(&text("genre")?, &labelled));
        let songs = (0..labelled.len()).map(|n| song(n, artists[n], genres[n], &columns)).collect();
        Ok(Self { songs, moods: chosen(&moods, &labelled), columns })
    }

    /// The moods of the file in alphabetical order.
    pub fn moods(&self) -> Vec<String> {
        self.moods.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    pub fn labelled(&self, mood: &str) -> Vec<bool> {
        self.moods.iter().map(|known| known == mood).collect()
    }

    /// The features by song.
    pub fn rows(&self, names: &[&str]) -> Vec<Vec<f32>> {
        let columns: Vec<&Vec<f32>> = names
            .iter()
            .filter_map(|name| self.columns.iter().find(|(known, _)| known == name))
            .map(|c| &c.1)
            .collect();
        (0..self.songs.len()).map(|n| columns.iter().map(|column| column[n]).collect()).collect()
    }

    /// The point of a mood: that of its word, or the mean of its songs for an unknown word.
    pub fn target(&self, mood: &str) -> Target {
        place(mood).unwrap_or_else(|| {
            let labelled = self.labelled(mood);
            let songs = self.songs.iter().zip(labelled).filter(|(_, labelled)| *labelled);
            aimed(centre(songs.map(|(song, _)| song)))
        })
    }
}

/// The point of a mood word, from the paper's table or from the meaning of the word; `None` for an unknown word.
pub fn place(mood: &str) -> Option<Target> {
    let table = EmotionTable::default();
    let row = MoodName::ALL.into_iter().find(|name| name.word() == mood).map(|name| table.place(name));
    let place = row.map(|row| (row.valence, row.energy));
    place.or_else(|| prior("", mood).map(|word| (word.valence, word.energy))).map(aimed)
}

/// A target at a point, with the genres of the nearest row.
pub fn aimed((valence, energy): (f32, f32)) -> Target {
    let table = EmotionTable::default();
    let name = table.nearest(&Mood { valence, energy, confidence: 1.0 });
    Target { valence, energy, genres: table.genres(name).to_vec(), name, aim: Aim::ByHand }
}

fn chosen<T: Clone>(values: &[T], which: &[usize]) -> Vec<T> {
    which.iter().map(|n| values[*n].clone()).collect()
}

/// A song with a certain valence and energy; a missing value becomes 0.5.
fn song(n: usize, artist: &str, genre: &str, columns: &[(&str, Vec<f32>)]) -> Song {
    let value = |name: &str| columns.iter().find(|(known, _)| *known == name).map(|c| c.1[n]).filter(|v| v.is_finite());
    Song {
        id: n as i64,
        artist: artist.into(),
        genre: genre.to_lowercase(),
        valence: value("valence").unwrap_or(0.5),
        energy: value("energy").unwrap_or(0.5),
        tempo: value("tempo").unwrap_or_default(),
        certainty: 1.0,
        ..Song::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tracks(text: &str) -> Result<Tracks> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Tracks::read(file.path())
    }

    #[test]
    fn columns_come_in_any_order_and_gaps_are_no_numbers() {
        let found = tracks("Mood,energy,title,valence,tempo\nSad,0.1,x,,90\n,0.5,y,0.5,1\nCalm,0.2,z,0.7,\n").unwrap();
        assert_eq!((found.songs.len(), found.moods()), (2, vec!["calm".into(), "sad".into()]));
        assert_eq!((found.songs[0].valence, found.songs[1].valence, found.songs[1].tempo), (0.5, 0.7, 0.0));
        let rows = found.rows(&["tempo", "valence"]);
        assert!(rows[0][0] == 90.0 && rows[0][1].is_nan() && rows[1][0].is_nan());
    }

    #[test]
    fn the_point_of_a_mood_is_that_of_the_table_or_the_word_or_the_mean_of_its_songs() {
        let found = tracks("valence,energy,mood\n0.3,0.4,blorp\n0.5,0.6,blorp\n0.5,0.5,happy\n").unwrap();
        let place = |mood| (found.target(mood).valence, found.target(mood).energy);
        assert_eq!(place("happy"), (0.8, 0.8));
        assert!(place("calm").1 < 0.2);
        assert!((place("blorp").0 - 0.4).abs() < 1e-6 && (place("blorp").1 - 0.5).abs() < 1e-6);
    }

    #[test]
    fn an_unusable_file_is_an_error_with_the_reason() {
        let said = |text| tracks(text).map(|_| ()).unwrap_err().to_string();
        assert!(said("valence,energy\n1,1\n").contains("no column \"mood\""));
        assert!(said("valence,mood\n1,sad\n").contains("no column \"energy\""));
        assert!(said("valence,energy,mood\n1,1,\n").contains("has a mood"));
        assert!(said("valence,energy,mood\nhigh,1,sad\n").contains(":2: valence is \"high\""));
    }
}
