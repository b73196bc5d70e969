//! `cafleet man`

use std::fs;

use cafleet_tests::environment::Environment;

#[test]
fn writes_a_page_for_every_command() {
    let environment = Environment::new();
    let text = environment.ok(&["man", "pages/man1"]);
    assert_eq!(text, "Manual pages written to pages/man1.\n");
    let names: Vec<String> = fs::read_dir(environment.path("work/pages/man1"))
        .expect("the pages")
        .map(|page| page.expect("a page").file_name().to_string_lossy().into_owned())
        .collect();
    for page in ["cafleet.1", "cafleet-message.1", "cafleet-message-send.1", "cafleet-db-purge.1", "cafleet-doctor.1"] {
        assert!(names.iter().any(|name| name == page), "{page} of {names:?}");
    }
    for internal in ["exec-file", "demo-agent", "help"] {
        assert!(!names.iter().any(|name| name.contains(internal)), "{internal}: {names:?}");
    }
    let page = fs::read_to_string(environment.path("work/pages/man1/cafleet-message-send.1")).expect("a page");
    assert!(page.contains(".TH") && page.contains("recipient"), "{page}");
    assert!(!environment.database().exists());
}

#[test]
fn a_place_that_is_no_directory_is_an_error() {
    let environment = Environment::new();
    fs::write(environment.path("work/file"), "").expect("a file");
    let error = environment.run(&["man", "file"]).error(1);
    assert!(error.starts_with("cannot write manual pages to file: "), "{error}");
    environment.fails(&["man"], 2, "the following required arguments were not provided: <DIR>");
}
