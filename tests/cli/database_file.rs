//! The file of the database: missing, misplaced, foreign, unreadable, full.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use cafleet_tests::environment::Environment;

/// The commands that are tried on a file that is no good: one that reads, one that writes, and those about the file.
const COMMANDS: [&[&str]; 5] = [
    &["fleet", "list"],
    &["--fleet-id", "1", "message", "send", "--agent-id", "3", "--to", "4", "--text", "x"],
    &["db", "init"],
    &["db", "check"],
    &["db", "backup", "copy.db"],
];

fn all_fail(environment: &Environment, error: &str) {
    for command in COMMANDS {
        environment.fails(command, 1, error);
    }
    assert!(!environment.path("work/copy.db").exists());
}

#[test]
fn every_way_to_name_it_leads_to_it() {
    let (mut environment, _) = Environment::with_fleet();
    fs::rename(environment.database(), environment.path("home/x.db")).expect("it moves");
    let absolute = environment.path("home/x.db").display().to_string();
    for place in [
        format!("sqlite://{absolute}"),
        format!("sqlite:{absolute}"),
        absolute,
        "~/x.db".to_owned(),
        "sqlite://~/x.db".to_owned(),
    ] {
        environment.set("CAFLEET_DATABASE_URL", &place);
        assert!(environment.ok(&["fleet", "list"]).contains("test"), "{place}");
    }
    environment.unset("CAFLEET_DATABASE_URL");
    environment.unset("XDG_DATA_HOME");
    assert_eq!(environment.ok(&["fleet", "list"]), "No fleets found.\n");
    assert!(environment.path("home/.local/share/cafleet/cafleet.db").is_file());
}

#[test]
fn a_name_that_is_no_file_of_ours_is_refused() {
    let mut environment = Environment::new();
    for (place, error) in [
        ("postgres://user:secret@host/db", "databases of type 'postgres' are not supported; use sqlite://<path>"),
        ("sqlite://", "the database has no path; use sqlite://<path>"),
        (":memory:", "a database in memory would be lost at the end of the command; use sqlite://<path>"),
        ("sqlite:///x.db?mode=ro", "options after '?' are not supported; use sqlite://<path>"),
    ] {
        environment.set("CAFLEET_DATABASE_URL", place);
        all_fail(&environment, error);
    }
    let here = environment.path("work/teams/x.db");
    environment.set("CAFLEET_DATABASE_URL", "sqlite://teams/x.db");
    let error =
        format!("the path of the database must be absolute (got 'teams/x.db', which is {} here)", here.display());
    all_fail(&environment, &error);
    assert!(!here.exists());
}

#[test]
fn a_directory_is_no_database() {
    let mut environment = Environment::new();
    let place = environment.path("home");
    environment.set("CAFLEET_DATABASE_URL", &place);
    all_fail(&environment, &format!("database {} is a directory; set CAFLEET_DATABASE_URL to a file", place.display()));
}

#[test]
fn a_file_of_something_else_is_left_alone() {
    let mut environment = Environment::new();
    let place = environment.path("home/notes");
    fs::write(&place, "no database, but long enough to look like one\n".repeat(200)).expect("a file");
    let before = fs::read(&place).expect("the file");
    environment.set("CAFLEET_DATABASE_URL", &place);
    let error = format!("{} is not a database of cafleet; set CAFLEET_DATABASE_URL to another file", place.display());
    all_fail(&environment, &error);
    assert_eq!(fs::read(&place).expect("the file"), before);
    assert_eq!(fs::read_dir(environment.path("home")).expect("a folder").count(), 1, "nothing beside it");
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    let mut environment = Environment::new();
    let place = environment.path("home/other.db");
    let other = rusqlite::Connection::open(&place).expect("a database");
    other
        .execute_batch("CREATE TABLE notes (text); INSERT INTO notes VALUES ('x'); PRAGMA user_version = 1")
        .expect("a table");
    drop(other);
    let before = fs::read(&place).expect("the file");
    environment.set("CAFLEET_DATABASE_URL", &place);
    let error =
        format!("{} is a database of another program; set CAFLEET_DATABASE_URL to another file", place.display());
    all_fail(&environment, &error);
    assert_eq!(fs::read(&place).expect("the file"), before);
}

#[test]
fn a_damaged_database_is_one_clear_line() {
    let (environment, fleet) = Environment::with_fleet();
    for n in 0..50 {
        let _ = fleet.send(&environment, fleet.ada, fleet.grace, &format!("{n}").repeat(500));
    }
    let mut bytes = fs::read(environment.database()).expect("the file");
    let middle = bytes.len() / 3;
    bytes[middle..].fill(0xa5);
    fs::write(environment.database(), bytes).expect("damage");
    for line in [vec!["db".to_owned(), "check".to_owned()], fleet.words("message poll --agent-id @grace")] {
        let outcome = environment.run(&line);
        assert_eq!(outcome.status, 1, "{outcome:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
        assert!(outcome.stderr.contains("damaged") || outcome.stderr.contains("problem"), "{outcome:?}");
    }
}

#[test]
fn a_place_that_cannot_be_made_is_named() {
    let mut environment = Environment::new();
    fs::write(environment.path("home/file"), "").expect("a file");
    let place = environment.path("home/file/cafleet.db");
    environment.set("CAFLEET_DATABASE_URL", &place);
    for command in COMMANDS {
        let error = environment.run(command).error(1);
        assert!(error.starts_with(&format!("cannot open database {}: ", place.display())), "{error}");
    }
    environment.set("CAFLEET_DATABASE_URL", "/proc/cafleet/cafleet.db");
    let error = environment.run(&["fleet", "list"]).error(1);
    assert!(error.starts_with("cannot create directory /proc/cafleet: "), "{error}");
}

/// Runs a command as a user for whom permissions count, in a tree that this user may pass through.
fn as_nobody(environment: &Environment, arguments: &[String]) -> (Option<i32>, String) {
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"]);
    command.arg(environment.path("bin/cafleet")).args(arguments).env_clear().envs(environment.variables());
    let output = command.current_dir("/").output().expect("setpriv runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_file_that_may_not_be_read_or_written_is_one_clear_line() {
    let (environment, fleet) = Environment::with_fleet();
    let mode = |path: &std::path::Path, mode| fs::set_permissions(path, Permissions::from_mode(mode)).expect("a mode");
    fs::copy(cafleet_tests::environment::binary(), environment.path("bin/cafleet")).expect("a copy that all may run");
    for folder in ["", "bin", "data", "data/cafleet"] {
        mode(&environment.path(folder), 0o755);
    }
    let before = environment.rows();
    let send = fleet.words("message send --agent-id @ada --to @grace --text x");
    for (file, folder) in [(0o600, 0o755), (0o644, 0o755), (0o600, 0o700)] {
        mode(&environment.database(), file);
        mode(&environment.path("data/cafleet"), folder);
        let (status, error) = as_nobody(&environment, &send);
        assert_eq!((status, error.lines().count()), (Some(1), 1), "{file:o} {folder:o}: {error}");
        assert!(error.contains("cafleet.db") && !error.contains("panicked"), "{file:o} {folder:o}: {error}");
        assert!(error.contains("writable") || error.contains("ermission denied"), "{file:o} {folder:o}: {error}");
    }
    assert_eq!(environment.rows(), before);
}

#[test]
fn a_full_disk_is_one_clear_line_and_nothing_is_half_written() {
    let mut environment = Environment::new();
    let disk = environment.path("disk");
    fs::create_dir(&disk).expect("a folder");
    let mount =
        Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(&disk).output().expect("mount runs");
    if !mount.status.success() {
        // without the right to mount, a limit on the size of files stands for the disk
        return a_file_that_may_not_grow_is_one_clear_line();
    }
    let _unmounted = Unmount(disk.clone());
    environment.set("XDG_DATA_HOME", &disk);
    std::os::unix::fs::symlink(&disk, environment.path("data/link")).expect("a link");
    fs::remove_dir_all(environment.path("data")).expect("the folder goes");
    std::os::unix::fs::symlink(&disk, environment.path("data")).expect("a link");
    let fleet = environment.create_fleet("small");
    let send = fleet.words("message send --quiet --agent-id @ada --to @grace --text -");
    let mut stored = 0;
    let error = loop {
        let outcome = environment.run_with_input(&send, &vec![b'x'; 100_000]);
        if outcome.status != 0 {
            break outcome.error(1);
        }
        stored += 1;
        assert!(stored < 20, "the disk never fills");
    };
    assert!(error.contains("no space left for database") && error.contains("free some space"), "{error}");
    assert_eq!(environment.rows()["tasks"], stored);
    let filler = disk.join("filler");
    let _full = fs::write(&filler, vec![0; 2 * 1024 * 1024]);
    let error = environment.run_with_input(&send, &vec![b'x'; 100_000]).error(1);
    assert!(!error.is_empty());
    fs::remove_file(filler).expect("the filler goes");
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
    assert_eq!(environment.rows()["tasks"], stored);
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        drop(Command::new("umount").arg(&self.0).status());
    }
}

/// A file-size limit of the shell makes every further write fail, as a full disk does.
#[test]
fn a_file_that_may_not_grow_is_one_clear_line() {
    let (environment, fleet) = Environment::with_fleet();
    std::os::unix::fs::symlink(cafleet_tests::environment::binary(), environment.path("bin/cafleet")).expect("a link");
    let before = environment.rows();
    let line = fleet.words("message send --agent-id @ada --to @grace --text -").join(" ");
    let mut command = Command::new("/bin/bash");
    command.args([
        "--norc",
        "-c",
        &format!("ulimit -f 64; trap '' XFSZ; head -c 500000 /dev/zero | tr '\\0' x | cafleet {line}"),
    ]);
    let output = command.env_clear().envs(environment.variables()).output().expect("bash runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("cafleet.db"), "{error}");
    assert_eq!(environment.rows(), before);
    assert_eq!(environment.ok(&["db", "check"]), "ok\n");
}

#[test]
fn a_database_that_others_keep_locked_is_told_after_ten_seconds() {
    let (environment, fleet) = Environment::with_fleet();
    let holder = environment.open();
    holder.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    let poll = environment.ok(&fleet.words("message poll --agent-id @grace"));
    assert_eq!(poll, "No messages found.\n", "a reader does not wait");
    let error = environment.run(&fleet.words("message send --agent-id @ada --to @grace --text x")).error(1);
    assert_eq!(error, "database is busy: other processes kept it locked for 10 s; nothing was written, try again");
    holder.execute_batch("ROLLBACK").expect("the lock is given back");
    assert_eq!(environment.rows()["tasks"], 0);
}
