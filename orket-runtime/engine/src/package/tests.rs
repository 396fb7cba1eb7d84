//! Packages that nobody honest makes, each refused for its own reason and by its own code.

use super::*;
use crate::loader::Origin;
use orket_contract::digest::Digest;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::LazyLock;

const TARGET: &str = "x86_64-unknown-linux-gnu";

fn contents() -> Contents {
    let claims = serde_json::json!({
        "extension_api_version": "1.0.0", "id": "hello.world", "manifest_version": 1, "runtime": "^0.1",
        "version": "0.1.0", "workloads": [{ "id": "hello_v1", "version": "0.1.0" }],
    });
    let program = format!("{PROGRAM}/{TARGET}");
    let files = [
        ("materials/content/a.yaml", "a"),
        ("materials/content/b.yaml", "bb"),
        (program.as_str(), "the program"),
        ("schemas/hello_v1.json", "{}"),
    ];
    Contents {
        extension: serde_json::from_value(claims).expect("a manifest"),
        extension_digest: Digest::of(b"the manifest"),
        files: files.map(|(path, text)| (path.to_owned(), Content::Bytes(text.into()))).into(),
        kind: Kind::Native,
        origin: Origin::default(),
        programs: BTreeMap::from([(TARGET.to_owned(), program.clone())]),
    }
}

fn pack_again() -> Vec<u8> {
    let mut bytes = Vec::new();
    pack(&contents(), &mut bytes).expect("it can be packed");
    bytes
}

/// The sample, packed once.
fn packed() -> Vec<u8> {
    static PACKED: LazyLock<Vec<u8>> = LazyLock::new(pack_again);
    PACKED.clone()
}

/// The archive in a package, and back.
fn unpacked() -> Vec<u8> {
    zstd::decode_all(packed().as_slice()).expect("zstd")
}

fn compressed(archive: &[u8]) -> Vec<u8> {
    zstd::encode_all(archive, 1).expect("zstd")
}

/// An archive of these entries: a header and what follows it.
fn archive(entries: &[(Header, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (header, data) in entries {
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(data);
        bytes.resize(bytes.len().next_multiple_of(BLOCK), 0);
    }
    bytes.resize(bytes.len() + 2 * BLOCK, 0);
    bytes
}

/// The manifest of the sample, changed.
fn manifest(change: impl FnOnce(&mut PackageManifest)) -> Vec<u8> {
    let mut manifest = check(packed().as_slice()).expect("the sample").manifest;
    change(&mut manifest);
    manifest.to_bytes().expect("canonical")
}

/// A package whose manifest was changed, with the entries of the sample.
fn listing(change: impl FnOnce(&mut PackageManifest)) -> Vec<u8> {
    let bytes = manifest(change);
    let rest = &unpacked()[manifest_end()..];
    let mut all = archive(&[(header(MANIFEST, bytes.len() as u64).expect("a header"), &bytes)]);
    all.truncate(all.len() - 2 * BLOCK);
    all.extend_from_slice(rest);
    compressed(&all)
}

/// Where the second entry of the sample begins.
fn manifest_end() -> usize {
    let size = manifest(|_| ()).len();
    BLOCK + size.next_multiple_of(BLOCK)
}

/// The sample with one header changed, its checksum mended.
fn with_header(at: usize, change: impl FnOnce(&mut Header)) -> Vec<u8> {
    let mut bytes = unpacked();
    let mut header = Header::from_byte_slice(&bytes[at..at + BLOCK]).clone();
    change(&mut header);
    header.set_cksum();
    bytes[at..at + BLOCK].copy_from_slice(header.as_bytes());
    compressed(&bytes)
}

/// The sample with the path of its second entry replaced.
fn with_path(path: &[u8]) -> Vec<u8> {
    with_header(manifest_end(), |header| {
        let name = &mut header.as_mut_bytes()[..100];
        name.fill(0);
        name[..path.len()].copy_from_slice(path);
    })
}

#[track_caller]
fn refuses(package: &[u8], code: &str, says: &str) {
    let error = check(package).expect_err("it is refused");
    let issues = error.issues();
    assert_eq!(issues[0].code, code, "{issues:?}");
    assert!(issues[0].message.contains(says), "{issues:?}");
}

#[test]
fn what_is_packed_is_read_and_packed_again_to_the_same_bytes() {
    let checked = check(packed().as_slice()).expect("it is right");
    assert_eq!(checked.digest, Digest::of(&packed()));
    let paths: Vec<_> = checked.manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert!(paths.is_sorted() && paths.len() == 4, "{paths:?}");
    assert_eq!(pack_again(), packed());
}

#[test]
fn files_come_out_as_they_went_in_and_cannot_be_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, to) = (folder.path().join("hello.ork"), folder.path().join("to"));
    std::fs::write(&file, packed()).expect("written");
    let mut package = open(&file).expect("it is right");
    package.extract(&to).expect("extracted");
    assert_eq!(std::fs::read_to_string(to.join("materials/content/b.yaml")).expect("there"), "bb");
    assert!(std::fs::metadata(to.join("program").join(TARGET)).expect("there").permissions().readonly());
    std::fs::write(&file, packed().split_last().expect("bytes").1).expect("written");
    let error = package.extract(&folder.path().join("again")).expect_err("it has changed");
    assert_eq!(error.issues()[0].code, code::PACKAGE_DAMAGED);
}

#[test]
fn a_stream_that_is_cut_longer_or_something_else() {
    refuses(b"", code::PACKAGE_DAMAGED, "not a whole package");
    refuses(b"PK\x03\x04 a zip", code::PACKAGE_DAMAGED, "not a whole package");
    refuses(&unpacked(), code::PACKAGE_DAMAGED, "not a whole package");
    let package = packed();
    for end in [5, package.len() / 2, package.len() - 1] {
        refuses(&package[..end], code::PACKAGE_DAMAGED, "too early");
    }
    refuses(&[&package[..], b"x"].concat(), code::PACKAGE_DAMAGED, "follows its end");
    refuses(&[&package[..], &package[..]].concat(), code::PACKAGE_DAMAGED, "follows its end");
    refuses(&compressed(&[&unpacked()[..], b"x"].concat()), code::PACKAGE_DAMAGED, "follows its end");
    refuses(&compressed(&[&unpacked()[..], &[0; BLOCK]].concat()), code::PACKAGE_DAMAGED, "follows its end");
    let archive = unpacked();
    refuses(&compressed(&archive[..archive.len() - BLOCK]), code::PACKAGE_DAMAGED, "too early");
    let mut noisy = archive.clone();
    noisy[manifest_end() - 1] = 1;
    refuses(&compressed(&noisy), code::PACKAGE_DAMAGED, "between its entries");
    let mut cut = archive.clone();
    *cut.last_mut().expect("bytes") = 1;
    refuses(&compressed(&cut), code::PACKAGE_DAMAGED, "end is cut");
    let mut summed = archive;
    summed[manifest_end() + 10] ^= 1;
    refuses(&compressed(&summed), code::PACKAGE_DAMAGED, "checksum");
    refuses(&compressed(&[0; 2 * BLOCK]), code::PACKAGE_DAMAGED, "empty");
}

#[test]
fn paths_that_leave_hide_or_collide() {
    for (path, says) in [
        (&b"../../.ssh/authorized_keys"[..], "leads out"),
        (b"/etc/passwd", "absolute"),
        (b"materials/./x", "`.` segment"),
        (b"materials//x", "empty"),
        (b"materials/x/", "empty"),
        (b"materials\\x", "backslash"),
        (b"materials/\xff", "not UTF-8"),
        (b"materials/CON.txt", "device"),
        (b"materials/x\x01", "character"),
        (b"materials/Zoe\xcc\x88", "normal form"),
    ] {
        refuses(&with_path(path), code::PACKAGE_PATH, says);
    }
    let listed = |path: &'static str| listing(|manifest| manifest.files[3].path = path.to_owned());
    refuses(&listed("../x"), code::PACKAGE_PATH, "leads out");
    refuses(&listed("source/x.py"), code::PACKAGE_PATH, "is none that a package of this kind has");
    refuses(&listed("program/other"), code::PACKAGE_PATH, "is none");
    refuses(&listed("materials/content/A.YAML"), code::PACKAGE_DUPLICATE, "are one on some");
    refuses(&listed("materials/content/a.yaml"), code::PACKAGE_DUPLICATE, "twice");
    refuses(&listed("materials/content"), code::PACKAGE_DUPLICATE, "a file and a folder");
    refuses(&listed("materials/content/a.yaml/x"), code::PACKAGE_DUPLICATE, "a file and a folder");
    // A name that a C string would end early: the rest of it is not zero.
    refuses(&with_path(b"materials/content/a.yaml\0x"), code::PACKAGE_ENTRY, "another header");
}

#[test]
fn entries_that_are_no_plain_files() {
    for (kind, says) in [
        (EntryType::Symlink, "a link"),
        (EntryType::Link, "a hard link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::Directory, "a folder"),
        (EntryType::GNUSparse, "a sparse file"),
        (EntryType::GNULongName, "a long name"),
        (EntryType::GNULongLink, "a long name"),
        (EntryType::XHeader, "an extended header"),
        (EntryType::XGlobalHeader, "an extended header"),
        (EntryType::Continuous, "not known"),
        (EntryType::new(b'Z'), "not known"),
    ] {
        refuses(
            &with_header(manifest_end(), |header| header.set_entry_type(kind)),
            code::PACKAGE_ENTRY,
            says,
        );
        refuses(&with_header(0, |header| header.set_entry_type(kind)), code::PACKAGE_ENTRY, says);
    }
}

#[test]
fn headers_that_say_more_than_path_and_size() {
    let at = manifest_end();
    for package in [
        with_header(at, |header| header.set_mtime(1)),
        with_header(at, |header| header.set_uid(1000)),
        with_header(at, |header| header.set_mode(0o4755)),
        with_header(at, |header| header.set_username("root").expect("it fits")),
        with_header(at, |header| header.set_link_name("/etc/passwd").expect("it fits")),
        with_header(at, |header| header.set_device_major(1).expect("it fits")),
        with_header(at, |header| header.as_mut_bytes()[156] = 0),
        with_header(0, |header| header.set_gid(5)),
    ] {
        refuses(&package, code::PACKAGE_ENTRY, "another header");
    }
}

#[test]
fn the_list_and_the_entries_are_the_same() {
    refuses(&listing(|list| drop(list.files.remove(0))), code::PACKAGE_UNLISTED, "materials/content/a.yaml");
    refuses(&with_path(b"materials/other"), code::PACKAGE_UNLISTED, "materials/other");
    refuses(&with_path(b"schemas/hello_v1.json"), code::PACKAGE_MISSING, "materials/content/a.yaml");
    refuses(&with_path(b"manifest.json"), code::PACKAGE_DUPLICATE, "twice");
    let second = manifest_end() + 2 * BLOCK;
    let twice = with_header(second, |header| header.set_path("materials/content/a.yaml").expect("it fits"));
    refuses(&twice, code::PACKAGE_DUPLICATE, "`materials/content/a.yaml` twice");
    let mut short = unpacked();
    short.truncate(manifest_end());
    short.resize(short.len() + 2 * BLOCK, 0);
    refuses(&compressed(&short), code::PACKAGE_MISSING, "materials/content/a.yaml");
    refuses(&listing(|list| list.files[0].size = 2), code::PACKAGE_MISMATCH, "claims 1 bytes; 2 are listed");
    refuses(
        &listing(|list| list.files[0].sha256 = Digest::of(b"x")),
        code::PACKAGE_MISMATCH,
        "has the digest",
    );
}

#[test]
fn lists_that_cannot_be() {
    refuses(
        &with_header(0, |header| header.set_path("other.json").expect("fits")),
        code::PACKAGE_FORMAT,
        "first",
    );
    let raw = |bytes: &[u8]| {
        compressed(&archive(&[(header(MANIFEST, bytes.len() as u64).expect("a header"), bytes)]))
    };
    refuses(&raw(b"{"), code::PACKAGE_FORMAT, "cannot be read");
    refuses(&raw(b"\xff"), code::PACKAGE_FORMAT, "cannot be read");
    refuses(&raw(br#"{"format":2}"#), code::PACKAGE_FORMAT, "has format 2");
    refuses(&raw(br#"{"format":1,"format":1}"#), code::PACKAGE_FORMAT, "cannot be read");
    refuses(&raw(br#"{"format":1,"extra":1}"#), code::PACKAGE_FORMAT, "cannot be read");
    let spaced = [b" ", &manifest(|_| ())[..]].concat();
    refuses(&raw(&spaced), code::PACKAGE_FORMAT, "canonical");
    refuses(&raw(&manifest(|list| list.files.swap(0, 1))), code::PACKAGE_FORMAT, "not sorted");
    refuses(&raw(&manifest(|list| list.programs.clear())), code::PACKAGE_PATH, "is none");
    refuses(&raw(&manifest(|list| list.kind = Kind::Python)), code::PACKAGE_FORMAT, "has a program");
    let without = |list: &mut PackageManifest| {
        list.programs.clear();
        list.files.retain(|file| !is_program(&file.path));
    };
    refuses(&raw(&manifest(without)), code::PACKAGE_FORMAT, "has no program");
    let nowhere = manifest(|list| {
        list.programs.insert("riscv64-unknown-linux-gnu".to_owned(), "program/none".to_owned());
    });
    refuses(&raw(&nowhere), code::PACKAGE_FORMAT, "riscv64");
    let chained = manifest(|list| list.origin.package = Some(Digest::of(b"x")));
    refuses(&raw(&chained), code::PACKAGE_FORMAT, "digest of a package");
}

/// Counts what is read of a stream.
struct Counted<R>(R, u64);

impl<R: Read> Read for &mut Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.0.read(bytes)?;
        self.1 += read as u64;
        Ok(read)
    }
}

/// Refused after at most `max` bytes of a stream that would go on.
#[track_caller]
fn refuses_early(package: impl Read, max: u64, says: &str) {
    let mut counted = Counted(package, 0);
    let error = check(&mut counted).expect_err("it is refused");
    let issue = &error.issues()[0];
    assert_eq!(issue.code, code::PACKAGE_TOO_LARGE, "{issue}");
    assert!(issue.message.contains(says), "{issue}");
    assert!(counted.1 <= max, "{} bytes were read", counted.1);
}

#[test]
fn what_claims_too_much_is_refused_before_it_is_read() {
    let file = |n: usize| PackedFile { path: format!("materials/{n:06}"), sha256: Digest::of(b""), size: 0 };
    let digest = Digest::of(b"");
    let line = |n: usize| format!(r#"{{"path":"materials/{n:06}","sha256":"{digest}","size":0}}"#);
    let many = format!(r#"{{"files":[{}]}}"#, (0..100_000).map(line).collect::<Vec<_>>().join(","));
    let entry = |size: usize| header(MANIFEST, size as u64).expect("a header");
    let package = compressed(&archive(&[(entry(many.len()), many.as_bytes())]));
    refuses_early(package.as_slice(), 256 << 10, "claims");
    let some = manifest(|list| list.files.splice(0..2, (0..5_000).map(file)).for_each(drop));
    refuses_early(compressed(&archive(&[(entry(some.len()), &some)])).as_slice(), 1 << 20, "at most 4096");
    let large = manifest(|list| list.files[0].size = 10 << 30);
    refuses_early(compressed(&archive(&[(entry(large.len()), &large)])).as_slice(), 64 << 10, "more than");
    let overflowing = manifest(|list| list.files.iter_mut().for_each(|file| file.size = 1 << 52));
    refuses_early(
        compressed(&archive(&[(entry(overflowing.len()), &overflowing)])).as_slice(),
        64 << 10,
        "more",
    );
    refuses_early(compressed(&archive(&[(entry(10 << 30), b"")])).as_slice(), 64 << 10, "claims");
}

#[test]
fn bombs_are_refused_by_what_they_list_and_by_their_window() {
    // Ten real gigabytes of zeros in an entry that is listed with one byte.
    let list = manifest(|_| ());
    let claimed = header("materials/content/a.yaml", 10 << 30).expect("a header");
    let start = archive(&[(header(MANIFEST, list.len() as u64).expect("a header"), &list), (claimed, b"")]);
    let start = &start[..start.len() - 2 * BLOCK];
    let zeros = zstd::encode_all(vec![0; 64 << 20].as_slice(), 1).expect("zstd");
    let mut bomb = compressed(start);
    (0..160).for_each(|_| bomb.extend_from_slice(&zeros));
    refuses(&bomb, code::PACKAGE_MISMATCH, "claims 10737418240 bytes; 1 are listed");

    let mut wide = zstd::Encoder::new(Vec::new(), 1).expect("zstd");
    wide.window_log(27).expect("a window");
    wide.write_all(&unpacked()).expect("zstd");
    refuses(&wide.finish().expect("zstd"), code::PACKAGE_TOO_LARGE, "larger window");
}
