//! Paths that a source names: its `use` trees, and full paths inside its functions, types, attributes and macros.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    ItemMod, ItemUse, UseTree,
    visit::{self, Visit},
};

/// Segments of a path. A path in the crate itself begins with `crate`; any other with the name of another crate, or
/// with an item that the source imports or defines.
pub type Named = Vec<String>;

/// All paths of more than one segment that a source names.
///
/// `module` is the path of the source within its crate, without `crate`.
pub fn named(module: &[String], source: &str) -> syn::Result<BTreeSet<Named>> {
    let file = syn::parse_file(source)?;
    let mut reader = Reader { module: module.to_vec(), named: BTreeSet::new() };
    reader.visit_file(&file);
    Ok(reader.named)
}

struct Reader {
    /// The current module.
    module: Vec<String>,
    named: BTreeSet<Named>,
}

impl Reader {
    /// Records a path, made absolute within its crate.
    fn note(&mut self, segments: &[String]) {
        let mut from = vec!["crate".to_owned()];
        let mut rest = segments;
        match rest.first().map(String::as_str) {
            Some("crate") => rest = &rest[1..],
            Some("self") => {
                from.extend_from_slice(&self.module);
                rest = &rest[1..];
            }
            Some("super") => {
                let ups = rest.iter().take_while(|segment| *segment == "super").count();
                from.extend_from_slice(&self.module[..self.module.len().saturating_sub(ups)]);
                rest = &rest[ups..];
            }
            _ => from.clear(),
        }
        from.extend_from_slice(rest);
        if from.len() > 1 {
            self.named.insert(from);
        }
    }

    fn note_tree(&mut self, before: &mut Vec<String>, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.note_tree(before, &path.tree);
                before.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.note_tree(before, tree)),
            // The whole crate contains every layer.
            UseTree::Rename(rename) if rename.ident == "crate" => self.note(&["crate".into(), "*".into()]),
            UseTree::Glob(_) => {
                before.push("*".into());
                self.note(before);
                before.pop();
            }
            UseTree::Name(name) if name.ident == "self" => self.note(before),
            UseTree::Name(syn::UseName { ident }) | UseTree::Rename(syn::UseRename { ident, .. }) => {
                before.push(ident.to_string());
                self.note(before);
                before.pop();
            }
        }
    }

    /// Records the paths among unparsed tokens, and those in string literals, which derive macros read as paths.
    fn note_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if colons == 2 => path.push(ident.to_string()),
                TokenTree::Ident(ident) => {
                    self.note(&std::mem::replace(&mut path, vec![ident.to_string()]));
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => self.note_tokens(group.stream()),
                TokenTree::Literal(literal) => self.note_text(&literal.to_string()),
                TokenTree::Punct(_) => self.note(&std::mem::take(&mut path)),
            }
            colons = 0;
        }
        self.note(&path);
    }

    fn note_text(&mut self, literal: &str) {
        let path = literal.trim_matches('"');
        if path.contains("::")
            && let Ok(path) = syn::parse_str(path)
        {
            self.visit_path(&path);
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.note_tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.note(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.note_tokens(call.tokens.clone());
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.note_tokens(list.tokens.clone());
    }
}
