//! The files that packages bring: valid by their own validators, and in step with the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn packaging(name: &str) -> PathBuf {
    Path::new(ROOT).join("packaging").join(name)
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path.as_ref()).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

fn moodring(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_moodring")).args(arguments).output().unwrap()
}

/// Runs a validator and shows what it says when it refuses.
fn accepts(program: &str, arguments: &[&str], file: &Path) {
    let output = Command::new(program).args(arguments).arg(file).env("XDG_RUNTIME_DIR", std::env::temp_dir()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&said));
}

/// What `moodring generate` writes.
fn generated() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    assert!(moodring(&["generate", folder.path().to_str().unwrap()]).status.success());
    folder
}

#[test]
fn desktop_entries_are_valid_and_carry_the_icon_and_the_name_on_the_bus() {
    for name in ["org.moodring.Moodring.desktop", "org.moodring.Moodring-autostart.desktop"] {
        accepts("desktop-file-validate", &[], &packaging(name));
        assert!(read(packaging(name)).contains("\nIcon=moodring\n"));
    }
    assert!(read(packaging("org.moodring.Moodring.service")).contains(&format!("Name={}\n", moodring::control::NAME)));
}

#[test]
fn a_session_that_systemd_runs_skips_the_entry_and_a_second_start_is_a_quiet_one() {
    let entry = read(packaging("org.moodring.Moodring-autostart.desktop"));
    for line in ["Exec=moodring --at-login", "X-GNOME-HiddenUnderSystemd=true", "X-systemd-skip=true"] {
        assert!(entry.lines().any(|other| other == line), "{line}");
    }
    assert!(read(packaging("moodring.service")).contains("ExecStart=/usr/bin/moodring --at-login\n"));
}

#[test]
fn software_centres_can_read_who_we_are() {
    let file = packaging("org.moodring.Moodring.metainfo.xml");
    accepts("appstreamcli", &["validate", "--no-net"], &file);
    let version = env!("CARGO_PKG_VERSION");
    assert!(read(file).contains(&format!("<release version=\"{version}\"")), "a release note for {version}");
    assert!(read(packaging("changelog")).starts_with(&format!("moodring ({version}-1) ")));
}

#[test]
fn the_unit_is_valid_and_confines_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    let unit = read(packaging("moodring.service")).replace("/usr/bin/moodring", env!("CARGO_BIN_EXE_moodring"));
    let file = folder.path().join("moodring.service");
    fs::write(&file, unit).unwrap();
    accepts("systemd-analyze", &["--user", "--man=no", "verify"], &file);
    // 0 is locked in, 10 is free; the threshold is ten times that.
    accepts("systemd-analyze", &["security", "--offline=true", "--no-pager", "--threshold=30"], &file);
}

#[test]
fn every_command_has_its_manual_page() {
    let folder = generated();
    let help = String::from_utf8(moodring(&["--help"]).stdout).unwrap();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> =
        names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        let page = read(folder.path().join(format!("man1/moodring-{name}.1")));
        assert!(page.contains(".TH") && page.contains(".SH DESCRIPTION"), "{name}: {page}");
    }
    assert!(read(folder.path().join("man1/moodring.1")).contains("config.toml"));
    assert!(!folder.path().join("man1/moodring-generate.1").exists());
}

#[test]
fn every_shell_completes_the_commands() {
    let folder = generated();
    for (shell, name) in [("bash", "moodring.bash"), ("zsh", "_moodring"), ("fish", "moodring.fish")] {
        let script = read(folder.path().join("completions").join(name));
        assert!(["recommend", "until-tomorrow", "autostart"].iter().all(|word| script.contains(word)), "{shell}");
        assert_eq!(String::from_utf8(moodring(&["completions", shell]).stdout).unwrap(), script);
    }
    accepts("bash", &["-n"], &folder.path().join("completions/moodring.bash"));
}

#[test]
fn the_sample_of_the_settings_is_valid() {
    let folder = generated();
    let sample = folder.path().join("config.toml");
    let output = moodring(&["config", "check", sample.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn both_kinds_of_packages_bring_the_same_files() {
    let manifest: toml::Table = read(Path::new(ROOT).join("Cargo.toml")).parse().unwrap();
    let metadata = &manifest["package"]["metadata"];
    let deb = metadata["deb"]["assets"].as_array().unwrap().iter().map(|asset| asset[0].as_str().unwrap());
    let rpm =
        metadata["generate-rpm"]["assets"].as_array().unwrap().iter().map(|asset| asset["source"].as_str().unwrap());
    let (deb, rpm): (Vec<&str>, Vec<&str>) = (deb.collect(), rpm.filter(|source| *source != "LICENSE").collect());
    assert_eq!(deb, rpm);
    for source in deb.iter().filter(|source| !source.starts_with("target/")) {
        assert!(Path::new(ROOT).join(source).exists(), "{source}");
    }
}
