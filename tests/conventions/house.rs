//! The figures of the source are those that the page names, and those with a limit keep to it.

use cafleet_tests::house::calls::{calls, methods};
use cafleet_tests::house::{calls_of_delivery_and_typing, figures, production};
use cafleet_tests::workspace::{self, SourceFile};

/// Returns the first column of the table of figures, without its head.
fn rows(page: &str) -> Vec<&str> {
    let table = page.split("\n## Figures of the source\n").nth(1).unwrap_or_default();
    let lines = table.lines().filter_map(|line| line.strip_prefix("| ")).filter_map(|line| line.split_once(" |"));
    lines.map(|(name, _)| name).skip(1).collect()
}

#[test]
fn the_page_names_the_figures_that_the_program_prints() {
    let page = workspace::file("docs/src/contributing.md").text;
    let names: Vec<&str> = figures(workspace::root()).into_iter().map(|(name, _)| name).collect();
    let rows = rows(&page);
    assert!(rows.starts_with(&names), "{rows:#?}\n{names:#?}");
}

#[test]
fn typing_calls_nothing_of_delivery() {
    let (there, back) = calls_of_delivery_and_typing(&production(workspace::root()));
    assert!(there > 0, "the folders are those of the source");
    assert_eq!(back, 0);
}

#[test]
fn methods_and_calls_are_counted_by_name() {
    let file = |path: &str, text: &str| SourceFile { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("app/src/a.rs", "struct A; impl A { fn go(&self) { self.type_it(); shared(); b::free() } }"),
        file("app/src/a/more.rs", "impl super::A { fn shared() {} } impl Clone for super::A { fn clone(&self) {} }"),
        file("app/src/b.rs", "impl B { fn type_it() { b.shared() } fn shared() {} }\npub fn free() {}"),
        file("domain/src/a.rs", "impl A { fn other() {} }"),
    ];
    let counted = [("A", 2), ("B", 2), ("A", 1)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(methods(&files), counted, "by crate, without those of traits");
    let (a, b) = (["app/src/a"], ["app/src/b"]);
    assert_eq!((calls(&files, &a, &b), calls(&files, &b, &a)), (2, 0), "what both define is nobody's");
}
