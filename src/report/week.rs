//! Days of moods and songs, and the times in which each mood was followed.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan, ZonedDateTime};

use moodring_core::mood::Mood;
use moodring_music::library::{History, MoodEvent, PlayEvent};

/// A longer pause begins a new sitting; a mood from the camera ends with its sitting.
const APART: SignedDuration = SignedDuration::from_mins(30);
/// The least time of listening that a settled mood stands for, because looks are taken only while music plays.
const LEAST: SignedDuration = SignedDuration::from_mins(5);
/// The shortest stretch of the day that is drawn, in hours.
const FEWEST_HOURS: f32 = 6.0;

pub struct Week {
    /// From the first to today.
    pub days: Vec<Day>,
    /// The hours of the day that are drawn: whole ones, in which all that happened lies.
    pub hours: (f32, f32),
    stretches: Vec<Stretch>,
}

pub struct Day {
    pub date: Date,
    pub stretches: Vec<Piece>,
    pub songs: Vec<Mark>,
}

/// A mood for as long as the music followed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
    pub mood: Mood,
    pub by_hand: bool,
}

/// A stretch within a day, in hours from midnight.
pub struct Piece {
    pub from: f32,
    pub to: f32,
    pub mood: Mood,
    pub by_hand: bool,
}

/// A song that began on this day.
pub struct Mark {
    /// Hours from midnight.
    pub at: f32,
    pub mood: Option<Mood>,
    pub song: PlayEvent,
}

impl Week {
    pub fn new(history: &History, days: u16, now: &ZonedDateTime) -> Self {
        let stretches = stretches(history, now.timestamp());
        let dates = (0..i32::from(days)).rev().filter_map(|ago| now.date().checked_sub(ago.days()).ok());
        let days: Vec<Day> = dates.filter_map(|date| day(date, history, &stretches, now.time_zone())).collect();
        let hours = hours(&days);
        Self { days, hours, stretches }
    }

    /// The mood that was followed then.
    pub fn mood_at(&self, at: Timestamp) -> Option<Mood> {
        mood_at(&self.stretches, at)
    }

    pub fn is_empty(&self) -> bool {
        self.days.iter().all(|day| day.stretches.is_empty() && day.songs.is_empty())
    }
}

fn mood_at(stretches: &[Stretch], at: Timestamp) -> Option<Mood> {
    stretches.iter().find(|stretch| (stretch.from..=stretch.to).contains(&at)).map(|stretch| stretch.mood)
}

type ClockTime = (Timestamp, Timestamp);

/// When music was heard, as far as it was kept: songs and settled moods close to each other are one sitting.
fn sittings(history: &History, now: Timestamp) -> Vec<ClockTime> {
    let songs = history.songs.iter().map(|song| (song.from, song.to));
    let moods = history.moods.iter().filter(|felt| felt.mood.is_some()).map(|felt| (felt.at, felt.at + LEAST));
    let mut all: Vec<ClockTime> = songs.chain(moods).map(|(from, to)| (from.min(now), to.min(now))).collect();
    all.sort();
    let mut merged: Vec<ClockTime> = Vec::new();
    for (from, to) in all {
        match merged.last_mut() {
            Some(last) if from.duration_since(last.1) <= APART => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

fn stretches(history: &History, now: Timestamp) -> Vec<Stretch> {
    let sittings = sittings(history, now);
    let ends = history.moods.iter().skip(1).map(|felt| felt.at).chain([now]);
    let each = history.moods.iter().zip(ends).flat_map(|(felt, end)| {
        let within = sittings.iter().filter(|sitting| reaches(felt, sitting));
        within.filter_map(|sitting| stretch(felt, felt.at.max(sitting.0), end.min(sitting.1))).collect::<Vec<_>>()
    });
    each.collect()
}

/// A mood set by hand holds until it is given back; one that was seen, while its sitting lasts.
fn reaches(felt: &MoodEvent, sitting: &ClockTime) -> bool {
    felt.at <= sitting.1 && (felt.by_hand || felt.at >= sitting.0)
}

fn stretch(felt: &MoodEvent, from: Timestamp, to: Timestamp) -> Option<Stretch> {
    felt.mood.filter(|_| from < to).map(|mood| Stretch { from, to, mood, by_hand: felt.by_hand })
}

fn day(date: Date, history: &History, stretches: &[Stretch], zone: &TimeZone) -> Option<Day> {
    let midnight = |date: Date| date.to_zoned_datetime(zone.clone()).ok().map(|at| at.timestamp());
    let (start, end) = (midnight(date)?, midnight(date.tomorrow().ok()?)?);
    let hour = |at: Timestamp| match at {
        at if at >= end => 24.0,
        at => hour_of(&at.max(start).to_zoned_datetime(zone.clone())),
    };
    let of_day = stretches.iter().filter(|stretch| stretch.from < end && stretch.to > start);
    let pieces = of_day.map(|s| Piece { from: hour(s.from), to: hour(s.to), mood: s.mood, by_hand: s.by_hand });
    let songs = history.songs.iter().filter(|song| (start..end).contains(&song.from));
    let marks = songs.map(|song| {
        let middle = song.from + song.to.duration_since(song.from) / 2;
        Mark { at: hour(song.from), mood: mood_at(stretches, middle), song: song.clone() }
    });
    Some(Day { date, stretches: pieces.collect(), songs: marks.collect() })
}

fn hour_of(at: &ZonedDateTime) -> f32 {
    f32::from(at.hour()) + f32::from(at.minute()) / 60.0 + f32::from(at.second()) / 3600.0
}

/// All hours in which something happened, and some around them where that is little.
fn hours(days: &[Day]) -> (f32, f32) {
    let ends = |day: &Day| {
        let pieces = day.stretches.iter().flat_map(|piece| [piece.from, piece.to]);
        pieces.chain(day.songs.iter().map(|mark| mark.at)).collect::<Vec<_>>()
    };
    let all: Vec<f32> = days.iter().flat_map(ends).collect();
    if all.is_empty() {
        return (8.0, 24.0);
    }
    let first = all.iter().copied().fold(24.0, f32::min).floor();
    let last = all.iter().copied().fold(0.0, f32::max).ceil();
    let missing = ((FEWEST_HOURS - (last - first)) / 2.0).max(0.0).ceil();
    let first = (first - missing).clamp(0.0, 24.0 - FEWEST_HOURS);
    (first, (last + missing).clamp(first + FEWEST_HOURS, 24.0))
}
