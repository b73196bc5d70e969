//! Files and functions stay short enough to be read at once.

use cafleet_tests::workspace::{self, SourceFile};

const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 80;
const LONGEST_MAIN: usize = 15;

/// A function and how many lines it has, from its signature to its last brace.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    name: String,
    line: usize,
    length: usize,
}

/// Finds the functions of a file that rustfmt has laid out: the last brace stands below the first character.
fn functions(text: &str) -> Vec<Function> {
    let lines: Vec<&str> = text.lines().collect();
    lines.iter().enumerate().filter_map(|(index, line)| function_at(&lines[index..], index + 1, line)).collect()
}

fn function_at(lines: &[&str], line: usize, first: &str) -> Option<Function> {
    let indent = first.len() - first.trim_start().len();
    let name = declared_function(first.trim_start())?;
    let opening = lines.iter().position(|line| line.ends_with(['{', ';', '}']))?;
    let length = if lines[opening].ends_with('{') {
        let last = format!("{}}}", &first[..indent]);
        lines.iter().position(|line| *line == last)? + 1
    } else {
        opening + 1
    };
    Some(Function { name: name.to_owned(), line, length })
}

fn declared_function(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("fn ")?;
    let is_declaration =
        before.split_whitespace().all(|word| word.starts_with("pub") || ["const", "async", "unsafe"].contains(&word));
    is_declaration.then(|| after.split(['(', '<']).next().unwrap_or_default())
}

/// Tells whether a file belongs to a suite; suites list cases and may be long.
fn is_suite(path: &str) -> bool {
    path.starts_with("tests/") && !path.starts_with("tests/src/")
}

fn long_functions(file: &SourceFile) -> Vec<String> {
    let long = functions(&file.text).into_iter().filter(|function| function.length > LONGEST_FUNCTION);
    long.map(|Function { name, line, length }| format!("{}:{line}: {name} has {length} lines", file.path)).collect()
}

#[test]
fn no_file_is_longer_than_400_lines() {
    let long = workspace::rust_files().into_iter().filter(|file| !is_suite(&file.path));
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
fn main_files_only_list_or_call() {
    let mains = workspace::rust_files().into_iter().filter(|file| file.path.ends_with("/main.rs"));
    let mains: Vec<(usize, String)> = mains.map(|file| (file.text.lines().count(), file.path)).collect();
    assert!(mains.len() > 3, "{mains:?}");
    let long: Vec<&(usize, String)> = mains.iter().filter(|(lines, _)| *lines > LONGEST_MAIN).collect();
    assert!(long.is_empty(), "{long:?}");
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
