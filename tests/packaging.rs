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
    assert!(
        read(packaging("org.moodring.Moodring.service")).contains(&format!("Name={}\n", moodring::desktop::ipc::NAME))
    );
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

/// What the unit takes from its program, a setting a line.
fn confinement() -> Vec<String> {
    let unit = read(packaging("moodring.service"));
    let service = unit.split_once("[Service]\n").unwrap().1.split_once("\n[Install]").unwrap().0;
    let running = [
        "Type",
        "BusName",
        "ExecStart",
        "Restart",
        "RestartSec",
        "RestartPreventExitStatus",
        "Slice",
        "TimeoutStopSec",
    ];
    let settings = service.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    settings.filter(|line| !running.contains(&line.split_once('=').unwrap().0)).map(str::to_owned).collect()
}

#[test]
fn the_unit_is_valid_and_confines_the_agent() {
    let folder = tempfile::tempdir().unwrap();
    let unit = read(packaging("moodring.service")).replace("/usr/bin/moodring", env!("CARGO_BIN_EXE_moodring"));
    let file = folder.path().join("moodring.service");
    fs::write(&file, &unit).unwrap();
    accepts("systemd-analyze", &["--user", "--man=no", "verify"], &file);
    // A listener's service has no capabilities and does not run as root, which the judge of system services does not know.
    fs::write(&file, unit.replace("[Service]", "[Service]\nCapabilityBoundingSet=\nUser=nobody")).unwrap();
    // 0 is locked in, 10 is free; the threshold is ten times that.
    accepts("systemd-analyze", &["security", "--offline=true", "--no-pager", "--threshold=40"], &file);
}

#[test]
fn the_unit_asks_for_nothing_that_hides_the_cameras_users_or_that_a_listeners_systemd_cannot_do() {
    const FORBIDDEN: [&str; 8] =
        ["Private", "Protect", "Read", "Inaccessible", "TemporaryFileSystem", "Bind", "Capability", "Ambient"];
    let settings = confinement();
    assert!(settings.iter().any(|it| it == "NoNewPrivileges=yes"), "{settings:?}");
    for setting in settings {
        assert!(!FORBIDDEN.iter().any(|word| setting.starts_with(word)), "{setting}");
    }
}

/// Runs a program as the unit would. `None`, with the reason printed: there is no systemd of the tester's own.
fn in_the_unit(command: &[&str]) -> Option<Output> {
    let asked = Command::new("systemctl").args(["--user", "show-environment"]).output();
    if !asked.is_ok_and(|asked| asked.status.success()) {
        println!("skipped: no systemd runs for this user here");
        return None;
    }
    let mut run = Command::new("systemd-run");
    run.args(["--user", "--wait", "--pipe", "--quiet", "--collect", "--property=RuntimeMaxSec=60"]);
    run.args(confinement().iter().map(|setting| format!("--property={setting}")));
    Some(run.args(command).output().unwrap())
}

#[test]
fn from_within_the_unit_the_files_of_other_programs_can_be_seen() {
    let mut other = Command::new("sleep").arg("60").stdin(std::process::Stdio::null()).spawn().unwrap();
    let files = format!("/proc/{}/fd/0", other.id());
    let maps = format!("/proc/{}/maps", other.id());
    let seen = in_the_unit(&["readlink", &files]).zip(in_the_unit(&["grep", "-c", "sleep", &maps]));
    other.kill().and_then(|()| other.wait()).unwrap();
    let Some((link, mapped)) = seen else { return };
    assert_eq!(String::from_utf8_lossy(&link.stdout).trim(), "/dev/null", "{link:?}");
    assert!(mapped.status.success(), "{mapped:?}");
}

#[test]
fn within_the_unit_a_look_can_confine_itself_and_see() {
    let face = packaging("../assets/faces/happy/1.jpg");
    let look = [env!("CARGO_BIN_EXE_moodring"), "look", "--json", "--frames=1", "--pictures", face.to_str().unwrap()];
    let (Some(seen), free) = (in_the_unit(&look), Command::new(look[0]).args(&look[1..]).output().unwrap()) else {
        return;
    };
    let lines =
        |output: &Output| String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&seen)[0], lines(&free)[0], "the opening, which says how it is confined: {seen:?}");
    assert_eq!(lines(&seen).len(), 2, "{seen:?}");
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

#[test]
fn who_maintains_a_package_is_the_same_everywhere_and_no_address_of_somebody_else() {
    let manifest: toml::Table = read(Path::new(ROOT).join("Cargo.toml")).parse().unwrap();
    let maintainer = manifest["package"]["metadata"]["deb"]["maintainer"].as_str().unwrap();
    assert!(read(packaging("changelog")).contains(&format!("\n -- {maintainer}  ")), "{maintainer}");
    assert!(maintainer.ends_with("@moodring.invalid>"), "{maintainer}");
}
