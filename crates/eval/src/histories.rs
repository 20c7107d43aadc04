//! Histories of listeners from files of `user,item,weight`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use crate::sheet::Sheet;
use moodring_core::recommend::collaborative::{Interactions, Row};

/// Names, numbered in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Names(HashMap<String, u32>);

impl Names {
    pub fn number(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied()
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    fn note(&mut self, name: &str) -> u32 {
        if let Some(number) = self.0.get(name) {
            return *number;
        }
        let number = self.0.len() as u32;
        self.0.insert(name.to_owned(), number);
        number
    }
}

/// The training set.
pub struct Histories {
    pub listeners: Names,
    pub items: Names,
    pub plays: Arc<Interactions>,
}

impl Histories {
    pub fn read(file: &Path) -> Result<Self> {
        let sheet = Sheet::read(file)?;
        let (users, titles, weights) = (sheet.texts("user")?, sheet.texts("item")?, sheet.numbers("weight")?);
        let (mut listeners, mut items, mut rows) = (Names::default(), Names::default(), Vec::<Row>::new());
        for ((user, item), weight) in users.into_iter().zip(titles).zip(weights) {
            let listener = listeners.note(user) as usize;
            rows.resize(rows.len().max(listener + 1), Row::new());
            rows[listener].push((items.note(item), weight));
        }
        let plays = Arc::new(Interactions::of_counts(rows, items.count()));
        Ok(Self { listeners, items, plays })
    }

    /// The number and history of a listener; an unknown listener has neither.
    pub fn listener(&self, name: &str) -> (Option<usize>, &[(u32, f32)]) {
        let member = self.listeners.number(name).map(|number| number as usize);
        (member, member.map_or(&[], |member| self.plays.row(member)))
    }
}
