//! One package as a component.

use super::Checksums;
use super::graph::Scope;
use cargo_metadata::{Package, Source};
use orket_engine::git::without_credentials;
use serde_json::{Value, json};

/// The sources of crates.io, as cargo names them.
const CRATES_IO: [&str; 2] =
    ["registry+https://github.com/rust-lang/crates.io-index", "sparse+https://index.crates.io/"];

/// A package as a component.
pub(super) fn component(package: &Package, scope: Option<Scope>, checksums: &Checksums) -> Value {
    let mut component = json!({
        "bom-ref": reference(package),
        "name": package.name.as_str(),
        "type": "library",
        "version": package.version.to_string(),
    });
    if let Some(purl) = purl(package) {
        component["purl"] = json!(purl);
    }
    if let Some(scope) = scope {
        component["scope"] = json!(if scope == Scope::Runtime { "required" } else { "excluded" });
    }
    if let Some(description) = &package.description {
        component["description"] = json!(description.trim());
    }
    if let Some(license) = license(package) {
        component["licenses"] = json!([license]);
    }
    let source = package.source.as_ref().map(|source| source.repr.clone()).unwrap_or_default();
    let key = (package.name.to_string(), package.version.to_string(), source);
    if let Some(checksum) = checksums.get(&key) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(repository) = &package.repository {
        let url = without_credentials(repository);
        component["externalReferences"] = json!([{ "type": "vcs", "url": url }]);
    }
    component
}

/// A name of a package that is unique in a document: its purl, or where it has none its name and version.
pub(super) fn reference(package: &Package) -> String {
    purl(package).unwrap_or_else(|| format!("{}@{}", package.name, package.version))
}

/// The package-url of what others can get, too; a folder has none.
fn purl(package: &Package) -> Option<String> {
    let source: &Source = package.source.as_ref()?;
    let plain = format!("pkg:cargo/{}@{}", package.name, encoded(&package.version.to_string()));
    if CRATES_IO.contains(&source.repr.as_str()) {
        return Some(plain);
    }
    let (kind, url) = source.repr.split_once('+')?;
    if kind == "git" {
        let (url, commit) = url.rsplit_once('#')?;
        return Some(format!(
            "{plain}?vcs_url={}",
            encoded(&format!("git+{}@{commit}", without_credentials(url)))
        ));
    }
    Some(format!("{plain}?repository_url={}", encoded(&without_credentials(url))))
}

/// The license, as an SPDX expression where the author gave one.
fn license(package: &Package) -> Option<Value> {
    if let Some(expression) = &package.license {
        // Before SPDX expressions, cargo took a slash for `OR`.
        let parts: Vec<_> = expression.split('/').map(str::trim).collect();
        return Some(json!({ "expression": parts.join(" OR ") }));
    }
    package
        .license_file
        .as_ref()
        .map(|_| json!({ "license": { "name": "see the license file of the package" } }))
}

/// Text as it stands in a part of a purl.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte);
    let byte = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(source: Option<&str>, license: &str) -> Package {
        serde_json::from_value(json!({
            "name": "a", "version": "1.0.0+b.1", "id": "a", "source": source, "dependencies": [], "targets": [],
            "features": {}, "manifest_path": "/x/Cargo.toml", "license": license, "license_file": null,
        }))
        .expect("a package")
    }

    #[test]
    fn a_purl_says_where_others_get_it_and_keeps_no_secret() {
        let check = |source: Option<&str>, expected: Option<&str>| {
            assert_eq!(purl(&package(source, "MIT")).as_deref(), expected, "{source:?}");
        };
        check(Some(CRATES_IO[0]), Some("pkg:cargo/a@1.0.0%2Bb.1"));
        check(Some(CRATES_IO[1]), Some("pkg:cargo/a@1.0.0%2Bb.1"));
        let git = "git+https://ann:s3cret@example.org/a?branch=main#0123";
        check(Some(git), Some("pkg:cargo/a@1.0.0%2Bb.1?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fa%400123"));
        let other = "sparse+https://token@crates.example.org/index/";
        check(
            Some(other),
            Some("pkg:cargo/a@1.0.0%2Bb.1?repository_url=https:%2F%2Fcrates.example.org%2Findex%2F"),
        );
        check(None, None);
        assert_eq!(reference(&package(None, "MIT")), "a@1.0.0+b.1");
    }

    #[test]
    fn the_slash_of_old_licenses_is_or() {
        let expression = |text: &str| license(&package(None, text)).expect("a license")["expression"].clone();
        assert_eq!(expression("MIT/Apache-2.0"), "MIT OR Apache-2.0");
        assert_eq!(
            expression("MIT OR (Apache-2.0 AND BSD-3-Clause)"),
            "MIT OR (Apache-2.0 AND BSD-3-Clause)"
        );
    }
}
