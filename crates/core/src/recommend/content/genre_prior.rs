//! Where a genre or a mood word lies in the plane of valence and energy.
//!
//! A weak prior, set by judgement (2026-11) along what studies of genre and arousal agree on: metal and dance are lively,
//! ambient and classical calm; pop, dance and reggae pleasant, metal and blues less so. Against annotated songs, genre alone
//! explains about an eighth of energy and a twentieth of valence (`docs/music.md`).

/// Word, valence, energy. Longer words stand before those they contain.
const PLACES: &[(&str, f32, f32)] = &[
    ("ambient", 0.50, 0.12),
    ("lo-fi", 0.50, 0.25),
    ("lofi", 0.50, 0.25),
    ("chill", 0.60, 0.28),
    ("downtempo", 0.52, 0.35),
    ("trip-hop", 0.42, 0.42),
    ("trip hop", 0.42, 0.42),
    ("new age", 0.60, 0.18),
    ("meditati", 0.58, 0.10),
    ("classical", 0.50, 0.25),
    ("baroque", 0.58, 0.35),
    ("opera", 0.48, 0.40),
    ("orchestral", 0.48, 0.42),
    ("chamber", 0.50, 0.25),
    ("acoustic", 0.52, 0.30),
    ("singer", 0.48, 0.32),
    ("folk", 0.55, 0.38),
    ("country", 0.54, 0.52),
    ("bluegrass", 0.68, 0.60),
    ("blues", 0.42, 0.42),
    ("bossa", 0.68, 0.35),
    ("swing", 0.72, 0.60),
    ("jazz", 0.56, 0.42),
    ("soul", 0.60, 0.45),
    ("r&b", 0.56, 0.48),
    ("gospel", 0.66, 0.52),
    ("funk", 0.74, 0.68),
    ("disco", 0.80, 0.74),
    ("reggae", 0.72, 0.52),
    ("ska", 0.76, 0.74),
    ("salsa", 0.78, 0.72),
    ("latin", 0.72, 0.64),
    ("hip-hop", 0.62, 0.68),
    ("hip hop", 0.62, 0.68),
    ("rap", 0.56, 0.68),
    ("synthpop", 0.64, 0.64),
    ("dream pop", 0.52, 0.38),
    ("k-pop", 0.70, 0.70),
    ("pop", 0.60, 0.62),
    ("indie", 0.50, 0.58),
    ("shoegaze", 0.42, 0.55),
    ("grunge", 0.34, 0.74),
    ("punk", 0.50, 0.88),
    ("hardcore", 0.34, 0.92),
    ("doom", 0.22, 0.55),
    ("death", 0.18, 0.94),
    ("metal", 0.34, 0.88),
    ("industrial", 0.28, 0.82),
    ("gothic", 0.28, 0.52),
    ("rock", 0.50, 0.70),
    ("drum and bass", 0.52, 0.88),
    ("drum & bass", 0.52, 0.88),
    ("dubstep", 0.42, 0.84),
    ("dub", 0.56, 0.45),
    ("house", 0.68, 0.76),
    ("trance", 0.60, 0.80),
    ("techno", 0.48, 0.80),
    ("edm", 0.64, 0.82),
    ("dance", 0.70, 0.78),
    ("electro", 0.54, 0.66),
    ("soundtrack", 0.46, 0.42),
    ("score", 0.46, 0.42),
];

/// Words of mood tags, which say more than a genre does.
const MOODS: &[(&str, f32, f32)] = &[
    ("unhappy", 0.20, 0.35),
    ("happy", 0.88, 0.68),
    ("joy", 0.88, 0.68),
    ("cheerful", 0.85, 0.62),
    ("party", 0.80, 0.85),
    ("uplifting", 0.80, 0.62),
    ("euphoric", 0.86, 0.82),
    ("energetic", 0.62, 0.88),
    ("aggressive", 0.25, 0.92),
    ("angry", 0.18, 0.90),
    ("tense", 0.28, 0.70),
    ("dark", 0.25, 0.48),
    ("sad", 0.15, 0.22),
    ("melanchol", 0.25, 0.25),
    ("sombre", 0.22, 0.25),
    ("somber", 0.22, 0.25),
    ("romantic", 0.66, 0.32),
    ("dreamy", 0.58, 0.28),
    ("calm", 0.62, 0.15),
    ("relax", 0.66, 0.18),
    ("peaceful", 0.68, 0.12),
    ("mellow", 0.58, 0.24),
];

/// What words say of a song, and how far they can be trusted (0..1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GenrePrior {
    pub valence: f32,
    pub energy: f32,
    pub trust: f32,
}

/// The mean place of the words that are known; `None` when none is.
pub fn prior(genre: &str, mood: &str) -> Option<GenrePrior> {
    place(MOODS, mood, 0.7).or_else(|| place(PLACES, genre, 0.35))
}

fn place(places: &[(&str, f32, f32)], text: &str, trust: f32) -> Option<GenrePrior> {
    let text = text.to_lowercase();
    let parts = text.split([',', ';', '/', '|']);
    let found: Vec<_> = parts.filter_map(|part| places.iter().find(|(word, ..)| part.contains(word))).collect();
    let count = found.len() as f32;
    let mean = |of: fn(&(&str, f32, f32)) -> f32| found.iter().map(|place| of(place)).sum::<f32>() / count;
    (!found.is_empty()).then(|| GenrePrior { valence: mean(|place| place.1), energy: mean(|place| place.2), trust })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_telling_word_counts() {
        assert_eq!(prior("death metal", "").unwrap().energy, 0.94);
        assert_eq!(prior("Dream Pop", "").unwrap().energy, 0.38);
        assert_eq!(prior("metal", "Unhappy").unwrap().valence, 0.20);
    }

    #[test]
    fn several_genres_meet_in_the_middle_and_unknown_ones_say_nothing() {
        let both = prior("pop; metal; klezmer", "").unwrap();
        assert!((both.valence - 0.47).abs() < 1e-6 && (both.energy - 0.75).abs() < 1e-6);
        assert_eq!(prior("klezmer", ""), None);
        assert_eq!(prior("", ""), None);
    }
}
