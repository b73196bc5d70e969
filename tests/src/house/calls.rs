//! How many methods each type has, and how often the files of one folder call those of another.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{Visit, visit_expr_call, visit_expr_method_call, visit_item_mod};

use crate::workspace::SourceFile;

/// What a file defines and what it calls, by name.
#[derive(Default)]
struct Names {
    /// Types and the methods of their own, without those of traits.
    methods: Vec<(String, String)>,
    functions: Vec<String>,
    calls: Vec<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.functions.push(function.sig.ident.to_string());
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        if let (None, Some(name)) = (&item.trait_, type_name(&item.self_ty)) {
            let methods = item.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(method) => Some(method.sig.ident.to_string()),
                _ => None,
            });
            self.methods.extend(methods.map(|method| (name.clone(), method)));
        }
        syn::visit::visit_item_impl(self, item);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.calls.push(call.method.to_string());
        visit_expr_method_call(self, call);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func
            && let Some(last) = path.path.segments.last()
        {
            self.calls.push(last.ident.to_string());
        }
        visit_expr_call(self, call);
    }
}

fn type_name(of: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = of else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

fn names(file: &SourceFile) -> Names {
    let mut names = Names::default();
    names.visit_file(&syn::parse_file(&file.text).expect("a file that compiles"));
    names
}

/// Returns the types of these files with the number of their own methods, those with most first.
///
/// # Panics
/// When a file cannot be parsed.
#[must_use]
pub fn methods(files: &[SourceFile]) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for file in files {
        let part = file.path.split('/').next().unwrap_or_default();
        for (name, _) in names(file).methods {
            *counts.entry((part.to_owned(), name)).or_default() += 1;
        }
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().map(|((_, name), count)| (name, count)).collect();
    counts.sort_by(|(_, some), (_, other)| other.cmp(some));
    counts
}

/// Returns how often files below one of `from` call a function that only files below one of `to` define.
///
/// # Panics
/// When a file cannot be parsed.
#[must_use]
pub fn calls(files: &[SourceFile], from: &[&str], to: &[&str]) -> usize {
    let below = |folders: &[&str]| -> Vec<Names> {
        let of = files.iter().filter(|file| folders.iter().any(|folder| file.path.starts_with(folder)));
        of.map(names).collect()
    };
    let (from, to) = (below(from), below(to));
    let defined = |all: &[Names]| -> BTreeSet<String> {
        let functions = all.iter().flat_map(|names| names.functions.iter());
        functions.chain(all.iter().flat_map(|names| names.methods.iter().map(|(_, method)| method))).cloned().collect()
    };
    let (own, theirs) = (defined(&from), defined(&to));
    let made = from.iter().flat_map(|names| names.calls.iter());
    made.filter(|call| theirs.contains(*call) && !own.contains(*call)).count()
}
