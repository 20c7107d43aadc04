//! The JSON that the agent answers over D-Bus and that `--json` prints. Scripts and widgets rely on it.

use std::time::Duration;

use moodring::desktop::ipc::wire::Answer;
use moodring_core::domain::observation::CaptureError;
use moodring_core::domain::pick::{Aim, Character, DecidingFactor, Level, Liking, Pick, PickReason, ScoreBreakdown};
use moodring_core::domain::playback::QueueMethod;
use moodring_core::domain::presence::LookBlock;
use moodring_core::domain::reason::{Done, LookTrouble, QueueBlocker, Refusal, Unreadable};
use moodring_core::domain::song::Opinion;
use moodring_core::domain::track::Track;
use moodring_core::domain::view::{Phase, QueueView, View};
use moodring_core::message::Reply;
use moodring_core::mood::{Intent, Mood, MoodName, Scores};

const PICK: &str = r#"{"path":"/music/rain.ogg","title":"Rain","artist":"The Clouds","why":"calm and bright, for the happy mood you show; you finished 5 of its 6 recent plays","terms":{"score":0.5,"total":0.5,"fit":0.75,"taste":0.25,"mood_weight":0.5,"spacing":1.0,"chance":1.0,"decided":"score","place":[0.75,0.25],"target":[0.75,0.5]}}"#;

fn pick() -> Pick {
    Pick {
        path: "/music/rain.ogg".into(),
        title: "Rain".into(),
        artist: "The Clouds".into(),
        reason: PickReason {
            character: Character::Area { valence: Level::High, energy: Level::Low },
            aim: Aim::Mirror,
            mood: MoodName::Happy,
            fits_loosely: false,
            liking: Liking::Finished { finished: 5.0, plays: 6.0 },
            decided: DecidingFactor::Score,
        },
        terms: ScoreBreakdown {
            score: 0.5,
            total: 0.5,
            fit: 0.75,
            taste: 0.25,
            mood_weight: 0.5,
            spacing: 1.0,
            chance: 1.0,
            decided: DecidingFactor::Score,
            place: [0.75, 0.25],
            target: [0.75, 0.5],
        },
    }
}

fn view(phase: Phase) -> View {
    View {
        phase,
        no_look: Some(LookBlock::NothingPlays),
        mood: Mood { valence: 0.75, energy: 0.5, confidence: 0.25 },
        mood_name: MoodName::Happy,
        scores: Some(Scores::new([0.5, 0.25, 0.0, 0.0, 0.0, 0.25, 0.0])),
        unread: Some(Unreadable::FaceTurnedAside),
        by_hand: None,
        intent: Intent::Lift,
        player: Some("VLC media player".into()),
        way: Some(QueueMethod::AfterCurrent { take_back: true }),
        playing: Some("Sun – The Skies".into()),
        ours: None,
        opinion: Opinion::Like,
        next: Some(pick()),
        waiting_for: Some(QueueBlocker::NotPlaying { player: "VLC media player".into() }),
        songs: 512,
    }
}

fn json(reply: Reply) -> String {
    serde_json::to_string(&Answer::from(reply)).unwrap()
}

#[test]
fn a_status_keeps_its_keys_and_values() {
    let expected = format!(
        r#"{{"status":{{"phase":{{"is":"paused","detail":660}},"no_look":"nothing-plays","mood":{{"valence":0.75,"energy":0.5,"confidence":0.25}},"mood_name":"happy","scores":{{"neutral":0.5,"happy":0.25,"surprised":0.0,"sad":0.0,"angry":0.0,"disgusted":0.25,"fearful":0.0}},"unread":"the face is turned aside","by_hand":null,"intent":"lift","player":"VLC media player","way":{{"next":{{"take_back":true}}}},"playing":"Sun – The Skies","ours":null,"opinion":"like","next":{PICK},"waiting_for":"VLC media player is not playing","songs":512}}}}"#
    );
    assert_eq!(json(Reply::Status(view(Phase::Paused(Some(660))))), expected);
}

#[test]
fn each_phase_keeps_its_name() {
    let trouble = LookTrouble::Capture(CaptureError::Unplugged("/dev/video0".into()));
    let phases = [
        (Phase::Asking, r#"{"is":"asking"}"#),
        (Phase::Watching, r#"{"is":"watching"}"#),
        (Phase::Looking, r#"{"is":"looking"}"#),
        (Phase::Calibrating, r#"{"is":"calibrating"}"#),
        (Phase::CameraInUse("cheese (process 7)".into()), r#"{"is":"camera-in-use","detail":"cheese (process 7)"}"#),
        (Phase::Paused(None), r#"{"is":"paused","detail":null}"#),
        (Phase::Trouble(trouble), r#"{"is":"trouble","detail":"the camera was unplugged"}"#),
    ];
    for (phase, expected) in phases {
        let said = json(Reply::Status(view(phase)));
        assert!(said.contains(&format!("\"phase\":{expected},")), "{said}");
    }
}

#[test]
fn picks_and_queues_keep_their_keys() {
    assert_eq!(json(Reply::Why(Some(pick()))), format!(r#"{{"why":{PICK}}}"#));
    assert_eq!(json(Reply::Why(None)), r#"{"why":null}"#);
    let track = Track {
        path: Some("/music/rain.ogg".into()),
        title: "Rain".into(),
        length: Some(Duration::from_secs(200)),
        ..Track::default()
    };
    let queue =
        QueueView { player: Some("MPD".into()), upcoming: Some(vec![track]), ours: Some(pick()), later: Vec::new() };
    let expected = format!(
        r#"{{"queue":{{"player":"MPD","upcoming":[{{"path":"/music/rain.ogg","title":"Rain","artist":"","album":"","length":{{"secs":200,"nanos":0}},"streamed":false}}],"ours":{PICK},"later":[]}}}}"#
    );
    assert_eq!(json(Reply::Queue(queue)), expected);
}

#[test]
fn results_and_refusals_are_sentences() {
    let paused = Done::Paused(Some(Duration::from_secs(90)));
    assert_eq!(json(Reply::Done(paused)), r#"{"done":"paused for 2 minutes"}"#);
    assert_eq!(json(Reply::Refused(Refusal::NothingPlays)), r#"{"refused":"nothing is playing"}"#);
}

#[test]
fn the_last_line_of_a_look_keeps_its_keys() {
    let busy = CaptureError::Busy { detail: "in use".into(), user: Some("cheese (process 7)".into()) };
    let line = r#"{"trouble":"busy","detail":"in use","user":"cheese (process 7)"}"#;
    assert_eq!(serde_json::to_string(&busy).unwrap(), line);
    assert_eq!(serde_json::from_str::<CaptureError>(line).unwrap(), busy);
    let missing = CaptureError::NoCamera("none".into());
    assert_eq!(serde_json::to_string(&missing).unwrap(), r#"{"trouble":"no-camera","detail":"none"}"#);
    let old = r#"{"trouble":"busy","detail":"in use"}"#;
    assert!(matches!(serde_json::from_str(old).unwrap(), CaptureError::Busy { user: None, .. }));
}
