//! `cafleet db backup`

use std::fs;
use std::os::unix::fs::PermissionsExt;

use cafleet_tests::environment::{Environment, Outcome};

#[test]
fn copies_the_database_whole() {
    let (environment, fleet) = Environment::with_fleet();
    let _ = fleet.send(&environment, fleet.ada, fleet.grace, "hello");
    assert_eq!(environment.ok(&["db", "backup", "copy.db"]), "Backup written to copy.db.\n");
    let copy = environment.path("work/copy.db");
    assert_eq!(copy.metadata().expect("the copy").permissions().mode() & 0o077, 0);
    assert_eq!(environment.json(&["db", "backup", "second.db"]).to_string(), r#"{"backup":"second.db"}"#);
    let mut restored = Environment::new();
    restored.set("CAFLEET_DATABASE_URL", &copy);
    assert!(restored.ok(&fleet.words("message poll --agent-id @grace")).ends_with("hello\n"));
    assert_eq!(restored.ok(&["db", "check"]), "ok\n");
    let left: Vec<_> =
        fs::read_dir(environment.path("work")).expect("a folder").flatten().map(|file| file.file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("part")), "{left:?}");
}

#[test]
fn does_not_replace_and_does_not_leave_half_a_copy() {
    let (environment, _) = Environment::with_fleet();
    let existing = environment.path("work/existing");
    fs::write(&existing, "precious").expect("a file");
    environment.fails(&["db", "backup", "existing"], 1, "existing exists already; choose another name for the backup");
    assert_eq!(fs::read_to_string(&existing).expect("the file"), "precious");
    std::os::unix::fs::symlink("nowhere", environment.path("work/dangling")).expect("a link");
    environment.fails(&["db", "backup", "dangling"], 1, "dangling exists already; choose another name for the backup");
    let error = environment.run(&["db", "backup", "missing/copy.db"]).error(1);
    assert!(error.contains("missing/copy.db") && error.contains("No such file or directory"), "{error}");
    environment.fails(&["db", "backup"], 2, "the following required arguments were not provided: <FILE>");
    assert_eq!(fs::read_dir(environment.path("work")).expect("a folder").count(), 2);
}

#[test]
fn is_consistent_while_others_write() {
    let (environment, fleet) = Environment::with_fleet();
    let line = fleet.words("message broadcast --agent-id @ada --text hello");
    let writers: Vec<_> = (0..20).map(|_| environment.spawn(&line)).collect();
    environment.ok(&["db", "backup", "copy.db"]);
    for writer in writers {
        Outcome::finish(writer).ok();
    }
    let mut restored = Environment::new();
    restored.set("CAFLEET_DATABASE_URL", environment.path("work/copy.db"));
    assert_eq!(restored.ok(&["db", "check"]), "ok\n");
}
