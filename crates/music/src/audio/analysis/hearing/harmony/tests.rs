use super::*;

/// Ten seconds of one chord after another, two seconds each.
fn song(chords: &[[usize; 3]]) -> Vec<Notes> {
    let frame = |chord: &[usize; 3]| {
        let mut chroma = [0.0; 12];
        chord.iter().for_each(|note| chroma[note % 12] = 1.0 / 3.0);
        Notes { chroma, ..Notes::default() }
    };
    chords.iter().flat_map(|chord| vec![frame(chord); 20]).collect()
}

#[test]
fn major_chords_are_told_from_minor_ones() {
    let (major, minor) = (song(&[[0, 4, 7], [5, 9, 12], [7, 11, 14]]), song(&[[0, 3, 7], [5, 8, 12], [7, 10, 14]]));
    let [major, minor] = [major, minor].map(|notes| harmony(&notes, 10.0));
    assert_eq!((major.len(), minor.len()), (48, 48));
    assert!(major[5] > 0.0 && minor[5] < 0.0, "majorness {} and {}", major[5], minor[5]);
    assert!(major[22] > 0.7 && minor[22] < 0.3, "share of major chords {} and {}", major[22], minor[22]);
}

#[test]
fn figures_do_not_depend_on_the_key() {
    let at = |shift: usize| harmony(&song(&[[shift, shift + 4, shift + 7], [shift + 5, shift + 9, shift + 12]]), 10.0);
    assert!(at(0).iter().zip(at(5)).all(|(a, b)| (a - b).abs() < 1e-4));
}

#[test]
fn no_notes_give_finite_numbers() {
    for notes in [vec![], vec![Notes::default(); 1], vec![Notes::default(); 50]] {
        assert!(harmony(&notes, 10.0).iter().all(|figure| figure.is_finite()));
    }
}
