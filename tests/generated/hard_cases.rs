//! The tests that the page of hard cases names are there.

use std::collections::BTreeSet;

use cafleet_tests::workspace;

const PAGE: &str = "docs/src/hard-cases.md";

/// Returns the words of the table's second column that are names of tests or of the modules that hold them.
fn named(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "));
    let words = rows.flat_map(|(_, tests)| tests.split([' ', ',', ';', ':']));
    let is_name =
        |word: &&str| word.contains('_') && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    words.filter(is_name).map(str::to_owned).collect()
}

/// Returns the names of a page that nothing in the sources is called by.
fn missing(page: &str) -> Vec<String> {
    let sources = workspace::rust_files();
    let is_there = |name: &String| {
        let (function, module) = (format!("fn {name}("), format!("mod {name}"));
        let file = format!("/{name}.rs");
        let holds = |text: &str| text.contains(&function) || text.contains(&module);
        sources.iter().any(|source| source.path.ends_with(&file) || holds(&source.text))
    };
    named(page).into_iter().filter(|name| !is_there(name)).collect()
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let page = workspace::file(PAGE).text;
    assert!(named(&page).len() > 40, "it has lost its tests");
    assert_eq!(missing(&page), Vec::<String>::new());
}

#[test]
fn a_test_that_is_not_there_is_noticed() {
    let page = "| a case | `cli` crash::no_such_test_at_all, `generated` every_test_that_the_page_names_is_there |\n";
    assert_eq!(missing(page), ["no_such_test_at_all"]);
}
