use super::*;

#[test]
fn what_is_remembered_is_written_before_it_is_called_so() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let (sender, events) = channel();
    let store = Persistence::start(Library::open(&file).unwrap(), sender).unwrap();
    store.remember(Record::Consent(true));
    assert!(store.written());
    assert_eq!(Library::open(&file).unwrap().settings().unwrap().consent, Some(true));
    store.reload();
    assert_eq!(events.recv_timeout(Duration::from_secs(5)), Ok(Event::BaselinesLoaded(Default::default())));
    assert_eq!(events.recv_timeout(Duration::from_secs(5)), Ok(Event::FeedbackLoaded(vec![])));
    assert_eq!(events.recv_timeout(Duration::from_secs(5)), Ok(Event::LibraryLoaded(vec![])));
}

#[test]
fn what_cannot_be_written_waits_and_is_not_called_written() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let store = Persistence::start(Library::open(&file).unwrap(), channel().0).unwrap();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.remember(Record::Consent(true));
    assert!(!store.written(), "another program holds the file");
    other.execute_batch("COMMIT").unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !store.written() && std::time::Instant::now() < deadline {
        store.remember(Record::Paused(false));
    }
    assert_eq!(Library::open(&file).unwrap().settings().unwrap().consent, Some(true));
}

#[test]
fn a_record_survives_that_was_written_before_the_file_was_deleted() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let (sender, events) = channel();
    let store = Persistence::start(Library::open(&file).unwrap(), sender).unwrap();
    store.remember(Record::Consent(false));
    assert!(store.written());
    for suffix in ["", "-wal", "-shm"] {
        std::fs::remove_file(home.path().join(format!("library.db{suffix}"))).unwrap();
    }
    store.remember(Record::Paused(true));
    assert!(store.written());
    let settings = Library::open(&file).unwrap().settings().unwrap();
    assert_eq!((settings.consent, settings.paused), (Some(false), true));
    assert!(events.try_iter().any(|event| matches!(event, Event::SettingsLoaded(_))));
}

#[test]
fn settings_that_another_program_has_written_are_read() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let store = Persistence::start(Library::open(&file).unwrap(), channel().0).unwrap();
    store.remember(Record::Consent(true));
    assert_eq!(store.settings().unwrap().consent, Some(true));
    Library::open(&file).unwrap().remember(&Record::Consent(false), Timestamp::now()).unwrap();
    assert_eq!(store.settings().unwrap().consent, Some(false));
}

#[test]
fn leaving_empties_the_log() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("library.db");
    let store = Persistence::start(Library::open(&file).unwrap(), channel().0).unwrap();
    store.remember(Record::Consent(true));
    assert!(store.finish());
    assert_eq!(std::fs::metadata(home.path().join("library.db-wal")).unwrap().len(), 0);
}
