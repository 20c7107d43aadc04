//! Counts: songs by mood, songs skipped, and where match, lift and calm led.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use crate::commands::history::title;
use crate::report::week::Week;
use moodring_core::message::PlayOutcome;
use moodring_core::mood::table::EmotionTable;
use moodring_core::mood::{Intent, MoodName};
use moodring_music::library::{History, PlayEvent};

/// Songs named in each list.
const MOST: usize = 5;
/// A longer pause ends a run.
const APART: SignedDuration = SignedDuration::from_mins(30);

pub struct Tally {
    /// Songs heard to the end, by the mood of that time; moods without songs are left out.
    pub by_mood: Vec<(MoodName, Vec<PlayTally>)>,
    pub ours: Share,
    pub own: Share,
    pub most_skipped: Vec<PlayTally>,
    pub leads: Vec<Lead>,
    /// Time of the music that was kept.
    pub heard: SignedDuration,
}

/// A song and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayTally {
    pub title: String,
    pub times: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub songs: usize,
    pub skipped: usize,
}

/// Where an intent led: runs of Moodring's songs, each song a point of valence and energy.
pub struct Lead {
    pub intent: Intent,
    pub runs: Vec<Vec<[f32; 2]>>,
}

impl Tally {
    pub fn new(history: &History, week: &Week, table: &EmotionTable) -> Self {
        let of = |ours: bool| history.songs.iter().filter(move |song| song.ours == ours);
        let skipped = history.songs.iter().filter(|song| song.outcome == PlayOutcome::Skipped);
        let middle = |song: &PlayEvent| song.from + song.to.duration_since(song.from) / 2;
        let mood = |song: &PlayEvent| week.mood_at(middle(song)).map(|mood| table.nearest(&mood));
        let finished = || history.songs.iter().filter(|song| song.outcome == PlayOutcome::Finished);
        let by_mood = MoodName::ALL.map(|name| (name, most(finished().filter(|song| mood(song) == Some(name)))));
        Self {
            by_mood: by_mood.into_iter().filter(|(_, songs)| !songs.is_empty()).collect(),
            ours: share(of(true)),
            own: share(of(false)),
            most_skipped: most(skipped),
            leads: Intent::ALL.map(|intent| Lead { intent, runs: runs(&history.songs, intent) }).into(),
            heard: history.songs.iter().map(|song| song.to.duration_since(song.from)).sum(),
        }
    }

    /// The mood that most songs were heard in.
    pub fn commonest(&self) -> Option<MoodName> {
        let songs = |counts: &[PlayTally]| counts.iter().map(|count| count.times).sum::<usize>();
        self.by_mood.iter().max_by_key(|(_, counts)| songs(counts)).map(|(name, _)| *name)
    }
}

fn share<'a>(songs: impl Iterator<Item = &'a PlayEvent>) -> Share {
    songs.fold(Share::default(), |share, song| Share {
        songs: share.songs + 1,
        skipped: share.skipped + usize::from(song.outcome == PlayOutcome::Skipped),
    })
}

fn most<'a>(songs: impl Iterator<Item = &'a PlayEvent>) -> Vec<PlayTally> {
    let mut times: HashMap<String, usize> = HashMap::new();
    songs.for_each(|song| *times.entry(title(song)).or_default() += 1);
    let mut counts: Vec<PlayTally> = times.into_iter().map(|(title, times)| PlayTally { title, times }).collect();
    counts.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.title.cmp(&b.title)));
    counts.truncate(MOST);
    counts
}

/// Two or more songs chosen for the same intent, one soon after the other; a song of the user ends a run.
fn runs(songs: &[PlayEvent], intent: Intent) -> Vec<Vec<[f32; 2]>> {
    let mut runs: Vec<Vec<[f32; 2]>> = Vec::new();
    let mut before: Option<Timestamp> = None;
    for song in songs {
        let ours = song.intent == Some(intent) && song.ours;
        let (true, Some(valence), Some(energy)) = (ours, song.valence, song.energy) else {
            before = None;
            continue;
        };
        match runs.last_mut().filter(|_| before.is_some_and(|end| song.from.duration_since(end) <= APART)) {
            Some(run) => run.push([valence, energy]),
            None => runs.push(vec![[valence, energy]]),
        }
        before = Some(song.to);
    }
    runs.retain(|run| run.len() > 1);
    runs
}

impl Lead {
    /// Where the runs began and ended, on average.
    pub fn ends(&self) -> Option<[[f32; 2]; 2]> {
        let middle = |points: Vec<[f32; 2]>| {
            let count = points.len() as f32;
            [0, 1].map(|axis| points.iter().map(|point| point[axis]).sum::<f32>() / count)
        };
        let end = |last: bool| {
            self.runs.iter().filter_map(|run| if last { run.last() } else { run.first() }).copied().collect()
        };
        (!self.runs.is_empty()).then(|| [middle(end(false)), middle(end(true))])
    }
}
