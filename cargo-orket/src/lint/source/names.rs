//! What a name in a file stands for, as far as the file itself says: its `use` declarations.
//!
//! An approximation: all of a file is one scope. What rustc compiles, rustc resolves better; this is for what
//! `cfg` has switched off.

use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::visit::Visit;

/// How many aliases are followed from one name.
const HOPS_MAX: usize = 16;

/// How many segments a name may come to.
const SEGMENTS_MAX: usize = 64;

/// The aliases of a file.
#[derive(Debug, Default)]
pub(super) struct Names {
    aliases: HashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
}

impl Names {
    /// Those of a file.
    pub(super) fn of(file: &syn::File) -> Self {
        let mut names = Self::default();
        names.visit_file(file);
        names
    }

    /// What a path stands for: as it is written, and through every glob of the file.
    pub(super) fn resolve(&self, path: &[String]) -> Vec<Vec<String>> {
        // What stands around the file is not known: `self::a` and `crate::a` are taken for an `a` of this one.
        let around = |name: &&String| ["self", "super", "crate"].contains(&name.as_str());
        let path = &path[path.iter().take_while(around).count()..];
        let resolved = self.followed(path.to_vec());
        let through = self.globs.iter().map(|glob| self.followed([glob, path].concat()));
        let through: Vec<_> = through.collect();
        std::iter::once(resolved).chain(through).collect()
    }

    fn followed(&self, mut path: Vec<String>) -> Vec<String> {
        for _ in 0..HOPS_MAX {
            let Some(target) = path.first().and_then(|first| self.aliases.get(first)) else { break };
            // `use a::b as a` would go on for ever.
            if target.first() == path.first() || target.len() + path.len() > SEGMENTS_MAX {
                let rest = path.split_off(1);
                return [target.clone(), rest].concat();
            }
            path.splice(..1, target.iter().cloned());
        }
        path
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.unraw().to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.alias(before.last().cloned(), before.clone());
            }
            syn::UseTree::Name(name) => {
                let name = name.ident.unraw().to_string();
                self.alias(Some(name.clone()), [before.as_slice(), &[name]].concat());
            }
            syn::UseTree::Rename(rename) => {
                let (name, alias) = (rename.ident.unraw().to_string(), rename.rename.unraw().to_string());
                let mut target = before.clone();
                target.extend((name != "self").then_some(name));
                self.alias(Some(alias), target);
            }
            syn::UseTree::Glob(_) => self.globs.push(before.clone()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.tree(tree, before)),
        }
    }

    fn alias(&mut self, name: Option<String>, target: Vec<String>) {
        let Some(name) = name else { return };
        if target != [name.clone()] {
            self.aliases.insert(name, target);
        }
    }
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&item.tree, &mut Vec::new());
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        if let Some((_, rename)) = &item.rename {
            self.alias(Some(rename.unraw().to_string()), vec![item.ident.unraw().to_string()]);
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        if let syn::Type::Path(path) = &*item.ty {
            let target = path.path.segments.iter().map(|segment| segment.ident.unraw().to_string());
            self.alias(Some(item.ident.unraw().to_string()), target.collect());
        }
        syn::visit::visit_item_type(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: &str, path: &str, expected: &str) {
        let names = Names::of(&syn::parse_str(source).expect("it is Rust"));
        let path: Vec<String> = path.split("::").map(str::to_owned).collect();
        let resolved: Vec<String> = names.resolve(&path).iter().map(|path| path.join("::")).collect();
        assert!(resolved.iter().any(|path| path == expected), "{resolved:?}");
    }

    #[test]
    fn aliases_are_followed() {
        check("use rt::internal as i;", "i::X", "rt::internal::X");
        check("use rt::{self, internal::{self, note}};", "note::Y", "rt::internal::note::Y");
        check("use rt as a; fn f() { use a::internal as b; }", "b::X", "rt::internal::X");
        check("extern crate rt as z;", "z::internal", "rt::internal");
        check("use rt::*;", "internal::X", "rt::internal::X");
        check("use rt::r#internal as i;", "i", "rt::internal");
        check("type T = rt::internal::X; ", "T", "rt::internal::X");
        check("use a::b as a;", "a::c", "a::b::c");
        check("use a as b; use b as a;", "a", "a");
        check("extern crate rt as z;", "self::z::internal", "rt::internal");
    }
}
