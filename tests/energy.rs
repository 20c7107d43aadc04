//! Energy and valence on real music, against what any listener would say of it by the titles.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use moodring_core::domain::song::Song;
use moodring_core::recommend::rank_normalize;
use moodring_music::audio::analysis::estimate::{Estimate, estimate};
use moodring_music::audio::analysis::{Features, listen};
use moodring_music::audio::source_file::FileAccess;

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

/// Less sure than the lists above: a title says what a piece is meant to be.
const PLEASANT: [&str; 11] = [
    "victory",
    "victory2",
    "love_theme",
    "traveling_minstrels",
    "elf-land",
    "elvish-theme",
    "silvan_sanctuary",
    "breaking_the_chains",
    "return_to_wesnoth",
    "journeys_end",
    "wanderer",
];

const GRIM: [&str; 15] = [
    "sad",
    "defeat",
    "defeat2",
    "casualties_of_war",
    "nunc_dimittis",
    "underground",
    "suspense",
    "revelation",
    "vengeful",
    "weight_of_revenge",
    "siege_of_laurelmor",
    "the_dangerous_symphony",
    "the_king_is_dead",
    "the_city_falls",
    "into_the_shadows",
];

/// Pieces of other games, in Debian's supertux-data, hedgewars-data, extremetuxracer-data and flare-game. The
/// lists were written down by title before anything was measured; how fast the rule takes over from the model was chosen with them.
const CHEERFUL: [&str; 24] = [
    "supertux2/music/misc/theme",
    "supertux2/music/misc/credits",
    "supertux2/music/tropical/tropicalbreeze",
    "supertux2/music/misc/christmas_theme",
    "supertux2/music/misc/invincible",
    "supertux2/music/antarctic/voc-daytime",
    "supertux2/music/antarctic/voc-daytime2",
    "supertux2/music/antarctic/arctic_breeze",
    "supertux2/music/forest/shallow-green",
    "supertux2/music/retro/classic",
    "supertux2/music/antarctic/chipdisko",
    "supertux2/music/retro/worldmap_old",
    "hedgewars/Data/Music/Beach",
    "hedgewars/Data/Music/main_theme",
    "hedgewars/Data/Music/Nature",
    "hedgewars/Data/Music/Sheep",
    "hedgewars/Data/Music/Golf",
    "hedgewars/Data/Music/Fruit",
    "hedgewars/Data/Music/snow",
    "etr/music/wonrace1-jt",
    "etr/music/spunkyrace-ks",
    "etr/music/calmrace-ks",
    "flare/mods/fantasycore/music/town_theme",
    "flare/mods/fantasycore/music/safe_room_theme",
];

const GLOOMY: [&str; 23] = [
    "supertux2/music/forest/ghostforest",
    "supertux2/music/forest/ghostforest2",
    "supertux2/music/forest/ghostforest_map",
    "supertux2/music/misc/halloween_1",
    "supertux2/music/castle/darkforestkeep",
    "supertux2/music/castle/fortress",
    "supertux2/music/retro/fortress_old",
    "supertux2/music/antarctic/bossattack",
    "supertux2/music/forest/treeboss",
    "supertux2/music/antarctic/voc-dark",
    "supertux2/music/antarctic/voc-boss",
    "supertux2/music/misc/battle_theme",
    "supertux2/music/antarctic/cave",
    "supertux2/music/antarctic/arctic_cave",
    "hedgewars/Data/Music/hell",
    "hedgewars/Data/Music/Halloween",
    "etr/music/lostrace-ks",
    "flare/mods/fantasycore/music/unrest_theme",
    "flare/mods/fantasycore/music/boss_theme",
    "flare/mods/fantasycore/music/dungeon_theme",
    "flare/mods/fantasycore/music/battle_theme",
    "flare/mods/fantasycore/music/cave_theme",
    "flare/mods/fantasycore/music/wind_ambient",
];

/// Where the games' folders are; MOODRING_GAMES names another place.
fn games() -> PathBuf {
    std::env::var_os("MOODRING_GAMES").map_or_else(|| "/usr/share/games".into(), PathBuf::from)
}

/// What is heard in each piece; `None`, and a word, where the package is not installed.
fn pieces() -> Option<Vec<(String, Features)>> {
    let Ok(folder) = std::fs::read_dir(MUSIC) else {
        eprintln!("skipped: wesnoth-1.16-music is not installed");
        return None;
    };
    Some(hear(folder.map(|entry| entry.unwrap().path()).collect()))
}

/// What is heard in each of the files, by title, in no order.
fn hear(files: Vec<PathBuf>) -> Vec<(String, Features)> {
    let (files, pieces) = (Mutex::new(files.into_iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(file) = { files.lock().unwrap().next() } {
            let heard = listen(&FileAccess::new(&file)).unwrap();
            pieces.lock().unwrap().push((title(&file), heard));
        }
    };
    thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    pieces.into_inner().unwrap()
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

/// Checks what the audio says together with a genre that all the pieces share.
fn check(pieces: &[(String, Features)], genre: &str) {
    let places: Vec<(&str, Estimate)> =
        pieces.iter().map(|(title, heard)| (title.as_str(), estimate(Some(heard), genre, ""))).collect();
    let of = |titles: &[&str], axis: fn(&Estimate) -> f32| -> Vec<f32> {
        let value = |title: &&str| axis(&places.iter().find(|(name, _)| name == title).unwrap().1);
        titles.iter().map(value).collect()
    };
    let energy = |place: &Estimate| place.energy;
    let area = area_under_curve(&of(&LIVELY, energy), &of(&QUIET, energy));
    let valence = |place: &Estimate| place.valence;
    let pleasant = area_under_curve(&of(&PLEASANT, valence), &of(&GRIM, valence));
    println!(
        "{} pieces, genre \"{genre}\": area under the curve of energy {area:.3}, of valence {pleasant:.3}",
        places.len()
    );
    let stored = places.iter().map(|(_, place)| (place.valence, place.energy));
    println!("10 % and 90 % as stored: energy and valence {:.2?}", spreads(stored.clone()));
    let [energies, valences] = spreads(normalize(stored).into_iter());
    println!("10 % and 90 % as ranked: energy {energies:.2?}, valence {valences:.2?}");
    assert!(area >= 0.95, "{area}");
    assert!(pleasant >= 0.75, "{pleasant}");
    assert!(energies[1] - energies[0] > 0.45 && valences[1] - valences[0] > 0.35, "{energies:?} {valences:?}");
}

/// Valence and energy as the ranking sees them, which normalizes a library before it ranks.
fn normalize(places: impl Iterator<Item = (f32, f32)>) -> Vec<(f32, f32)> {
    let mut songs: Vec<Song> = places.map(|(valence, energy)| Song { valence, energy, ..Song::default() }).collect();
    rank_normalize::spread(&mut songs);
    songs.iter().map(|song| (song.valence, song.energy)).collect()
}

/// The 10 % and 90 % quantiles of energy and of valence.
fn spreads(places: impl Iterator<Item = (f32, f32)> + Clone) -> [[f32; 2]; 2] {
    let energies = [0.1, 0.9].map(|share| quantile(places.clone().map(|place| place.1), share));
    [energies, [0.1, 0.9].map(|share| quantile(places.clone().map(|place| place.0), share))]
}

#[test]
fn battle_themes_have_more_energy_than_laments_and_a_library_fills_the_plane() {
    let Some(pieces) = pieces() else { return };
    check(&pieces, "");
    // As Wesnoth's own tags have it.
    check(&pieces, "romantic classical");
}

#[test]
fn cheerful_pieces_of_other_games_have_more_valence_than_gloomy_ones() {
    let files = |titles: &[&str]| titles.iter().map(|title| games().join(format!("{title}.ogg"))).collect::<Vec<_>>();
    let lists = [files(&CHEERFUL), files(&GLOOMY)];
    if let Some(missing) = lists.iter().flatten().find(|file| !file.exists()) {
        eprintln!("skipped: there is no {}", missing.display());
        return;
    }
    let [cheerful, gloomy] = lists.map(|files| {
        let valence = |(_, heard): &(String, Features)| estimate(Some(heard), "", "").valence;
        hear(files).iter().map(valence).collect::<Vec<f32>>()
    });
    let area = area_under_curve(&cheerful, &gloomy);
    println!(
        "{} cheerful and {} gloomy pieces: area under the curve of valence {area:.3}",
        cheerful.len(),
        gloomy.len()
    );
    assert!(area >= 0.75, "{area}");
}
