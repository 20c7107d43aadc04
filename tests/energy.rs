//! Energy on real music, against what any listener would say of it by the titles.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use moodring::music::analysis::estimate::{Estimate, estimate};
use moodring::music::analysis::listen;

/// Where Debian's `wesnoth-1.16-music` puts its 41 pieces.
const MUSIC: &str = "/usr/share/games/wesnoth/1.16/data/core/music";

const LIVELY: [&str; 9] = [
    "battle",
    "battle-epic",
    "frantic",
    "frantic-old",
    "siege_of_laurelmor",
    "vengeful",
    "weight_of_revenge",
    "heroes_rite",
    "victory",
];

const QUIET: [&str; 8] =
    ["sad", "defeat", "defeat2", "love_theme", "silence", "transience", "elf-land", "silvan_sanctuary"];

/// What the audio alone says of each piece; `None`, and a word, where the package is not installed.
fn estimates() -> Option<Vec<(String, Estimate)>> {
    let Ok(folder) = std::fs::read_dir(MUSIC) else {
        eprintln!("skipped: wesnoth-1.16-music is not installed");
        return None;
    };
    let files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    let (files, estimates) = (Mutex::new(files.into_iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(file) = { files.lock().unwrap().next() } {
            let heard = listen(&file).unwrap();
            estimates.lock().unwrap().push((title(&file), estimate(Some(&heard), "", "")));
        }
    };
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let mut estimates = estimates.into_inner().unwrap();
    estimates.sort_by(|a, b| a.0.cmp(&b.0));
    Some(estimates)
}

fn title(file: &Path) -> String {
    file.file_stem().unwrap().to_string_lossy().into()
}

/// How often a lively piece has more than a quiet one; a tie is half.
fn area_under_curve(lively: &[f32], quiet: &[f32]) -> f32 {
    let pairs = lively.iter().flat_map(|a| quiet.iter().map(move |b| (a, b)));
    let won: f32 = pairs
        .map(|(a, b)| {
            if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        })
        .sum();
    won / (lively.len() * quiet.len()) as f32
}

/// The value below which a share of all lies.
fn quantile(values: impl Iterator<Item = f32>, share: f32) -> f32 {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values[(share * (values.len() - 1) as f32).round() as usize]
}

#[test]
fn battle_themes_have_more_energy_than_laments_and_a_library_fills_the_plane() {
    let Some(estimates) = estimates() else { return };
    let energy = |titles: &[&str]| -> Vec<f32> {
        let of = |title: &&str| estimates.iter().find(|(name, _)| name == title).unwrap().1.energy;
        titles.iter().map(of).collect()
    };
    let area = area_under_curve(&energy(&LIVELY), &energy(&QUIET));
    let energies = |share| quantile(estimates.iter().map(|(_, place)| place.energy), share);
    let valences = |share| quantile(estimates.iter().map(|(_, place)| place.valence), share);
    println!("{} pieces: area under the curve of energy {area:.3}", estimates.len());
    println!("energy: 10 % below {:.2}, 90 % below {:.2}", energies(0.1), energies(0.9));
    println!("valence: 10 % below {:.2}, 90 % below {:.2}", valences(0.1), valences(0.9));
    assert!(area >= 0.9, "{area}");
    assert!(energies(0.1) < 0.2 && energies(0.9) > 0.6);
    assert!(valences(0.9) - valences(0.1) > 0.3);
}
