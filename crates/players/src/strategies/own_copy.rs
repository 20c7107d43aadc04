//! A song of Moodring in a list whose entries have no ids: the number of copies and its place tell it from the user's copies.
//!
//! 1. If the list has no more copies than the user had, the own copy is gone, and nothing is removed.
//! 2. The own copy is the one behind the song that it was put after; else the nearest one behind the current song.
//! 3. The current song is never removed, and neither is the own copy once it has begun.

use std::path::{Path, PathBuf};

/// The copy that Moodring put in.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnCopy {
    pub song: PathBuf,
    /// How many copies the list had before.
    pub user_copies: usize,
    /// The song that it was put after.
    pub after: PathBuf,
    pub begun: bool,
}

impl OwnCopy {
    pub fn new(song: &Path, list: &[Option<PathBuf>], after: &Path) -> Self {
        let user_copies = copies(song, list).count();
        Self { song: song.to_owned(), user_copies, after: after.to_owned(), begun: false }
    }

    /// A copy of which only the number of the user's copies is known.
    pub fn from_earlier(song: &Path, user_copies: usize) -> Self {
        Self { song: song.to_owned(), user_copies, after: PathBuf::new(), begun: false }
    }

    /// The position of the own copy in the list.
    pub fn locate(&self, list: &[Option<PathBuf>], current: Option<usize>) -> Option<usize> {
        if self.begun || copies(&self.song, list).count() <= self.user_copies {
            return None;
        }
        let candidates: Vec<usize> = copies(&self.song, list).filter(|at| Some(*at) != current).collect();
        let in_place = |at: &&usize| **at > 0 && list[**at - 1].as_ref() == Some(&self.after);
        let behind = |at: &&usize| Some(**at) > current;
        let found = candidates.iter().find(in_place).or_else(|| candidates.iter().find(behind));
        found.or(candidates.last()).copied()
    }
}

fn copies<'a>(song: &'a Path, list: &'a [Option<PathBuf>]) -> impl Iterator<Item = usize> + 'a {
    let is_copy = move |path: &&Option<PathBuf>| path.as_deref() == Some(song);
    list.iter().enumerate().filter(move |(_, path)| is_copy(path)).map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &str) -> Vec<Option<PathBuf>> {
        names.chars().map(|name| Some(PathBuf::from(format!("/{name}")))).collect()
    }

    fn copy(before: &str) -> OwnCopy {
        OwnCopy::new(Path::new("/s"), &list(before), Path::new("/a"))
    }

    #[test]
    fn the_own_copy_is_found_before_and_behind_the_current_song() {
        assert_eq!(copy("abc").locate(&list("asbc"), Some(0)), Some(1));
        assert_eq!(copy("abc").locate(&list("asbc"), Some(3)), Some(1));
        assert_eq!(copy("abc").locate(&list("bsca"), Some(3)), Some(1), "it was dragged away from its song");
    }

    #[test]
    fn a_copy_of_the_user_stays() {
        assert_eq!(copy("abs").locate(&list("abs"), Some(0)), None, "the user removed the own copy");
        assert_eq!(copy("abs").locate(&list("asbs"), Some(3)), Some(1));
        assert_eq!(copy("sab").locate(&list("sasb"), Some(3)), Some(2));
    }

    #[test]
    fn the_current_song_and_one_that_has_begun_stay() {
        assert_eq!(copy("abc").locate(&list("asbc"), Some(1)), None);
        assert_eq!(OwnCopy { begun: true, ..copy("abc") }.locate(&list("asbc"), Some(2)), None);
    }
}
