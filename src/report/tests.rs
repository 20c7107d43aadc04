//! Tests of the report with an invented week.

use jiff::Timestamp;

use crate::report::*;
use moodring_core::message::PlayOutcome;
use moodring_core::mood::{Intent, Mood};
use moodring_music::library::{MoodEvent, PlayEvent};

fn at(text: &str) -> Timestamp {
    format!("2026-11-{text}:00Z").parse().unwrap()
}

fn felt(when: &str, valence: f32, energy: f32, by_hand: bool) -> MoodEvent {
    MoodEvent { at: at(when), mood: Some(Mood { valence, energy, confidence: 0.8 }), by_hand }
}

fn song(when: &str, title: &str, place: [f32; 2], intent: Option<Intent>, outcome: PlayOutcome) -> PlayEvent {
    let from = at(when);
    let to = from + jiff::SignedDuration::from_mins(4);
    PlayEvent {
        from,
        to,
        path: format!("/music/{title}.ogg").into(),
        title: title.into(),
        artist: "Band".into(),
        valence: Some(place[0]),
        energy: Some(place[1]),
        outcome,
        ours: intent.is_some(),
        intent,
    }
}

/// Wednesday: gloomy, then led upwards. Thursday morning: a mood set by hand, and music of the listener's own.
fn history() -> History {
    use PlayOutcome::{Finished, Skipped};
    let lift = Some(Intent::Lift);
    History {
        moods: vec![
            felt("25T20:01", 0.2, 0.2, false),
            felt("25T20:16", 0.8, 0.8, false),
            felt("26T09:00", 0.2, 0.8, true),
        ],
        songs: vec![
            song("25T20:00", "Low <b>", [0.2, 0.2], lift, Finished),
            song("25T20:05", "Rising", [0.5, 0.4], lift, Finished),
            song("25T20:10", "Up", [0.8, 0.7], lift, Finished),
            song("25T20:21", "Away", [0.8, 0.8], lift, Skipped),
            song("26T09:01", "Own", [0.5, 0.5], None, Finished),
        ],
    }
}

fn report() -> Report {
    let now: ZonedDateTime = "2026-11-26T21:00[UTC]".parse().unwrap();
    Report::new(&history(), EmotionTable::default(), 7, &now)
}

#[test]
fn a_mood_that_was_seen_lasts_as_long_as_the_music_and_not_into_the_next_day() {
    let report = report();
    let [.., wednesday, thursday] = &report.week.days[..] else { panic!() };
    let pieces: Vec<_> = wednesday.stretches.iter().map(|piece| (piece.from, piece.to)).collect();
    let close = |a: f32, b: f32| (a - b).abs() < 0.01;
    assert_eq!(pieces.len(), 2, "{pieces:?}");
    assert!(close(pieces[0].0, 20.0167) && close(pieces[0].1, 20.2667), "{pieces:?}");
    assert!(close(pieces[1].1, 20.4167), "until its last song ends: {pieces:?}");
    let [by_hand] = &thursday.stretches[..] else { panic!("the night has no mood") };
    assert!(by_hand.by_hand && close(by_hand.from, 9.0));
}

#[test]
fn a_mood_set_by_hand_holds_through_a_silence() {
    let mut history = history();
    history.songs.push(song("26T19:00", "Late", [0.5, 0.5], None, PlayOutcome::Finished));
    let week = Week::new(&history, 1, &"2026-11-26T21:00[UTC]".parse().unwrap());
    let from: Vec<f32> = week.days[0].stretches.iter().map(|piece| piece.from).collect();
    assert_eq!(from, [9.0, 19.0]);
}

#[test]
fn songs_are_counted_by_mood_and_skips_by_who_chose_them() {
    let tally = report().tally;
    let sad = &tally.by_mood.iter().find(|(name, _)| name.word() == "sad").unwrap().1;
    assert_eq!(
        sad.iter().map(|count| count.title.as_str()).collect::<Vec<_>>(),
        ["Low <b> – Band", "Rising – Band", "Up – Band"]
    );
    assert_eq!((tally.ours.songs, tally.ours.skipped, tally.own.songs, tally.own.skipped), (4, 1, 1, 0));
    assert_eq!(tally.most_skipped[0].title, "Away – Band");
}

#[test]
fn where_lift_led_is_drawn_and_said() {
    let tally = report().tally;
    let lift = tally.leads.iter().find(|lead| lead.intent == Intent::Lift).unwrap();
    assert_eq!(lift.runs.len(), 1);
    assert_eq!(page::describe_lead(lift), "1 time, 4 songs: led from gloomy and calm to bright and lively");
    assert!(tally.leads.iter().filter(|lead| lead.intent != Intent::Lift).all(|lead| lead.runs.is_empty()));
}

#[test]
fn the_page_stands_alone_and_takes_no_title_for_markup() {
    let page = report().drawn(ReportFormat::Page, 80, false);
    for foreign in ["<script", "src=", "href=", "url(http", "@import", "<b> –"] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("Low &lt;b&gt; – Band") && page.contains("prefers-color-scheme: dark"));
    // Every address in it is the name of a vocabulary.
    assert_eq!(page.matches("http").count(), page.matches("xmlns=\"http").count() + page.matches("http-equiv").count());
}

#[test]
fn at_a_glance_each_mood_is_a_letter_where_it_was() {
    let said = report().drawn(ReportFormat::Glance, 80, false);
    let wednesday = said.lines().find(|line| line.starts_with("Wed 25 Nov")).unwrap();
    assert!(wednesday.contains('s') && wednesday.contains('h'), "{said}");
    assert!(!said.contains('\x1b') && said.lines().all(|line| line.chars().count() <= 90), "{said}");
    assert!(report().drawn(ReportFormat::Glance, 80, true).contains("\x1b[48;2;"));
}

#[test]
fn a_week_without_anything_says_so() {
    let now: ZonedDateTime = "2026-11-26T21:00[UTC]".parse().unwrap();
    let report = Report::new(&History::default(), EmotionTable::default(), 7, &now);
    assert!(report.drawn(ReportFormat::Page, 80, false).contains("Nothing was kept"));
    assert!(report.drawn(ReportFormat::Glance, 80, false).contains("nothing was kept in this period"));
    assert!(report.drawn(ReportFormat::Picture, 80, false).ends_with("</svg>\n"));
}
