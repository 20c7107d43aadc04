//! Content features of each item, and what listeners play in each mood.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::histories::Names;
use crate::hybrid::recipes::Kind;
use crate::sheet::Sheet;
use crate::tracks::{aimed, place};
use moodring_core::domain::song::Song;
use moodring_core::error::usage_error;
use moodring_core::mood::target::Target;
use moodring_core::recommend::content::{centre, cosine, gaussian};

/// Content scores by mood, over the items that were learned from.
pub struct Moods {
    file: PathBuf,
    chances: BTreeMap<String, Vec<f32>>,
    cosines: BTreeMap<String, Vec<f32>>,
    gaussians: BTreeMap<String, Vec<f32>>,
    items: usize,
}

/// The cases of one listener.
pub struct Listener {
    pub name: String,
    pub cases: Vec<HybridCase>,
}

pub struct HybridCase {
    pub mood: String,
    pub relevant: HashSet<u32>,
    /// Also counts items that no model can know.
    pub all: usize,
}

/// The prefix of the columns that hold the probability of a mood.
const CHANCE: &str = "p_";

impl Moods {
    /// An item that the file lacks, and a number that is missing, count as the mean.
    pub fn read(file: &Path, items: &Names) -> Result<Self> {
        let sheet = Sheet::read(file)?;
        let rows: Vec<Option<u32>> = sheet.texts("item")?.into_iter().map(|item| items.number(item)).collect();
        let column =
            |name: &str| -> Result<Vec<f32>> { Ok(spread(&sheet.numbers_or_gaps(name)?, &rows, items.count())) };
        let words: Vec<String> = sheet.names().filter_map(|name| name.strip_prefix(CHANCE).map(Into::into)).collect();
        if words.is_empty() {
            let what = format!("{} has no column of a mood, such as \"p_happy\"", file.display());
            return Err(usage_error(what, "give one column p_MOOD for each mood"));
        }
        let chances = words.iter().map(|word| Ok((word.clone(), column(&format!("{CHANCE}{word}"))?)));
        let chances: BTreeMap<String, Vec<f32>> = chances.collect::<Result<_>>()?;
        let songs = placed(&column("valence")?, &column("energy")?);
        let by = |score: &dyn Fn(&Song, &Target) -> f32| {
            let scores = |word: &String| {
                let target = place(word).or_else(|| middle(&songs, chances.get(word)?))?;
                Some((word.clone(), songs.iter().map(|song| score(song, &target)).collect()))
            };
            words.iter().filter_map(scores).collect()
        };
        let (cosines, gaussians) = (by(&|song, target| cosine(song, target, (0.0, 0.0))), by(&gaussian));
        Ok(Self { chances, cosines, gaussians, file: file.into(), items: items.count() })
    }

    /// Checks that the file has a column for every mood of a listener.
    pub fn check(&self, listener: &Listener) -> Result<()> {
        let unknown = listener.cases.iter().find(|case| !self.chances.contains_key(&case.mood));
        unknown.map_or(Ok(()), |case| {
            let known = self.chances.keys().cloned().collect::<Vec<_>>().join(", ");
            let what = format!("{} has no column for the mood \"{}\"", self.file.display(), case.mood);
            Err(usage_error(what, format!("its moods are {known}; add a column {CHANCE}{}", case.mood)))
        })
    }

    /// The score of each item, 0..1.
    pub fn content(&self, mood: &str, kind: Kind) -> Cow<'_, [f32]> {
        let by = match kind {
            Kind::None => None,
            Kind::Cosine => self.cosines.get(mood),
            Kind::Gaussian => self.gaussians.get(mood),
            Kind::Chance => self.chances.get(mood),
        };
        by.map_or_else(|| vec![0.5; self.items].into(), |scores| scores.as_slice().into())
    }
}

/// Values by item number; an item without a value gets the mean.
fn spread(values: &[f32], rows: &[Option<u32>], items: usize) -> Vec<f32> {
    let known: Vec<f32> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    let mut by_item = vec![mean; items];
    let told = rows.iter().zip(values).filter(|(_, value)| value.is_finite());
    told.for_each(|(row, value)| row.iter().for_each(|item| by_item[*item as usize] = *value));
    by_item
}

fn placed(valences: &[f32], energies: &[f32]) -> Vec<Song> {
    let song = |(valence, energy): (&f32, &f32)| Song {
        valence: *valence,
        energy: *energy,
        certainty: 0.0,
        ..Song::default()
    };
    valences.iter().zip(energies).map(song).collect()
}

/// The mean point of the likeliest tenth of the items, for a mood word without a known point.
fn middle(songs: &[Song], chances: &[f32]) -> Option<Target> {
    let mut order: Vec<usize> = (0..songs.len()).collect();
    order.sort_by(|a, b| chances[*b].total_cmp(&chances[*a]));
    order.truncate(songs.len().div_ceil(10));
    (!order.is_empty()).then(|| aimed(centre(order.iter().map(|n| &songs[*n]))))
}

/// Each user of the file once, with their cases. Rows without a relevant item are skipped.
pub fn listeners(file: &Path, items: &Names) -> Result<Vec<Listener>> {
    let sheet = Sheet::read(file)?;
    let (mut places, mut listeners) = (HashMap::new(), Vec::<Listener>::new());
    let rows = sheet.texts("user")?.into_iter().zip(sheet.texts("mood")?).zip(sheet.texts("relevant")?);
    for ((user, mood), relevant) in rows {
        let named: HashSet<&str> = relevant.split_whitespace().collect();
        if named.is_empty() {
            continue;
        }
        let place = *places.entry(user).or_insert_with(|| {
            listeners.push(Listener { name: user.into(), cases: Vec::new() });
            listeners.len() - 1
        });
        let known = named.iter().filter_map(|item| items.number(item)).collect();
        listeners[place].cases.push(HybridCase { mood: mood.to_lowercase(), relevant: known, all: named.len() });
    }
    if listeners.is_empty() {
        let what = format!("no row of {} names a relevant item", file.display());
        return Err(usage_error(what, "fill in the column \"relevant\", with spaces between the items"));
    }
    Ok(listeners)
}
