//! Where a new crate gets the SDK from: something that builds as it stands.

use crate::error::{Error, Result};
use std::path::{Path, PathBuf};

/// The published version of the SDK that belongs to this tool; none has been published yet.
const PUBLISHED: Option<&str> = None;

/// The folder of the SDK in the checkout from which this tool was built.
const CHECKOUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../orket-runtime");

/// Where the SDK comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sdk {
    /// A folder on this machine.
    Path(PathBuf),
    /// A git repository.
    Git(String),
    /// A version in the registry.
    Version(String),
}

impl Sdk {
    /// The published version, or the checkout from which this tool was built.
    ///
    /// # Errors
    /// [`Error::Usage`] when there is neither.
    pub(crate) fn standard() -> Result<Self> {
        if let Some(version) = PUBLISHED {
            return Ok(Self::Version(version.to_owned()));
        }
        in_folder(Path::new(CHECKOUT)).map(Self::Path).ok_or_else(|| {
            let message = "orket-runtime is not published yet, and the checkout that this tool was built from is gone; \
                           say where the SDK is with `--sdk PATH|URL|VERSION`";
            Error::Usage(message.to_owned())
        })
    }

    /// Reads `--sdk`: a URL has a scheme, a version starts with a digit or operator, the rest is a path.
    ///
    /// # Errors
    /// [`Error::Usage`] when it is none of them.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.contains("://") || text.starts_with("git@") {
            return Ok(Self::Git(text.to_owned()));
        }
        if let Some(folder) = in_folder(Path::new(text)) {
            return Ok(Self::Path(folder));
        }
        if text.starts_with(|c: char| c.is_ascii_digit() || "=^~<>*".contains(c)) && !text.contains('/') {
            return match semver::VersionReq::parse(text) {
                Ok(_) => Ok(Self::Version(text.to_owned())),
                Err(error) => Err(Error::Usage(format!("`--sdk {text}` is not a version: {error}"))),
            };
        }
        let message =
            format!("`--sdk {text}`: there is no orket-runtime in that folder, and it is no URL or version");
        Err(Error::Usage(message))
    }

    /// The right side of the dependency in Cargo.toml.
    pub(crate) fn dependency(&self, features: &[&str]) -> String {
        let (key, value) = match self {
            Self::Path(path) => ("path", path.display().to_string()),
            Self::Git(url) => ("git", url.clone()),
            Self::Version(version) => ("version", version.clone()),
        };
        let value = toml::Value::String(value);
        let features: Vec<_> = features.iter().map(|feature| format!("\"{feature}\"")).collect();
        match (key, features.is_empty()) {
            ("version", true) => value.to_string(),
            (key, true) => format!("{{ {key} = {value} }}"),
            (key, false) => format!("{{ {key} = {value}, features = [{}] }}", features.join(", ")),
        }
    }

    /// The same SDK for a crate in `folder`: a path within the SDK's own checkout is relative, so that the
    /// checkout can move.
    pub(crate) fn seen_from(self, folder: &Path) -> Self {
        match self {
            Self::Path(sdk) => Self::Path(relative(&sdk, folder).unwrap_or(sdk)),
            other => other,
        }
    }
}

impl std::fmt::Display for Sdk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Path(path) => path.display().fmt(f),
            Self::Git(text) | Self::Version(text) => f.write_str(text),
        }
    }
}

/// The SDK in a folder that is the package itself or a checkout of Orket.
fn in_folder(folder: &Path) -> Option<PathBuf> {
    let candidates = [folder.to_path_buf(), folder.join("orket-runtime")];
    let found = candidates.into_iter().find(|folder| {
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).ok();
        let table: Option<toml::Table> = manifest.and_then(|text| text.parse().ok());
        let name = table.as_ref().and_then(|table| table.get("package")?.get("name")?.as_str());
        name == Some("orket-runtime")
    })?;
    found.canonicalize().ok()
}

fn relative(sdk: &Path, folder: &Path) -> Option<PathBuf> {
    let checkout = sdk.parent()?;
    let below = folder.strip_prefix(checkout).ok()?;
    let mut path: PathBuf = below.components().map(|_| "..").collect();
    path.push(sdk.file_name()?);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, dependency: &str) {
        assert_eq!(Sdk::parse(text).unwrap().dependency(&[]), dependency);
    }

    #[test]
    fn an_sdk_is_a_url_a_version_or_a_folder() {
        check("https://example.org/orket", r#"{ git = "https://example.org/orket" }"#);
        check("0.1", r#""0.1""#);
        check(">=0.1, <0.3", r#"">=0.1, <0.3""#);
        let checkout = Path::new(CHECKOUT).canonicalize().unwrap();
        let path = format!("{{ path = \"{}\" }}", checkout.display());
        check(CHECKOUT, &path);
        check(checkout.parent().unwrap().to_str().unwrap(), &path);
        for wrong in ["nowhere", "./nowhere", "1.x.y.z", ""] {
            assert!(matches!(Sdk::parse(wrong), Err(Error::Usage(_))), "{wrong}");
        }
    }

    #[test]
    fn features_are_named() {
        let dependency = Sdk::Version("1".to_owned()).dependency(&["testing"]);
        assert_eq!(dependency, r#"{ version = "1", features = ["testing"] }"#);
    }

    #[test]
    fn within_the_checkout_the_path_is_relative() {
        let sdk = |folder: &str| Sdk::Path("/src/orket/orket-runtime".into()).seen_from(Path::new(folder));
        assert_eq!(sdk("/src/orket/examples/x"), Sdk::Path("../../orket-runtime".into()));
        assert_eq!(sdk("/src/other"), Sdk::Path("/src/orket/orket-runtime".into()));
    }
}
