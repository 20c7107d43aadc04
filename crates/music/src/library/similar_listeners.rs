//! Other listeners' histories as they lie on disk, and those of them that are most like the owner's.
//!
//! They may be more than memory holds: one listener at a time is read, in the order in which they lie, and only the nearest are kept.

use std::collections::HashMap;

use anyhow::Result;

use crate::library::{Library, doing};
use moodring_core::recommend::collaborative::interactions::weight;
use moodring_core::recommend::collaborative::peer_affinities::PeerHistory;
use moodring_core::text::song_names::artist_key;

/// So many more than wanted are held before the farthest are let go.
const SPARE: usize = 64;

impl Library {
    /// The plays by artist (see [`artist_key`]) of the `most` other listeners whose histories are most like `own`, each under the name of
    /// source and listener.
    pub fn histories_alike(&self, own: &PeerHistory, most: usize) -> Result<HashMap<String, PeerHistory>> {
        let read = || {
            let artists = self.artists()?;
            let mut nearest = Nearest::of(own, &artists, most);
            self.each_history(&artists, |listener, plays| nearest.offer(listener, plays))?;
            Ok(nearest.named(&artists))
        };
        doing("read the histories", read())
    }

    /// Hands on what each other listener has played, by the number of the artist.
    fn each_history(&self, artists: &Artists, mut take: impl FnMut(String, HashMap<u32, f32>)) -> rusqlite::Result<()> {
        let query = "SELECT source, listener, song, plays FROM histories WHERE ours = 0 ORDER BY source, listener";
        let mut query = self.base.prepare(query)?;
        let mut rows = query.query([])?;
        let (mut of, mut plays) = ((String::new(), String::new()), HashMap::<u32, f32>::new());
        while let Some(row) = rows.next()? {
            let (source, listener) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
            if (of.0.as_str(), of.1.as_str()) != (source, listener) {
                take(format!("{} {}", of.0, of.1), std::mem::take(&mut plays));
                of = (source.to_owned(), listener.to_owned());
            }
            if let Some(artist) = artists.of_song.get(&row.get(2)?) {
                *plays.entry(*artist).or_default() += row.get::<_, f32>(3)?;
            }
        }
        take(format!("{} {}", of.0, of.1), plays);
        Ok(())
    }

    fn artists(&self) -> rusqlite::Result<Artists> {
        let mut artists = Artists::default();
        let mut numbers = HashMap::<String, u32>::new();
        let mut query = self.base.prepare("SELECT id, artist FROM outside")?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let name = artist_key(row.get_ref(1)?.as_str()?);
            if name.is_empty() {
                continue;
            }
            let number = *numbers.entry(name).or_insert_with_key(|name| {
                artists.names.push(name.clone());
                artists.names.len() as u32 - 1
            });
            artists.of_song.insert(row.get(0)?, number);
        }
        Ok(artists)
    }
}

/// The artists of songs of other places, by number.
#[derive(Default)]
struct Artists {
    names: Vec<String>,
    of_song: HashMap<i64, u32>,
}

/// The listeners so far that are most like the owner.
struct Nearest {
    /// By artist, the weight in the owner's history.
    own: Vec<f32>,
    held: Vec<(f32, String, HashMap<u32, f32>)>,
    most: usize,
}

impl Nearest {
    fn of(own: &PeerHistory, artists: &Artists, most: usize) -> Self {
        let weigh = |name: &String| own.get(name).map_or(0.0, |plays| weight(*plays));
        Self { own: artists.names.iter().map(weigh).collect(), held: Vec::new(), most }
    }

    fn offer(&mut self, listener: String, plays: HashMap<u32, f32>) {
        if plays.is_empty() {
            return;
        }
        let length = plays.values().map(|plays| weight(*plays).powi(2)).sum::<f32>().sqrt();
        let shared: f32 = plays.iter().map(|(artist, plays)| self.own[*artist as usize] * weight(*plays)).sum();
        self.held.push((shared / length.max(f32::MIN_POSITIVE), listener, plays));
        if self.held.len() >= self.most.saturating_add(SPARE) {
            self.let_go();
        }
    }

    fn let_go(&mut self) {
        if self.held.len() > self.most {
            self.held.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            self.held.truncate(self.most);
        }
    }

    fn named(mut self, artists: &Artists) -> HashMap<String, PeerHistory> {
        self.let_go();
        let name = |(artist, plays): (u32, f32)| (artists.names[artist as usize].clone(), plays);
        self.held.into_iter().map(|(_, listener, plays)| (listener, plays.into_iter().map(name).collect())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moodring_core::text::song_names::TrackRef;

    /// A hundred listeners of artists that their number names; the owner plays the first artists.
    fn library() -> Library {
        let mut library = Library::in_memory().unwrap();
        let rows = (0..100).flat_map(|n| (0..5).map(move |k| (format!("listener {n}"), format!("Artist {}", n + k))));
        let kept = library.keep_ratings("csv", None, jiff::Timestamp::UNIX_EPOCH, |take| {
            rows.into_iter().try_for_each(|(who, artist)| take(&who, &TrackRef::new(artist, ""), 3.0))
        });
        assert_eq!(kept.unwrap().others, 100);
        library
    }

    #[test]
    fn only_those_most_like_the_owner_are_learned_from() {
        let own: PeerHistory = (0..5).map(|n| (artist_key(&format!("Artist {n}")), 1.0)).collect();
        let alike = library().histories_alike(&own, 3).unwrap();
        let mut names: Vec<&str> = alike.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["csv listener 0", "csv listener 1", "csv listener 2"]);
        assert_eq!(alike["csv listener 2"].len(), 5);
        assert_eq!(alike["csv listener 2"]["artist2"], 3.0);
        assert_eq!(library().histories_alike(&own, 500).unwrap().len(), 100);
    }

    #[test]
    fn a_table_that_breaks_off_changes_nothing_and_a_new_one_takes_the_place_of_the_old() {
        let (mut library, now) = (library(), jiff::Timestamp::UNIX_EPOCH);
        let new = TrackRef::new("New", "");
        let broken = library.keep_ratings("csv", None, now, |take| {
            take("listener 7", &new, 1.0)?;
            anyhow::bail!("the file ends here")
        });
        assert!(broken.is_err());
        let of = |library: &Library| library.histories_alike(&PeerHistory::new(), 500).unwrap()["csv listener 7"].len();
        assert_eq!(of(&library), 5);
        let kept = library.keep_ratings("csv", Some("me"), now, |take| {
            take("listener 7", &new, 1.0)?;
            take("me", &new, 1.0)?;
            take("listener 7", &new, 1.0)
        });
        let kept = kept.unwrap();
        assert!(kept.owner && kept.others == 1);
        assert_eq!((of(&library), library.own_history().unwrap()["new"]), (1, 1.0));
    }
}
