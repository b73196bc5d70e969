//! No files need each other in a circle, but a module and those within it: whoever reads one reads none of the others twice.

use cafleet_tests::house::modules::{circled, graph};
use cafleet_tests::house::production;
use cafleet_tests::workspace;

#[test]
fn no_files_need_each_other_in_a_circle() {
    let files = production(workspace::root());
    let circled = circled(&graph(files.iter().map(|file| (file.path.as_str(), file.text.as_str()))));
    assert!(circled.is_empty(), "{}", circled.join("\n"));
}

#[test]
fn a_circle_is_noticed() {
    let of = |files: &[(&str, &str)]| circled(&graph(files.iter().copied()));
    let (root, parent) = (("app/src/lib.rs", "mod a; mod b;"), ("app/src/a/mod.rs", "mod c; use c::C; struct A;"));
    let (child, there) = (("app/src/a/c.rs", "use super::A;"), ("app/src/b.rs", "fn f() { crate::a::c::g() }"));
    assert_eq!(of(&[root, parent, child, there]), [] as [String; 0]);
    let back = ("app/src/a/c.rs", "use crate::{b::{f, g as h}};");
    assert_eq!(of(&[root, parent, back, there]), ["app::a::c", "app::b"]);
    let in_tests = ("app/src/a/c.rs", "mod tests { use crate::b::f; }");
    assert_eq!(of(&[root, parent, in_tests, there]), [] as [String; 0]);
}
