//! The functions of a file and how long they are.

/// A function and how many lines it has, from its signature to its last brace.
#[derive(Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of its signature, counted from 1.
    pub line: usize,
    /// Its lines.
    pub length: usize,
    /// Whether it does something: a method of a trait may be declared only.
    pub has_body: bool,
}

/// Finds the functions of a file that rustfmt has laid out: the last brace stands below the first character.
#[must_use]
pub fn functions(text: &str) -> Vec<Function> {
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
    Some(Function { name: name.to_owned(), line, length, has_body: !lines[opening].ends_with(';') })
}

fn declared_function(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("fn ")?;
    let is_declaration =
        before.split_whitespace().all(|word| word.starts_with("pub") || ["const", "async", "unsafe"].contains(&word));
    is_declaration.then(|| after.split(['(', '<']).next().unwrap_or_default())
}
