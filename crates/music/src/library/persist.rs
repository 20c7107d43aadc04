//! What the agent keeps: plays, opinions, settings and the coarse history of moods.

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use crate::library::files::bytes;
use crate::library::history::seconds;
use crate::library::{Library, doing};
use moodring_core::domain::song::Opinion;
use moodring_core::message::{PersistedState, PlayOutcome, Record};
use moodring_core::mood::baseline::{Baseline, Baselines};
use moodring_core::mood::{Intent, Mood, MoodName};

impl Library {
    /// Keeps one memory, dated now; once this returns, it survives a crash of program or machine.
    pub fn remember(&mut self, memory: &Record, now: Timestamp) -> Result<()> {
        doing("remember this", self.write_down(memory, now.as_second()))
    }

    fn write_down(&self, memory: &Record, at: i64) -> rusqlite::Result<()> {
        match memory {
            Record::Play { path, outcome, ours, judged, lasted } => {
                let (finished, lasted) = (*outcome == PlayOutcome::Finished, seconds(*lasted));
                let (fit, taste) = judged.map(|[fit, taste]| (fit, taste)).unzip();
                let row =
                    params![bytes(path), at, finished, ours.is_some(), lasted, ours.map(Intent::word), fit, taste];
                let columns = "plays (path, at, finished, ours, lasted, intent, fit, taste)";
                self.base.execute(&format!("INSERT INTO {columns} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"), row)?;
            }
            Record::Opinion { path, opinion } => self.keep_opinion(bytes(path), *opinion, at)?,
            Record::Consent(given) => self.set("consent", Some(yes_or_no(*given)))?,
            Record::Intent(intent) => self.set("intent", Some(intent.word()))?,
            Record::ManualMood(mood) => self.set("mood by hand", mood.map(MoodName::word))?,
            Record::Paused(paused) => self.set("paused", Some(yes_or_no(*paused)))?,
            Record::QueueSupport(known) => self.keep_player(known, at)?,
            Record::TrayAdviceShown => self.set("told of tray", Some("yes"))?,
            Record::MoodSettled(mood) => self.keep_mood(mood, "looks", at)?,
            Record::ManualMoodSet(Some(mood)) => self.keep_mood(mood, "hand", at)?,
            Record::ManualMoodSet(None) => self.keep_mood(&Mood::NEUTRAL, "none", at)?,
            Record::Baseline { camera, baseline } => self.keep_baseline(camera, baseline, at)?,
            Record::Correction { camera, read, meant } => {
                let row = params![at, camera, read.word(), meant.word()];
                self.base.execute("INSERT INTO wrongs (at, camera, read, meant) VALUES (?1, ?2, ?3, ?4)", row)?;
            }
        }
        Ok(())
    }

    fn keep_mood(&self, mood: &Mood, source: &str, at: i64) -> rusqlite::Result<()> {
        let row = params![at, mood.valence, mood.energy, mood.confidence, source];
        let columns = "moods (at, valence, energy, confidence, source)";
        self.base.execute(&format!("INSERT INTO {columns} VALUES (?1, ?2, ?3, ?4, ?5)"), row).map(drop)
    }

    fn keep_baseline(&self, camera: &str, baseline: &Baseline, at: i64) -> rusqlite::Result<()> {
        let text = serde_json::to_string(baseline).expect("numbers in rows are JSON");
        let row = params![camera, at, text];
        self.base.execute("INSERT OR REPLACE INTO baselines (camera, at, baseline) VALUES (?1, ?2, ?3)", row)?;
        Ok(())
    }

    /// What is known of the owner's face at rest; a row that cannot be calculated with counts as not there.
    pub fn baselines(&self) -> Result<Baselines> {
        let read = || {
            let mut rows = self.base.prepare("SELECT camera, baseline FROM baselines")?;
            let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
            rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
        };
        let rows = doing("read what is known of the face at rest", read())?;
        let sound = |text: &str| serde_json::from_str(text).ok().filter(Baseline::is_sound);
        Ok(rows.into_iter().filter_map(|(camera, text)| Some((camera, sound(&text)?))).collect())
    }

    fn keep_opinion(&self, path: &[u8], opinion: Opinion, at: i64) -> rusqlite::Result<()> {
        let number = match opinion {
            Opinion::Like => 1,
            Opinion::Dislike => -1,
            Opinion::None => return self.base.execute("DELETE FROM opinions WHERE path = ?1", [path]).map(drop),
        };
        let row = params![path, number, at];
        self.base.execute("INSERT OR REPLACE INTO opinions (path, opinion, at) VALUES (?1, ?2, ?3)", row)?;
        Ok(())
    }

    fn set(&self, name: &str, value: Option<&str>) -> rusqlite::Result<()> {
        match value {
            Some(value) => self.base.execute("INSERT OR REPLACE INTO settings VALUES (?1, ?2)", [name, value]),
            None => self.base.execute("DELETE FROM settings WHERE name = ?1", [name]),
        }
        .map(drop)
    }

    /// What the owner has set; a value that this version does not know counts as not set.
    pub fn settings(&self) -> Result<PersistedState> {
        let consent = self.setting("consent")?;
        let intent = self.setting("intent")?;
        let by_hand = self.setting("mood by hand")?;
        let paused = self.setting("paused")?;
        let told_of_tray = self.setting("told of tray")?;
        Ok(PersistedState {
            consent: consent.as_deref().and_then(yes),
            intent: intent.and_then(|word| Intent::ALL.into_iter().find(|intent| intent.word() == word)),
            by_hand: by_hand.and_then(|word| MoodName::ALL.into_iter().find(|mood| mood.word() == word)),
            paused: paused.as_deref().and_then(yes).unwrap_or(false),
            told_of_tray: told_of_tray.as_deref().and_then(yes).unwrap_or(false),
        })
    }

    fn setting(&self, name: &str) -> Result<Option<String>> {
        let row = self.base.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0));
        doing("read the settings", row.optional())
    }
}

fn yes_or_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

fn yes(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}
