//! Plays with the listener's feeling before and after, and the bias of each listener and song.

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

use crate::sheet::Sheet;

/// One song heard; feelings and songs are (valence, energy), 0..1.
#[derive(Clone, Debug, PartialEq)]
pub struct Play {
    pub user: String,
    pub item: String,
    /// 1..5.
    pub rating: f32,
    pub before: (f32, f32),
    pub after: (f32, f32),
    pub song: (f32, f32),
}

impl Play {
    /// The paper's: cosine of feeling and song.
    pub fn cosine(&self) -> f32 {
        let lengths = self.before.0.hypot(self.before.1) * self.song.0.hypot(self.song.1);
        if lengths > 0.0 { (self.before.0 * self.song.0 + self.before.1 * self.song.1) / lengths } else { 0.0 }
    }

    /// A Gaussian of their distance.
    pub fn nearness(&self) -> f32 {
        const WIDTH: f32 = 0.25;
        let (valence, energy) = (self.before.0 - self.song.0, self.before.1 - self.song.1);
        (-(valence * valence + energy * energy) / (2.0 * WIDTH * WIDTH)).exp()
    }
}

/// The plays without gaps whose song is in the other file.
pub fn read(plays: &Path, songs: &Path) -> Result<Vec<Play>> {
    let songs = Sheet::read(songs)?;
    let places = songs.numbers_or_gaps("valence")?.into_iter().zip(songs.numbers_or_gaps("energy")?);
    let songs: HashMap<&str, (f32, f32)> = songs.texts("item_id")?.into_iter().zip(places).collect();
    let sheet = Sheet::read(plays)?;
    let feeling = |when: &str| -> Result<Vec<(f32, f32)>> {
        let part = |name: &str| sheet.numbers_or_gaps(&format!("emo_{when}_{name}"));
        let even = |value: f32| (value + 1.0) / 2.0;
        Ok(part("valence")?.into_iter().zip(part("arousal")?).map(|(v, a)| (even(v), even(a))).collect())
    };
    let (users, items) = (sheet.texts("user_id")?, sheet.texts("item_id")?);
    let (ratings, before, after) = (sheet.numbers_or_gaps("rating")?, feeling("pre")?, feeling("post")?);
    let play = |n: usize| {
        let song = *songs.get(items[n])?;
        let all = [ratings[n], before[n].0, before[n].1, after[n].0, after[n].1, song.0, song.1];
        let (user, item) = (users[n].to_owned(), items[n].to_owned());
        let play = Play { user, item, rating: ratings[n], before: before[n], after: after[n], song };
        all.iter().all(|value| value.is_finite()).then_some(play)
    };
    Ok((0..users.len()).filter_map(play).collect())
}

/// How often each listener and each song had an outcome.
pub struct Bias<'a> {
    users: HashMap<&'a str, (f32, f32)>,
    items: HashMap<&'a str, (f32, f32)>,
    mean: f32,
}

/// The weight of the mean of all plays, in plays.
const PRIOR: f32 = 3.0;

impl<'a> Bias<'a> {
    pub fn of(plays: impl Iterator<Item = (&'a Play, bool)>) -> Self {
        let mut bias = Self { users: HashMap::new(), items: HashMap::new(), mean: 0.0 };
        let (mut had, mut all) = (0.0, 0.0);
        for (play, outcome) in plays {
            let outcome = f32::from(u8::from(outcome));
            for count in [bias.users.entry(&play.user).or_default(), bias.items.entry(&play.item).or_default()] {
                *count = (count.0 + outcome, count.1 + 1.0);
            }
            (had, all) = (had + outcome, all + 1.0);
        }
        bias.mean = had / f32::max(all, 1.0);
        bias
    }

    /// Log odds for listener and song, without the play's own outcome where that was counted.
    pub fn of_play(&self, play: &Play, own: Option<bool>) -> [f32; 2] {
        let odds = |count: Option<&(f32, f32)>| {
            let (mut had, mut all) = count.copied().unwrap_or_default();
            if let Some(own) = own {
                (had, all) = (had - f32::from(u8::from(own)), all - 1.0);
            }
            let share = ((had + PRIOR * self.mean) / (all + PRIOR)).clamp(0.01, 0.99);
            (share / (1.0 - share)).ln()
        };
        [odds(self.users.get(play.user.as_str())), odds(self.items.get(play.item.as_str()))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plays_are_joined_with_their_songs_and_those_with_gaps_are_left_out() {
        let file = |text: &str| {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            file
        };
        let songs = file("valence,item_id,energy\n0.5,a,0.75\n,b,0.5\n");
        let plays = file(
            "item_id,user_id,rating,emo_pre_valence,emo_pre_arousal,emo_post_valence,emo_post_arousal\n\
             a,u,4,-1,0,0.5,1\nb,u,4,0,0,0,0\nunknown,u,4,0,0,0,0\na,v,,0,0,0,0\n",
        );
        let found = read(plays.path(), songs.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].before, found[0].after, found[0].song), ((0.0, 0.5), (0.75, 1.0), (0.5, 0.75)));
    }

    #[test]
    fn a_play_does_not_count_for_itself() {
        let play = |user: &str| Play {
            user: user.into(),
            item: "a".into(),
            rating: 3.0,
            before: (0.5, 0.5),
            after: (0.5, 0.5),
            song: (0.5, 0.5),
        };
        let plays = [play("u"), play("v")];
        let bias = Bias::of(plays.iter().zip([true, false]));
        // Two plays, one of them liked: the mean is a half, and without their own play both are unknown.
        assert_eq!(bias.of_play(&plays[0], Some(true))[0], 0.0);
        assert!(bias.of_play(&plays[0], None)[0] > 0.0 && bias.of_play(&plays[1], None)[0] < 0.0);
    }
}
