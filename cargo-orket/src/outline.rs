//! The modules of a crate that are files of their own, found as the compiler finds them.

use std::path::{Path, PathBuf};
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

/// `mod x;`.
pub(crate) struct Outline<'a> {
    pub(crate) item: &'a ItemMod,
    /// Where it stands in the crate: `crate::play`.
    pub(crate) path: String,
    /// Its file, and the folder of its own modules. None where there is no file of the names that it may have; one
    /// that `#[path]` names may be absent, too.
    pub(crate) file: Option<(PathBuf, PathBuf)>,
}

/// Those of a file: where it stands in the crate, the file, and the folder of its modules.
pub(crate) fn outlines<'a>(
    items: &'a [Item],
    path: &str,
    (file, folder): (&Path, &Path),
) -> Vec<Outline<'a>> {
    let beside = file.parent().unwrap_or(Path::new("."));
    let mut found = Vec::new();
    walk(items, path, beside, folder, &mut found);
    found
}

/// `beside` is what a path in an attribute is relative to.
fn walk<'a>(items: &'a [Item], path: &str, beside: &Path, folder: &Path, found: &mut Vec<Outline<'a>>) {
    for item in items {
        let Item::Mod(item) = item else { continue };
        let name = item.ident.to_string();
        let name = name.trim_start_matches("r#");
        let path = format!("{path}::{}", item.ident);
        let given = given(item).map(|given| beside.join(given));
        if let Some((_, items)) = &item.content {
            let inside = given.unwrap_or_else(|| folder.join(name));
            walk(items, &path, &inside, &inside, found);
            continue;
        }
        let file = match given {
            // Such a file has its modules beside it, as a root has.
            Some(file) => {
                let folder = file.parent().unwrap_or(beside).to_path_buf();
                Some((file, folder))
            }
            None => {
                let inner = folder.join(name);
                let names = [folder.join(format!("{name}.rs")), inner.join("mod.rs")];
                names.into_iter().find(|file| file.is_file()).map(|file| (file, inner))
            }
        };
        found.push(Outline { item, path, file });
    }
}

/// The path that `#[path = "…"]` gives.
fn given(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(path), .. }) => Some(path.value()),
            _ => None,
        },
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The place of each in the crate, its file, and the folder of its modules.
    #[track_caller]
    fn check(file: &str, folder: &str, source: &str, expected: &[(&str, &str, &str)]) {
        let items = syn::parse_file(source).expect("it parses").items;
        let found = outlines(&items, "crate", (Path::new(file), Path::new(folder)));
        let found: Vec<_> = found
            .into_iter()
            .map(|outline| {
                let (file, folder) = outline.file.expect("it has a file");
                (outline.path, file.display().to_string(), folder.display().to_string())
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn a_path_is_relative_to_the_file_and_in_a_module_to_its_folder() {
        check("s/lib.rs", "s", "#[path = \"x.rs\"] mod b;", &[("crate::b", "s/x.rs", "s")]);
        check("s/a.rs", "s/a", "#[path = \"x.rs\"] mod b;", &[("crate::b", "s/x.rs", "s")]);
        check("s/a/mod.rs", "s/a", "#[path = \"x/y.rs\"] mod b;", &[("crate::b", "s/a/x/y.rs", "s/a/x")]);
        check(
            "s/a.rs",
            "s/a",
            "mod i { #[path = \"x.rs\"] mod b; }",
            &[("crate::i::b", "s/a/i/x.rs", "s/a/i")],
        );
        check(
            "s/a.rs",
            "s/a",
            "#[path = \"o\"] mod i { #[path = \"x.rs\"] mod r#type; }",
            &[("crate::i::r#type", "s/o/x.rs", "s/o")],
        );
    }
}
