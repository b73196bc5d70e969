//! Aligned columns.

use cafleet_domain::text::one_line;
use unicode_width::UnicodeWidthStr;

/// Returns rows as lines, each column as wide as its widest cell, two blanks between columns. A cell is on one line,
/// whatever it holds.
pub(super) fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| one_line(cell)).collect()).collect();
    let widths = widths(&rows);
    rows.iter().map(|row| line(row, &widths)).collect()
}

/// Returns a header, a rule under each of its columns, and the rows, aligned and set in by two blanks.
pub(super) fn ruled(header: &[&str], rows: Vec<Vec<String>>) -> Vec<String> {
    let header = header.iter().map(|&name| name.to_owned()).collect();
    let mut all: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    let rules = widths(&all).into_iter().map(|width| "-".repeat(width)).collect();
    all.insert(1, rules);
    aligned(&all).into_iter().map(|line| format!("  {line}")).collect()
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max();
    (0..columns).map(|column| width(column).unwrap_or(0)).collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        let padding = " ".repeat(width.saturating_sub(cell.width()));
        format!("{cell}{padding}")
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        assert_eq!(ruled(&["id", "n"], vec![row(["1", "long"])]), ["  id  n", "  --  ----", "  1   long"]);
        assert_eq!(aligned(&[row(["a\n9  b", "x"])]), ["a⏎9  b  x"]);
        assert_eq!(aligned(&[row(["名前", "x"]), row(["ab", "y"])]), ["名前  x", "ab    y"]);
    }
}
