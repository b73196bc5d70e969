//! Links lead somewhere, and the book has every page.

use std::path::{Component, Path, PathBuf};

use cafleet_tests::markdown::{anchors, links};
use cafleet_tests::workspace::{self, SourceFile};

/// Returns the pages of the book and those at the root.
pub(super) fn pages() -> Vec<SourceFile> {
    let is_page = |path: &str| path.ends_with(".md") && (path.starts_with("docs/") || !path.contains('/'));
    workspace::text_files().into_iter().filter(|file| is_page(&file.path)).collect()
}

/// Says what is wrong with a link of a page; none when it leads somewhere, or to another site.
pub(super) fn problem(page: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { page.to_owned() } else { resolved(page, file) };
    let full = workspace::root().join(&path);
    if !full.exists() {
        return Some(format!("{page}: {target} leads to {path}, which does not exist"));
    }
    let is_missing = !anchor.is_empty() && !anchors(&workspace::file(&path).text).iter().any(|found| found == anchor);
    is_missing.then(|| format!("{page}: {path} has no heading for #{anchor}"))
}

/// Returns the path of `target` from the root, as seen from `page`.
fn resolved(page: &str, target: &str) -> String {
    let mut path = Path::new(page).parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            part => path = PathBuf::from_iter([path.as_os_str(), part.as_os_str()]),
        }
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut seen = 0;
    let mut problems = Vec::new();
    for page in pages() {
        for target in links(&page.text) {
            seen += 1;
            problems.extend(problem(&page.path, &target));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(seen > 20, "only {seen} links were found");
}

#[test]
fn a_link_to_nowhere_is_noticed() {
    assert_eq!(problem("docs/src/SUMMARY.md", "reference/cli.md"), None);
    assert_eq!(problem("docs/src/reference/cli.md", "../SUMMARY.md"), None);
    assert_eq!(problem("README.md", "https://www.sqlite.org/"), None);
    assert!(problem("docs/src/SUMMARY.md", "nowhere.md").is_some());
    assert!(problem("docs/src/SUMMARY.md", "reference/cli.md#no-such-heading").is_some());
}

#[test]
fn the_summary_lists_every_page_once() {
    let mut listed = links(&workspace::file("docs/src/SUMMARY.md").text);
    listed.sort();
    let mut present: Vec<String> = pages()
        .iter()
        .filter_map(|page| page.path.strip_prefix("docs/src/").map(str::to_owned))
        .filter(|path| path != "SUMMARY.md")
        .collect();
    present.sort();
    assert_eq!(listed, present);
}
