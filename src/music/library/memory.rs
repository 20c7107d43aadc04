//! What the agent keeps: plays, opinions, settings and the coarse history of moods.

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

use super::files::bytes;
use super::{Library, doing};
use crate::event::{Memory, Outcome, Settings};
use crate::mood::{Intent, MoodName};
use crate::music::Opinion;

impl Library {
    /// Keeps one memory, dated now; once this returns, it survives a crash of program or machine.
    pub fn remember(&mut self, memory: &Memory, now: Timestamp) -> Result<()> {
        doing("remember this", self.write_down(memory, now.as_second()))
    }

    fn write_down(&self, memory: &Memory, at: i64) -> rusqlite::Result<()> {
        match memory {
            Memory::Heard { path, outcome, ours } => {
                let row = params![bytes(path), at, *outcome == Outcome::Finished, ours];
                self.base.execute("INSERT INTO plays (path, at, finished, ours) VALUES (?1, ?2, ?3, ?4)", row)?;
            }
            Memory::Opinion { path, opinion } => self.keep_opinion(bytes(path), *opinion, at)?,
            Memory::Consent(given) => self.set("consent", Some(yes_or_no(*given)))?,
            Memory::Intent(intent) => self.set("intent", Some(intent.word()))?,
            Memory::ByHand(mood) => self.set("mood by hand", mood.map(MoodName::word))?,
            Memory::PausedForGood(paused) => self.set("paused", Some(yes_or_no(*paused)))?,
            Memory::Player(known) => self.keep_player(known, at)?,
            Memory::ToldOfTray => self.set("told of tray", Some("yes"))?,
            Memory::Settled(mood) => {
                let row = params![at, mood.valence, mood.energy, mood.confidence];
                self.base
                    .execute("INSERT INTO moods (at, valence, energy, confidence) VALUES (?1, ?2, ?3, ?4)", row)?;
            }
        }
        Ok(())
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
    pub fn settings(&self) -> Result<Settings> {
        let consent = self.setting("consent")?;
        let intent = self.setting("intent")?;
        let by_hand = self.setting("mood by hand")?;
        let paused = self.setting("paused")?;
        let told_of_tray = self.setting("told of tray")?;
        Ok(Settings {
            consent: consent.as_deref().and_then(yes),
            intent: intent
                .and_then(|word| [Intent::Match, Intent::Lift, Intent::Calm].into_iter().find(|i| i.word() == word)),
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
