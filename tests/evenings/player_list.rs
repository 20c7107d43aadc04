//! The list of a fake player, which its user and the agent edit.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::random::Random;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Song {
    pub id: u64,
    pub path: PathBuf,
    pub by_agent: bool,
    /// It was the current song.
    pub begun: bool,
}

#[derive(Debug, Default)]
pub struct Content {
    pub songs: Vec<Song>,
    /// The position of the current song.
    pub current: Option<usize>,
    pub paused: bool,
    pub shuffle: bool,
    /// The songs of the user, edited by the user's steps alone.
    expected: Vec<u64>,
    made: u64,
    queued: usize,
}

/// Shared by the user and the player.
#[derive(Clone, Default)]
pub struct PlayerList(Arc<Mutex<Content>>);

impl fmt::Debug for PlayerList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lock().fmt(f)
    }
}

impl PlayerList {
    pub fn with_songs(random: &mut Random) -> Self {
        let list = Self::default();
        list.lock().replace(random);
        list
    }

    pub fn lock(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap()
    }

    /// Songs of the agent that have not begun.
    pub fn waiting_agent_songs(&self) -> Vec<PathBuf> {
        let content = self.lock();
        content.songs.iter().filter(|song| song.by_agent && !song.begun).map(|song| song.path.clone()).collect()
    }

    pub fn count_queued(&self) -> usize {
        self.lock().queued
    }

    /// The songs of the user are those, in that order, which they would be without the agent.
    pub fn assert_user_songs_kept(&self, seed: u64, steps: &[String]) {
        let content = self.lock();
        let kept: Vec<u64> = content.songs.iter().filter(|song| !song.by_agent).map(|song| song.id).collect();
        assert_eq!(kept, content.expected, "seed {seed}: the user's songs after {steps:#?}");
    }
}

/// The path of a song of the user.
fn user_path(number: u64) -> PathBuf {
    PathBuf::from(format!("/user/{number}.ogg"))
}

impl Content {
    fn make_song(&mut self, path: &Path, by_agent: bool) -> Song {
        self.made += 1;
        Song { id: self.made, path: path.to_owned(), by_agent, begun: false }
    }

    pub fn current_song(&self) -> Option<&Song> {
        self.songs.get(self.current?)
    }

    pub fn play(&mut self, position: Option<usize>) {
        self.current = position.filter(|at| *at < self.songs.len());
        if let Some(at) = self.current {
            self.songs[at].begun = true;
        }
    }

    /// The current song ends, or is skipped.
    pub fn play_next(&mut self, random: &mut Random) {
        let Some(current) = self.current else { return };
        let next = if self.shuffle { random.below(self.songs.len()) } else { current + 1 };
        self.play(Some(next));
    }

    /// A new list of the user, played from its first song.
    pub fn replace(&mut self, random: &mut Random) {
        self.songs.clear();
        self.expected.clear();
        for _ in 0..1 + random.below(8) {
            self.append_by_user();
        }
        self.play(Some(0));
    }

    /// The user adds a new song at the end.
    pub fn append_by_user(&mut self) {
        let path = user_path(self.made);
        let song = self.make_song(&path, false);
        self.expected.push(song.id);
        self.songs.push(song);
    }

    /// The user moves a song, of whomever, to another position.
    pub fn drag(&mut self, from: usize, to: usize) {
        let current = self.current_song().map(|song| song.id);
        let song = self.songs.remove(from);
        self.songs.insert(to, song);
        self.current = self.songs.iter().position(|song| Some(song.id) == current);
        self.expected = self.songs.iter().filter(|song| !song.by_agent).map(|song| song.id).collect();
    }

    /// The user deletes a song; the next one plays if it was the current one.
    pub fn delete_by_user(&mut self, position: usize) {
        let id = self.songs[position].id;
        self.expected.retain(|kept| *kept != id);
        let was_current = self.current == Some(position);
        self.remove(position);
        if was_current {
            self.play(Some(position));
        }
    }

    /// The user deletes all songs but the current one.
    pub fn crop(&mut self) {
        let Some(current) = self.current_song().cloned() else { return };
        self.expected.retain(|id| *id == current.id);
        self.songs = vec![current];
        self.current = Some(0);
    }

    /// Inserts a song of the agent.
    pub fn insert(&mut self, path: &Path, position: usize) -> u64 {
        let song = self.make_song(path, true);
        let id = song.id;
        self.songs.insert(position, song);
        self.current = self.current.map(|at| if at >= position { at + 1 } else { at });
        self.queued += 1;
        id
    }

    pub fn remove(&mut self, position: usize) {
        self.songs.remove(position);
        self.current = match self.current {
            Some(at) if at == position => None,
            Some(at) if at > position => Some(at - 1),
            other => other,
        };
    }
}
