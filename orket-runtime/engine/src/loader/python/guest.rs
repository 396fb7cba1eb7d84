//! The guest's own files, which are part of the host.

use crate::error::Error;
use crate::store;
use serde_json::Value;
use std::path::Path;

/// The file that the interpreter starts, below the guest's folder.
pub(super) const START: &str = "start.py";
/// What the host tells the guest of the extension.
const EXTENSION: &str = "extension.json";

macro_rules! files {
    ($($path:literal)*) => {
        /// Every file of the guest: its path and its text.
        pub(super) const FILES: &[(&str, &str)] = &[$(($path, include_str!(concat!("guest/", $path)))),*];
    };
}

files! {
    "orket_guest/__init__.py"
    "orket_guest/ambient.py"
    "orket_guest/imports.py"
    "orket_guest/legacy.py"
    "orket_guest/main.py"
    "orket_guest/powers.py"
    "orket_guest/scan.py"
    "orket_guest/sdk.py"
    "orket_guest/wire.py"
    "start.py"
}

/// Writes the guest into a folder of a stage.
pub(super) fn write(folder: &Path, extension: &Value) -> Result<(), Error> {
    for (path, text) in FILES {
        let path = folder.join(path);
        store::create_dir(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, text).map_err(Error::store("write", &path))?;
    }
    let path = folder.join(EXTENSION);
    std::fs::write(&path, extension.to_string()).map_err(Error::store("write", &path))
}
