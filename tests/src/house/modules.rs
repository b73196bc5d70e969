//! Which modules name each other, read from their sources.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{Visit, visit_item_mod, visit_path};

/// The path of a module, its crate first.
pub type Module = Vec<String>;

/// Which modules each module names.
pub type Graph = BTreeMap<Module, BTreeSet<Module>>;

/// Collects the paths that a file names.
#[derive(Default)]
struct Paths(Vec<Vec<String>>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit_item_mod(self, module);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add(&item.tree, &[]);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit_path(self, path);
    }
}

impl Paths {
    fn add(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |ident: &syn::Ident| [before, &[ident.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) => self.0.push(with(&name.ident)),
            syn::UseTree::Rename(rename) => self.0.push(with(&rename.ident)),
            syn::UseTree::Glob(_) => self.0.push(before.to_vec()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree, before)),
        }
    }
}

/// Returns the module that a file of a crate is.
fn module(path: &str) -> Option<Module> {
    let (name, within) = path.split_once("/src/")?;
    let within = within.strip_suffix(".rs")?;
    let names = std::iter::once(name).chain(within.split('/')).filter(|name| !["lib", "main", "mod"].contains(name));
    Some(names.map(str::to_owned).collect())
}

/// Returns the module that a path names, as seen from a module; none when it is of another crate.
fn named(from: &Module, path: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    let mut at = from.clone();
    let mut rest = path.iter().peekable();
    match rest.peek()?.as_str() {
        "crate" => at.truncate(1),
        "self" | "super" => {}
        child if modules.contains(&[from.as_slice(), &[child.to_owned()]].concat()) => {}
        _ => return None,
    }
    for segment in rest {
        match segment.as_str() {
            "crate" | "self" => {}
            "super" => drop(at.pop()),
            name => {
                at.push(name.to_owned());
                if !modules.contains(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    Some(at)
}

/// Returns which modules each of these files names, apart from itself and those that it is in.
///
/// # Panics
/// When a file cannot be parsed.
#[must_use]
pub fn graph<'a>(files: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Graph {
    let modules: BTreeSet<Module> = files.clone().filter_map(|(path, _)| module(path)).collect();
    let mut graph = Graph::new();
    for (path, text) in files {
        let Some(from) = module(path) else { continue };
        let mut paths = Paths::default();
        paths.visit_file(&syn::parse_file(text).expect("a file that compiles"));
        let named = paths.0.iter().filter_map(|path| named(&from, path, &modules));
        let named = named.filter(|to| !from.starts_with(to)).collect();
        graph.insert(from, named);
    }
    graph
}

/// Returns every module that can be reached from one.
fn reached<'a>(graph: &'a Graph, from: &Module) -> BTreeSet<&'a Module> {
    let mut reached = BTreeSet::new();
    let mut waiting: Vec<&Module> = graph.get(from).into_iter().flatten().collect();
    while let Some(next) = waiting.pop() {
        if reached.insert(next) {
            waiting.extend(graph.get(next).into_iter().flatten());
        }
    }
    reached
}

/// Returns the modules that are in a circle.
#[must_use]
pub fn circled(graph: &Graph) -> Vec<String> {
    graph.keys().filter(|module| reached(graph, module).contains(module)).map(|module| module.join("::")).collect()
}
