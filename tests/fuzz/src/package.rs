//! The body of the fuzz target for packages and what names them.

use orket_engine::package::{self, FILES_BYTES_MAX, FILES_MAX, Kind, PackageManifest};
use orket_engine::source::{Address, Source};

/// The size of a block of a tar archive.
const BLOCK: usize = 512;

/// A package, the archive in one, its manifest, or the address of a source.
pub fn package(bytes: &[u8]) {
    // No mutation gets past the checksums of zstd and tar, so they are made right for it.
    let archive = mended(bytes);
    let packed = [bytes, &archive].map(|archive| zstd::encode_all(archive, 1).expect("memory"));
    for package in [bytes, &packed[0], &packed[1]] {
        if let Ok(checked) = package::check(package) {
            assert_eq!(package::check(package).expect("it is right"), checked);
            holds(&checked.manifest);
        }
    }
    if let Ok(manifest) = PackageManifest::parse(bytes) {
        holds(&manifest);
        assert_eq!(manifest.to_bytes().expect("canonical"), bytes);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Ok(address) = Address::parse(text) {
            assert!(!address.to_string().contains(['?', '#', '\\', ' ']), "{address}");
            assert_eq!(Address::parse(&address.to_string()).expect("an address"), address);
        }
        let _ = Source::parse(text, Some(text));
    }
}

/// What is true of every list that was accepted.
fn holds(manifest: &PackageManifest) {
    assert!(manifest.files.len() <= FILES_MAX);
    assert_eq!(manifest.programs.is_empty(), manifest.kind == Kind::Python);
    assert!(manifest.files.iter().map(|file| file.size).sum::<u64>() <= FILES_BYTES_MAX);
    for file in &manifest.files {
        let is_plain =
            |segment: &str| !matches!(segment, "" | "." | "..") && !segment.contains(['\\', ':', '\0']);
        assert!(file.path.split('/').all(is_plain), "{:?}", file.path);
        assert_eq!(manifest.file(&file.path), Some(file));
    }
}

/// The archive with right checksums in all headers that are reached through the sizes in them.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let (mut archive, mut at) = (bytes.to_vec(), 0usize);
    while let Some(block) =
        archive.get_mut(at..at + BLOCK).filter(|block| block.iter().any(|byte| *byte != 0))
    {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        let digits: String = block[124..135].iter().map(|byte| char::from(*byte)).collect();
        let size = usize::from_str_radix(&digits, 8).unwrap_or(0);
        at = at.saturating_add(BLOCK).saturating_add(size.div_ceil(BLOCK) * BLOCK);
        if at > archive.len() {
            break;
        }
    }
    archive
}
