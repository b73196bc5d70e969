//! `cafleet db restore`

use std::fs;
use std::path::Path;

use cafleet_tests::environment::{Environment, Fleet, Outcome, eventually};

/// A database with a message, and a backup of it that lacks a second one.
fn with_backup() -> (Environment, Fleet) {
    let (environment, fleet) = Environment::with_fleet();
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "in the backup");
    environment.ok(&["db", "backup", "copy.db"]);
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "after the backup");
    (environment, fleet)
}

fn beside(environment: &Environment, suffix: &str) -> std::path::PathBuf {
    let mut name = environment.database().into_os_string();
    name.push(suffix);
    name.into()
}

/// Asserts that the database is the backup and sound.
fn assert_restored(environment: &Environment, fleet: &Fleet) {
    let inbox = environment.ok(&fleet.words("message poll --agent-id @grace"));
    assert!(inbox.ends_with("  in the backup\n"), "{inbox}");
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn the_backup_takes_the_place_of_the_database_which_is_kept() {
    let (environment, fleet) = with_backup();
    let backup = fs::read(environment.path("work/copy.db")).expect("the backup");
    let kept = beside(&environment, ".before-restore");
    let expected = format!(
        "Restored {} from copy.db.\nThe database that was there is now {}.\n",
        environment.database().display(),
        kept.display()
    );
    assert_eq!(environment.ok(&["db", "restore", "copy.db"]), expected);
    assert_restored(&environment, &fleet);
    assert_eq!(fs::read(environment.path("work/copy.db")).expect("the backup"), backup, "the backup stays as it is");
    let again = environment.json(&["db", "restore", &kept.display().to_string()]);
    assert_eq!(again["kept"], beside(&environment, ".before-restore-2").display().to_string());
    assert_eq!((&again["needs_upgrade"], environment.rows()["tasks"]), (&false.into(), 2));
}

/// Copies the log of a database as a process leaves it that is killed.
fn crash(environment: &Environment, fleet: &Fleet) {
    let raw = environment.open();
    raw.execute_batch("PRAGMA wal_autocheckpoint = 0; BEGIN; UPDATE tasks SET text = text || 'x'; COMMIT")
        .expect("a write");
    let _ = fleet.send(environment, fleet.ada, fleet.grace, "in the log");
    let (log, copy) = (beside(environment, "-wal"), environment.path("work/log"));
    fs::copy(&log, &copy).expect("a log");
    let database = fs::read(environment.database()).expect("the database");
    raw.close().expect("a close");
    fs::write(environment.database(), database).expect("the database before the log");
    fs::copy(&copy, &log).expect("a log that stays");
}

#[test]
fn the_log_of_a_process_that_was_killed_does_not_reach_the_backup() {
    let (environment, fleet) = with_backup();
    crash(&environment, &fleet);
    environment.ok(&["db", "restore", "copy.db"]);
    assert_restored(&environment, &fleet);
    // it belongs to the database that was there, with which it can be read
    environment.ok(&["db", "restore", &beside(&environment, ".before-restore").display().to_string()]);
    assert_eq!(environment.rows()["tasks"], 3);
}

#[test]
fn a_database_that_is_damaged_or_missing_can_be_restored() {
    let (environment, fleet) = with_backup();
    let spoil = |content: &[u8]| fs::write(environment.database(), content).expect("the database");
    let whole = fs::read(environment.path("work/copy.db")).expect("the backup");
    let mut half = whole.clone();
    half[4096..].fill(0x5a);
    for content in [b"garbage, no database at all".as_slice(), &half, b""] {
        spoil(content);
        environment.ok(&["db", "restore", "copy.db"]);
        assert_restored(&environment, &fleet);
    }
    crash(&environment, &fleet);
    fs::remove_file(environment.database()).expect("the database");
    let text = environment.ok(&["db", "restore", "copy.db"]);
    assert_eq!(text.lines().count(), 1, "{text}");
    assert_restored(&environment, &fleet);
    assert!(beside(&environment, ".before-restore-4-wal").exists(), "its log is not the new one's");
}

#[test]
fn what_is_no_sound_backup_changes_nothing() {
    let (environment, _) = with_backup();
    let database = environment.database().display().to_string();
    let path = |name: &str| environment.path("work").join(name);
    fs::write(path("text"), "hello").expect("a file");
    fs::write(path("empty"), "").expect("a file");
    let other = rusqlite::Connection::open(path("other.db")).expect("a database");
    other.execute_batch("CREATE TABLE notes (text)").expect("a table");
    other.close().expect("a close");
    fs::copy(path("copy.db"), path("newer.db")).expect("a copy");
    let newer = rusqlite::Connection::open(path("newer.db")).expect("a database");
    newer.execute_batch("PRAGMA user_version = 4711").expect("a number");
    newer.close().expect("a close");
    let mut half = fs::read(path("copy.db")).expect("the backup");
    half[4096..].fill(0x5a);
    fs::write(path("half.db"), half).expect("a file");
    let before = environment.rows();
    for (name, reason) in [
        ("missing", "No such file"),
        (".", "is not a regular file"),
        ("text", "is not a database"),
        ("empty", "is not a database"),
        ("other.db", "database of another program"),
        ("newer.db", "4711"),
        ("half.db", "damaged"),
        (&database, "is the database itself"),
    ] {
        let error = environment.run(&["db", "restore", name]).error(1);
        assert!(error.contains(reason), "{name}: {error}");
    }
    assert_eq!(environment.rows(), before);
    assert!(!beside(&environment, ".before-restore").exists());
    let folder = environment.database().parent().map(Path::to_owned).expect("a folder");
    let left = fs::read_dir(folder).expect("a folder").flatten().filter(|file| {
        let name = file.file_name().to_string_lossy().into_owned();
        name.contains("restore") || name.contains("part")
    });
    assert_eq!(left.count(), 0);
}

#[test]
fn who_has_the_database_open_is_named() {
    let (environment, fleet) = with_backup();
    let waiting = environment.spawn(&fleet.words("message poll --agent-id @ada --wait 60"));
    let number = waiting.id();
    let log = beside(&environment, "-wal");
    eventually("the database is open", || {
        fs::read_dir(format!("/proc/{number}/fd"))
            .is_ok_and(|fds| fds.flatten().any(|fd| fs::read_link(fd.path()).is_ok_and(|path| path == log)))
            .then_some(())
    });
    let error = environment.run(&["db", "restore", "copy.db"]).error(1);
    assert!(error.contains("in use by") && error.contains(&format!("(pid {number})")), "{error}");
    let _ = fleet.send(&environment, fleet.grace, fleet.ada, "go");
    Outcome::finish(waiting).ok();
    environment.ok(&["db", "restore", "copy.db"]);
    assert_restored(&environment, &fleet);
}
