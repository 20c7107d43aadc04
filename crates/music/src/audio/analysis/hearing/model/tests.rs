use super::*;

fn stretch(spreads: f32, sounding: f32) -> StretchFeatures {
    let weights = Weights::shipped();
    let values = weights.means.iter().zip(&weights.spreads).map(|(mean, spread)| mean + spreads * spread);
    StretchFeatures { values: values.collect(), sounding }
}

#[test]
fn a_sound_unlike_all_clips_is_left_to_the_rule() {
    let far = stretch(30.0, 1.0);
    let judged =
        |valence| judge(std::slice::from_ref(&far), Odds { valence, energy: 0.0 }, Weights::shipped()).unwrap();
    let (bright, dark) = (judged(2.0), judged(-2.0));
    assert_eq!((bright.familiarity, dark.familiarity), (0.0, 0.0));
    assert!(bright.odds.valence > 1.0 && dark.odds.valence < -1.0, "{bright:?} {dark:?}");
}

#[test]
fn a_silent_stretch_does_not_count() {
    let (song, rule) = (stretch(0.2, 1.0), Odds::default());
    let alone = judge(std::slice::from_ref(&song), rule, Weights::shipped());
    assert_eq!(alone, judge(&[song, stretch(-3.0, 0.0)], rule, Weights::shipped()));
    assert_eq!(judge(&[stretch(0.0, 0.0)], rule, Weights::shipped()), None);
    assert_eq!(judge(&[], rule, Weights::shipped()), None);
}

#[test]
fn a_clip_that_was_learned_from_is_familiar() {
    let weights = Weights::shipped();
    let value = |k: usize| weights.means[k] + weights.spreads[k] * weights.clips[0].place[k];
    let clip = StretchFeatures { values: (0..FEATURES).map(value).collect(), sounding: 1.0 };
    assert!(judge(&[clip], Odds::default(), weights).unwrap().familiarity > 0.3);
}
