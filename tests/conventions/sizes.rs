//! Files and functions stay short enough to be read at once.

use cafleet_tests::house::functions::{Function, functions};
use cafleet_tests::workspace::{self, SourceFile};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 80;
const LONGEST_MAIN: usize = 15;

/// Returns what a program's or suite's first file holds beside comments, attributes and lists of modules.
fn statements(text: &str) -> usize {
    let is_list = |line: &str| line.starts_with("mod ") && line.ends_with(';');
    let is_remark = |line: &str| line.is_empty() || line.starts_with("//") || line.starts_with("#!");
    text.lines().map(str::trim).filter(|line| !is_list(line) && !is_remark(line)).count()
}

fn long_functions(file: &SourceFile) -> Vec<String> {
    let long = functions(&file.text).into_iter().filter(|function| function.length > LONGEST_FUNCTION);
    long.map(|Function { name, line, length, .. }| format!("{}:{line}: {name} has {length} lines", file.path)).collect()
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let long = workspace::rust_files().into_iter().filter(|file| !file.path.starts_with("tests/"));
    let long = long.map(|file| (file.text.lines().count(), file.path)).filter(|(lines, _)| *lines > LONGEST_FILE);
    let long: Vec<String> = long.map(|(lines, path)| format!("{path} has {lines} lines")).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn no_function_is_longer_than_80_lines() {
    let files = workspace::rust_files();
    let found: usize = files.iter().map(|file| functions(&file.text).len()).sum();
    assert!(found > 500, "only {found} functions were found");
    let long: Vec<String> = files.iter().flat_map(long_functions).collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn first_files_only_list_or_call() {
    let files = workspace::rust_files();
    let main = files.iter().find(|file| file.path == "app/src/main.rs").expect("a program");
    assert!(main.text.lines().count() <= LONGEST_MAIN, "{} does no more than call", main.path);
    let is_suite =
        |path: &str| path.ends_with("/main.rs") && path.matches('/').count() == 2 && path.starts_with("tests/");
    let suites: Vec<&SourceFile> = files.iter().filter(|file| is_suite(&file.path)).collect();
    assert!(suites.len() >= 7);
    for suite in suites {
        assert_eq!(statements(&suite.text), 0, "{} only lists its files", suite.path);
    }
    assert_eq!(statements("//! Suite.\n\n#![expect(x, reason = \"y\")]\nmod a;\n#[test]\nfn b() {}\n"), 2);
}

#[test]
fn functions_are_measured_from_signature_to_last_brace() {
    let body = "    step();\n".repeat(79);
    let text = format!(
        "pub(crate) async fn long<T>(\n    a: T,\n) -> u8 {{\n{body}}}\n\ntrait T {{\n    fn none(&self);\n    fn one() {{}}\n    fn two() {{\n        fn_like();\n    }}\n}}\n"
    );
    let found: Vec<(String, usize, usize)> =
        functions(&text).into_iter().map(|function| (function.name, function.line, function.length)).collect();
    let expected = [("long", 1, 83), ("none", 86, 1), ("one", 87, 1), ("two", 88, 3)];
    assert_eq!(found, expected.map(|(name, line, length)| (name.to_owned(), line, length)));
    let file = SourceFile { path: "app/src/x.rs".to_owned(), text };
    assert_eq!(long_functions(&file), ["app/src/x.rs:1: long has 83 lines"]);
}
