//! How long choosing the next of 100,000 songs takes: `cargo bench`. Prints milliseconds, least and median of 50.

use std::hint::black_box;
use std::time::{Duration, Instant};

use moodring::mood::table::Table;
use moodring::mood::target::{Path, target};
use moodring::mood::{Intent, MoodName};
use moodring::music::taste::Taste;
use moodring::music::{Evidence, Song, Told};
use moodring::queue::{Choice, Recent, choose};

/// Spread over the plane by multiples of irrational numbers; a fifth has been played.
fn song(n: i64) -> Song {
    let part = |step: f32| (n as f32 * step).fract();
    let finished = if n % 5 == 0 { (n % 7) as f32 } else { 0.0 };
    Song {
        id: n,
        path: format!("/music/artist {}/song {n}.flac", n % 5000).into(),
        title: format!("Song {n}"),
        artist: format!("Artist {}", n % 5000),
        album: format!("Album {}", n % 10_000),
        genre: ["rock", "dance pop", "jazz", "classical", ""][(n % 5) as usize].into(),
        seconds: 200.0,
        valence: part(0.618_034),
        energy: part(0.414_214),
        tempo: 100.0,
        certainty: 0.5,
        told: Told::default(),
        evidence: Evidence { finished, skipped: finished / 3.0, ..Evidence::default() },
    }
}

fn main() {
    let songs: Vec<Song> = (0..100_000).map(song).collect();
    let (table, taste, recent) = (Table::default(), Taste::new(&songs), Recent::default());
    let target = target(&table.place(MoodName::Happy), true, Intent::Match, Path::default(), &table);
    let no_repeat = Duration::from_secs(4 * 3600);
    let mut times: Vec<Duration> = (0..50)
        .map(|turn| {
            let began = Instant::now();
            let (mood_weight, coming) = (0.6, &[][..]);
            let choice =
                Choice { target: &target, taste: &taste, mood_weight, no_repeat, recent: &recent, coming, turn };
            black_box(choose(&songs, &choice));
            began.elapsed()
        })
        .collect();
    times.sort();
    let ms = |time: Duration| time.as_secs_f32() * 1000.0;
    println!("next of 100,000 songs: {:.2} ms least, {:.2} ms median", ms(times[0]), ms(times[25]));
}
