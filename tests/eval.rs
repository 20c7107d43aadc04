//! `moodring eval expressions` and `moodring eval faces` on folders of pictures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use image::{DynamicImage, GrayImage, RgbImage};
use serde_json::Value;

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/faces").join(name)
}

/// The portrait, cropped as faces of public sets are.
fn face() -> DynamicImage {
    image::open(asset("astronaut.png")).unwrap().crop_imm(165, 55, 120, 120)
}

fn eval(what: &str, folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command.args(["eval", what]).arg(folder).args(more).output().unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn error_text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn save(picture: &DynamicImage, folder: &Path, name: &str) {
    let file = folder.join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    picture.save(file).unwrap();
}

#[test]
fn all_kinds_of_pictures_are_read_and_other_files_are_reported_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let face = face();
    save(&face, at, "happy/colour.png");
    save(&DynamicImage::ImageLuma8(face.to_luma8()), at, "happy/grey.png");
    save(&DynamicImage::ImageLuma16(face.to_luma16()), at, "happy/sixteen.png");
    save(&DynamicImage::ImageRgba8(face.to_rgba8()), at, "happy/alpha.png");
    save(&face.thumbnail(48, 48), at, "Happiness/small.jpg");
    save(&face.resize_exact(300, 300, image::imageops::FilterType::Triangle), at, "happy/below/large.jpg");
    fs::write(at.join("happy/words.png"), "no picture").unwrap();
    fs::create_dir(at.join("sad")).unwrap();
    fs::create_dir(at.join("bored")).unwrap();
    let output = eval("expressions", at, &["--json"]);
    let said = error_text(&output);
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(
        said.contains("skipped the folder bored") && said.contains("words.png: it is neither PNG nor JPEG"),
        "{said}"
    );
    let told = json(&output);
    assert_eq!((told["n"].as_u64(), told["unreadable"].as_u64()), (Some(6), Some(1)));
    assert_eq!(told["accuracy"].as_f64(), Some(1.0), "{told}");
    assert_eq!(told["per_class"]["sad"]["n"].as_u64(), Some(0));
    for key in ["macro_f1", "ece", "nll", "valence_sign_accuracy", "confusion", "ms_per_face"] {
        assert!(!told[key].is_null(), "{key} is missing");
    }
    assert!(told["mood_distance"].as_f64().unwrap() < 0.2, "{told}");
    for key in ["negative_auc", "neutral_misread"] {
        assert!(told[key].is_null() && told.get(key).is_some(), "{key} needs neutral faces: {told}");
    }
}

#[test]
fn what_the_readings_mean_for_a_mood_is_printed_beside_the_accuracy() {
    let folder = tempfile::tempdir().unwrap();
    save(&face(), folder.path(), "happy/a.png");
    save(&face(), folder.path(), "neutral/a.png");
    save(&face().blur(1.5), folder.path(), "sad/a.png");
    let told = json(&eval("expressions", folder.path(), &["--json"]));
    let [distance, auc, misread, sign] = ["mood_distance", "negative_auc", "neutral_misread", "valence_sign_accuracy"]
        .map(|key| told[key].as_f64().unwrap_or_else(|| panic!("{key}: {told}")));
    // The portrait smiles: two of the three labels are wrong.
    assert!((0.1..0.6).contains(&distance) && (misread, (sign * 3.0).round()) == (0.0, 1.0), "{told}");
    let output = eval("expressions", folder.path(), &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains(&format!("valence sign {sign:.4}, mood distance {distance:.4}\n")), "{text}");
    assert!(text.contains(&format!("AUC of negative against neutral {auc:.4}\n")), "{text}");
    assert!(text.contains(&format!("neutral misread as sad or angry {misread:.4}\n")), "{text}");
    assert!(
        text.contains("accuracy 0.3333") && text.contains("macro F1") && text.contains("ECE") && text.contains("NLL")
    );
}

#[test]
fn contempt_counts_only_if_there_are_pictures_of_it_and_the_head_has_it() {
    let folder = tempfile::tempdir().unwrap();
    for class in ["happy", "contempt"] {
        save(&face(), folder.path(), &format!("{class}/a.png"));
    }
    let told = |more: &[&str]| {
        let told = json(&eval("expressions", folder.path(), more));
        (told["n"].as_u64().unwrap(), told["classes"].as_array().unwrap().len())
    };
    assert_eq!(told(&["--json"]), (2, 8));
    assert_eq!(told(&["--json", "--classes", "7"]), (1, 7));
    assert_eq!(told(&["--json", "--head", "original"]), (1, 7));
    let refused = eval("expressions", folder.path(), &["--head", "original", "--classes", "8"]);
    assert_eq!(refused.status.code(), Some(2));
    fs::remove_file(folder.path().join("contempt/a.png")).unwrap();
    assert_eq!(told(&["--json"]), (1, 7));
}

#[test]
fn a_smile_is_read_in_bad_light_and_in_a_tilted_head() {
    let folder = tempfile::tempdir().unwrap();
    save(&face(), folder.path(), "happy/a.png");
    save(&face().fliph(), folder.path(), "happy/b.png");
    for spoil in ["dark", "bright", "blur", "noise", "jpeg30", "turn10", "small24"] {
        let told = json(&eval("expressions", folder.path(), &["--json", "--spoil", spoil]));
        assert_eq!(told["accuracy"].as_f64(), Some(1.0), "{spoil}: {told}");
    }
    let whole = eval("expressions", folder.path(), &["--spoil", "dark", "--detect"]);
    assert_eq!(whole.status.code(), Some(2));
}

#[test]
fn a_folder_without_readable_pictures_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let empty = eval("expressions", folder.path(), &[]);
    assert_eq!(empty.status.code(), Some(2));
    assert!(error_text(&empty).contains("hint: it should have folders called neutral"), "{empty:?}");
    fs::create_dir(folder.path().join("fear")).unwrap();
    fs::write(folder.path().join("fear/words.jpg"), "no picture").unwrap();
    let unread = eval("expressions", folder.path(), &[]);
    assert_eq!(unread.status.code(), Some(1));
    assert!(error_text(&unread).contains("none of the 1 files"), "{unread:?}");
    assert_eq!(eval("faces", folder.path(), &[]).status.code(), Some(2));
}

#[test]
fn pictures_of_a_manifest_are_counted_by_their_number_of_faces() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::copy(asset("astronaut.png"), at.join("one.png")).unwrap();
    save(&DynamicImage::ImageLuma8(GrayImage::from_pixel(320, 240, image::Luma([90]))), at, "wall.png");
    let mut pair = RgbImage::new(1024, 512);
    for x in [0, 512] {
        image::imageops::replace(&mut pair, &image::open(asset("astronaut.png")).unwrap().to_rgb8(), x, 0);
    }
    save(&DynamicImage::ImageRgb8(pair), at, "two.png");
    let list = "file,faces,tags,expression\none.png,1,\"frontal,light\",happy/surprise\nwall.png,0,,\ntwo.png,2,group,\ngone.png,1,,\n";
    fs::write(at.join("manifest.csv"), list).unwrap();
    let output = eval("faces", at, &["--json"]);
    assert!(error_text(&output).contains("gone.png"), "{output:?}");
    let told = json(&output);
    for kind in ["single", "without", "groups", "expressions"] {
        assert_eq!((&told[kind]["pictures"], &told[kind]["right"]), (&1.into(), &1.into()), "{kind}: {told}");
    }
    assert_eq!(
        (&told["faces_found"], &told["faces_counted"], &told["false_alarms"]),
        (&3.into(), &3.into(), &0.into())
    );
    assert_eq!(told["per_tag"]["frontal"]["right"], 1);
    assert_eq!(told["skipped"][0], "gone.png");
}

#[test]
fn a_closed_output_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    save(&face(), folder.path(), "happy/a.png");
    let mut command = Command::new(env!("CARGO_BIN_EXE_moodring"));
    command.args(["eval", "expressions"]).arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(error_text(&child.wait_with_output().unwrap()), "");
}
