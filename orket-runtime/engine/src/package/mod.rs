//! Packages: one file (`.ork`) with everything that an installed extension needs. `docs/packages.md` is exact.
//!
//! Invariants: equal contents give equal bytes, whoever packs them where. Every byte of a package is checked
//! before any of it is written anywhere, within bounds that do not depend on what the package claims.

mod collect;
mod manifest;
mod path;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use collect::collect;
pub use manifest::{Kind, PackageManifest, PackedFile};
pub use path::{Names, check as check_path};
pub use read::{Checked, Package, check, open};
pub use write::{Content, Contents, pack};

use crate::error::{Error, Phase};
use orket_contract::code;
use orket_contract::issue::Issue;
use tar::{EntryType, Header};

/// The version of the format.
pub const FORMAT: u32 = 1;
/// How the name of a package ends.
pub const EXTENSION: &str = "ork";
/// The first entry, which lists all others.
pub const MANIFEST: &str = "manifest.json";
/// The entry with the components that the program was built from, where there is one.
pub const SBOM: &str = "sbom.json";
/// The folder of programs, one for each target.
pub const PROGRAM: &str = "program";
/// The folder of materials, by their paths below the project's root.
pub const MATERIALS: &str = "materials";
/// The folder of recorded cases, as in a project.
pub const REPLAYS: &str = "replays";
/// The folder of the workloads' input schemas.
pub const SCHEMAS: &str = "schemas";
/// The largest package, in bytes (256 MiB).
pub const PACKAGE_BYTES_MAX: u64 = 256 << 20;
/// The largest sum of all files of a package, in bytes (1 GiB).
pub const FILES_BYTES_MAX: u64 = 1 << 30;
/// The largest number of files.
pub const FILES_MAX: usize = 4096;
/// The largest package manifest, in bytes (4 MiB).
pub const MANIFEST_BYTES_MAX: u64 = 4 << 20;

/// The size of a block of a tar archive, in bytes.
const BLOCK: usize = 512;
/// The size of the window that a reader must be ready for, as a power of two (4 MiB).
const WINDOW_LOG: u32 = 22;

/// The one header that an entry of that path and size has. Nothing of the machine is in it.
fn header(path: &str, size: u64) -> Result<Header, Error> {
    let mut header = Header::new_ustar();
    header.set_path(path).map_err(|_| {
        let message = format!("the path of the entry `{path}` is too long for a package");
        let hint = "a package holds paths of up to 255 bytes, and of them up to 100 after some `/`";
        refused(Issue::error(code::PACKAGE_PATH, message).with_hint(hint))
    })?;
    header.set_entry_type(EntryType::Regular);
    header.set_size(size);
    header.set_mode(if is_program(path) { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    Ok(header)
}

/// Whether the entry of that path is executed.
fn is_program(path: &str) -> bool {
    path.split('/').next() == Some(PROGRAM)
}

/// How many bytes fill the last block of a file of that size.
fn padding(size: u64) -> usize {
    let over = usize::try_from(size % BLOCK as u64).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

fn refused(issue: Issue) -> Error {
    Error::refused(Phase::Install, issue)
}
