//! Signed runs: what holds, and that nothing of a run can be changed unnoticed.

use crate::tool::{Project, orket};
use crate::world::{World, copy, json_of, nothing, probe, request, root, scripted, tests};
use base64ct::{Base64, Encoding};
use orket_contract::code;
use orket_contract::digest::Digest;
use orket_engine::attest::{self, Envelope, PrivateKey, PublicKey, Request, Verdict};
use orket_engine::registry::Published;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

#[path = "../fuzz/src/attest.rs"]
#[expect(unreachable_pub, reason = "the fuzz package shares this file as a library")]
mod body;
#[path = "../fuzz/src/target.rs"]
#[expect(dead_code, unreachable_pub, reason = "the fuzz package shares this file as a library")]
pub(crate) mod target;

/// A run of `everything_v1` that was signed before it was published, and the key.
fn signed(world: &World) -> (Published, PrivateKey) {
    let key = PrivateKey::generate().expect("a key");
    let (request, _) = scripted("everything_v1", json!({ "number": 3 }), "Ann\n");
    let finished = world.manager.execute(request, None, &mut ()).expect("the run finishes");
    finished.sign(&key).expect("signed");
    (world.manager.publish(finished, &mut ()).expect("published"), key)
}

fn keys(keys: &[PublicKey]) -> Request {
    Request { keys: keys.to_vec(), threshold: 1, ..Request::default() }
}

/// The codes of what stands against a folder.
fn refused(folder: &Path, request: &Request) -> Vec<String> {
    let issues = attest::verify(folder, request).expect_err("refused");
    assert!(issues.iter().all(|issue| issue.is_error() && issue.location.is_some()), "{issues:?}");
    issues.into_iter().map(|issue| issue.code).collect()
}

/// A copy of a run to do harm to.
fn copied(folder: &Path) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a folder");
    let run = dir.path().join("run");
    copy(folder, &run);
    (dir, run)
}

fn rewrite(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_slice(&std::fs::read(path).expect("the file")).expect("JSON");
    change(&mut value);
    std::fs::write(path, value.to_string()).expect("write");
}

#[test]
fn a_signed_run_holds_and_what_cannot_be_checked_is_named() {
    let world = World::new();
    let (run, key) = signed(&world);
    let verdict = attest::verify(&run.folder, &keys(&[key.public()])).expect("it holds");
    assert_eq!(verdict.signed_by().collect::<Vec<_>>(), [key.public().id().to_string()]);
    assert_eq!(
        verdict.statement,
        Digest::of(&std::fs::read(run.folder.join("provenance.json")).expect("it"))
    );
    let unchecked =
        |verdict: &Verdict| verdict.unchecked.iter().map(|one| one.what.clone()).collect::<Vec<_>>();
    let host = "the host and the layers of its sandbox";
    let expected = ["the program, its manifest and what it declares", "the materials themselves", host];
    assert_eq!(unchecked(&verdict), expected);
    let all = Request {
        program: Some(probe().to_path_buf()),
        materials: Some(world.dir.path().to_path_buf()),
        ..keys(&[key.public()])
    };
    assert_eq!(unchecked(&attest::verify(&run.folder, &all).expect("it holds")), [host]);
    let nobody = attest::verify(&run.folder, &Request::default()).expect("it agrees with itself");
    assert_eq!((nobody.signed_by().count(), nobody.signatures.len()), (0, 1));
    assert!(unchecked(&nobody).contains(&"who made the statement".to_owned()));
}

#[test]
fn equal_runs_are_signed_over_one_statement() {
    let world = World::new();
    let (first, second) = (signed(&world).0, signed(&world).0);
    let statement = |run: &Published| std::fs::read(run.folder.join("provenance.json")).expect("it is there");
    assert_eq!(statement(&first), statement(&second));
}

#[test]
fn every_field_that_a_record_must_have_is_there() {
    let world = World::new();
    let statement = json_of(&signed(&world).0.folder, "provenance.json");
    let (definition, details) = ("/predicate/buildDefinition".to_owned(), "/predicate/runDetails".to_owned());
    for (below, fields) in [
        (
            definition.clone() + "/externalParameters",
            &["extension", "workload", "seed", "input", "capabilities"][..],
        ),
        (definition.clone() + "/externalParameters/capabilities", &["admitted", "declared", "used"]),
        (
            definition.clone() + "/internalParameters",
            &[
                "digests",
                "extension_api_version",
                "extension_version",
                "plan",
                "plan_hash",
                "policy",
                "policy_digest",
                "reliable",
                "sandbox",
                "workload_version",
            ],
        ),
        (
            definition.clone() + "/internalParameters/digests",
            &["artifacts", "input", "kv", "materials", "output", "transcript"],
        ),
        (details + "/builder", &["id", "version"]),
    ] {
        for field in fields {
            let value = statement.pointer(&format!("{below}/{field}"));
            assert!(value.is_some_and(|value| !value.is_null()), "{below}/{field}");
        }
    }
    let names = |pointer: &str| -> Vec<String> {
        let all = statement.pointer(pointer).and_then(Value::as_array).expect("a list");
        all.iter()
            .map(|one| {
                assert!(one["digest"]["sha256"].as_str().is_some_and(|digest| digest.len() == 64), "{one}");
                one["name"].as_str().expect("a name").to_owned()
            })
            .collect()
    };
    let dependencies = names(&(definition + "/resolvedDependencies"));
    assert_eq!(
        dependencies,
        ["extension", "extension_manifest", "workspace/content/a.yaml", "workspace/content/b.yaml"]
    );
    assert!(
        names("/subject").ends_with(&["artifact_manifest.json", "result.json", "kv.json"].map(str::to_owned))
    );
}

#[test]
fn every_changed_bit_of_a_run_is_refused() {
    let world = World::new();
    let (run, key) = signed(&world);
    let (_dir, folder) = copied(&run.folder);
    let trusted = keys(&[key.public()]);
    attest::verify(&folder, &trusted).expect("the copy holds");
    // Of small files every third byte, of large ones a sample; another bit each time.
    let per_file = if std::env::var_os("ORKET_DEEP").is_some() { 512 } else { 24 };
    let (mut files, mut tried) = (files(&folder), 0usize);
    files.sort();
    assert!(files.len() > 12, "{files:?}");
    for path in &files {
        let whole = std::fs::read(path).expect("the file");
        let step = whole.len().div_ceil(per_file).max(1);
        for at in (0..whole.len()).step_by(step).chain([whole.len() - 1]) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (tried % 8);
            std::fs::write(path, &changed).expect("write");
            assert!(attest::verify(&folder, &trusted).is_err(), "byte {at} of {}", path.display());
            tried += 1;
        }
        std::fs::remove_file(path).expect("remove");
        assert!(attest::verify(&folder, &trusted).is_err(), "{} is missing", path.display());
        std::fs::write(path, whole).expect("write");
    }
    for more in ["more", "logs/more", "artifacts/more", "blobs/more", "workspace/more"] {
        let path = folder.join(more);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(&path, "more").expect("write");
        assert!(attest::verify(&folder, &trusted).is_err(), "{more}");
        std::fs::remove_file(path).expect("remove");
    }
    attest::verify(&folder, &trusted).expect("the copy holds again");
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn a_record_that_was_changed_to_fit_itself_is_refused_where_it_does_not_fit() {
    let world = World::new();
    let run = world.run(scripted("everything_v1", nothing(), "Ann\n").0).expect("published");
    let check = |change: &dyn Fn(&Path), code: &str, file: &str| {
        let (_dir, folder) = copied(&run.folder);
        change(&folder);
        // Whoever changes a record changes the digest of the statement with it.
        let statement = Digest::of(&std::fs::read(folder.join("provenance.json")).expect("it"));
        rewrite(&folder.join("run.json"), |run| run["provenance"] = json!(statement));
        let issues = attest::verify(&folder, &Request::default()).expect_err("refused");
        let found = issues.iter().any(|issue| {
            issue.code == code && issue.location.as_ref().is_some_and(|place| place.file.ends_with(file))
        });
        assert!(found, "{code} {file}: {issues:?}");
    };
    let statement = |pointer: &'static str, value: Value| {
        move |folder: &Path| {
            rewrite(&folder.join("provenance.json"), |it| {
                *it.pointer_mut(pointer).expect(pointer) = value.clone();
            });
        }
    };
    let (mismatch, zeros) = (code::ATTEST_MISMATCH, json!("0".repeat(64)));
    for pointer in [
        "/subject/0/digest/sha256",
        "/subject/3/digest/sha256",
        "/predicate/buildDefinition/externalParameters/input/sha256",
        "/predicate/buildDefinition/externalParameters/seed",
        "/predicate/buildDefinition/externalParameters/capabilities/admitted",
        "/predicate/buildDefinition/externalParameters/capabilities/used",
        "/predicate/buildDefinition/internalParameters/digests/kv",
        "/predicate/buildDefinition/internalParameters/digests/materials",
        "/predicate/buildDefinition/internalParameters/digests/output",
        "/predicate/buildDefinition/internalParameters/digests/transcript",
        "/predicate/buildDefinition/internalParameters/digests/artifacts",
        "/predicate/buildDefinition/internalParameters/plan_hash",
        "/predicate/buildDefinition/internalParameters/policy_digest",
        "/predicate/buildDefinition/internalParameters/reliable",
        "/predicate/buildDefinition/resolvedDependencies/0/digest/sha256",
        "/predicate/buildDefinition/resolvedDependencies/2/digest/sha256",
        "/predicate/runDetails/builder/id",
        "/predicate/runDetails/byproducts/2/digest/sha256",
        "/predicate/runDetails/byproducts/2/annotations/head",
    ] {
        let file = match pointer {
            "/subject/3/digest/sha256" => "artifact_manifest.json",
            _ => "provenance.json",
        };
        check(&statement(pointer, zeros.clone()), mismatch, file);
    }
    check(&statement("/predicateType", json!("x")), code::ATTEST_BAD_STATEMENT, "provenance.json");
    check(&statement("/subject", json!({})), code::ATTEST_BAD_STATEMENT, "provenance.json");
    check(&statement("/subject/0/name", json!("result.json")), code::ATTEST_BAD_STATEMENT, "provenance.json");
    check(&statement("/subject/0/name", json!("../x")), mismatch, "provenance.json");
    let write = |name: &'static str, text: &'static str| {
        move |folder: &Path| std::fs::write(folder.join(name), text).expect("write")
    };
    check(&write("artifacts/roll.json", "{}"), code::ARTIFACT_MISMATCH, "roll.json");
    check(&write("audio/clip-0001.wav", "RIFF"), code::ARTIFACT_MISMATCH, "clip-0001.wav");
    check(&write("artifacts/extra", "x"), code::ARTIFACT_UNLISTED, "artifacts/extra");
    check(&write("blobs/extra", "x"), mismatch, "extra");
    check(&write("plan.json", r#"{"plan":1,"plan":2}"#), code::JSON_DUPLICATE_KEY, "plan.json");
    check(&write("transcript.jsonl.zst", "x"), code::TRANSCRIPT_DAMAGED, "transcript.jsonl.zst");
    check(&write("record.dsse.json", "{}"), mismatch, "record.dsse.json");
}

#[test]
fn keys_and_envelopes_that_do_not_belong_to_a_run_are_refused() {
    let world = World::new();
    let (run, key) = signed(&world);
    let (stranger, other) = (PrivateKey::generate().expect("a key"), PrivateKey::generate().expect("a key"));
    assert_eq!(refused(&run.folder, &keys(&[stranger.public()])), [code::ATTEST_WRONG_KEY; 2]);
    let (_dir, folder) = copied(&run.folder);
    for file in ["provenance.dsse.json", "provenance.sigstore.json", "record.dsse.json"] {
        std::fs::remove_file(folder.join(file)).expect("remove");
    }
    assert_eq!(refused(&folder, &keys(&[key.public()])), [code::ATTEST_UNSIGNED]);
    // The envelope of another run, by the same key.
    let (request, _) = scripted("everything_v1", json!({ "number": 4 }), "Bob\n");
    let finished = world.manager.execute(request, None, &mut ()).expect("the run finishes");
    finished.sign(&key).expect("signed");
    for file in ["provenance.dsse.json", "provenance.sigstore.json", "record.dsse.json"] {
        std::fs::copy(finished.folder().join(file), folder.join(file)).expect("a copy");
    }
    let codes = refused(&folder, &keys(&[key.public()]));
    assert!(!codes.is_empty() && codes.iter().all(|code| code == code::ATTEST_MISMATCH), "{codes:?}");
    // A signature that says that it is of a key that is trusted.
    let (_dir, folder) = copied(&run.folder);
    rewrite(&folder.join("provenance.dsse.json"), |it| {
        it["signatures"][0]["keyid"] = json!(stranger.public().id());
    });
    assert!(refused(&folder, &keys(&[stranger.public()])).contains(&code::ATTEST_BAD_SIGNATURE.to_owned()));
    std::fs::write(folder.join("provenance.dsse.json"), vec![b' '; attest::ENVELOPE_BYTES_MAX + 1])
        .expect("write");
    assert!(refused(&folder, &keys(&[key.public()])).contains(&code::ATTEST_TOO_LARGE.to_owned()));
    // Several signatures: each of a key of its own, and as many as are asked for.
    let (_dir, folder) = copied(&run.folder);
    attest::sign(&folder, &other).expect("signed by another");
    let both = [key.public(), other.public()];
    let verdict = attest::verify(&folder, &Request { threshold: 2, ..keys(&both) }).expect("both signed");
    assert_eq!(verdict.signed_by().count(), 2);
    for one in both {
        attest::verify(&folder, &keys(&[one])).expect("one of them signed");
    }
    let three = Request { threshold: 2, ..keys(&[key.public(), stranger.public()]) };
    assert_eq!(refused(&folder, &three), [code::ATTEST_WRONG_KEY; 2]);
}

#[test]
fn another_program_and_other_materials_are_refused() {
    let world = World::new();
    let (run, key) = signed(&world);
    let (_dir, folder) = copied(&run.folder);
    let trusted = keys(&[key.public()]);
    std::fs::write(world.dir.path().join("content/a.yaml"), "changed").expect("write");
    let request = Request { materials: Some(world.dir.path().to_path_buf()), ..trusted.clone() };
    assert_eq!(refused(&folder, &request), [code::ATTEST_MISMATCH]);
    // The same program with another byte at its end.
    let program = folder.with_file_name("program");
    let mut bytes = std::fs::read(probe()).expect("the program");
    bytes.push(0);
    std::fs::write(&program, bytes).expect("write");
    assert_eq!(
        refused(&folder, &Request { program: Some(program), ..trusted.clone() }),
        [code::ATTEST_MISMATCH]
    );
    let lockfile = Some(root().join("Cargo.lock"));
    assert_eq!(refused(&folder, &Request { lockfile, ..trusted }), [code::ATTEST_MISMATCH]);
}

#[test]
fn a_folder_that_does_not_hold_is_not_signed() {
    let world = World::new();
    let run = world.run(request("stop_v1", nothing())).expect("published");
    let (_dir, folder) = copied(&run.folder);
    rewrite(&folder.join("result.json"), |result| result["result"]["output"]["stopped"] = json!(false));
    let key = PrivateKey::generate().expect("a key");
    let error = attest::sign(&folder, &key).expect_err("refused");
    assert_eq!(error.issues()[0].code, code::ATTEST_MISMATCH);
    assert!(!folder.join("provenance.dsse.json").exists());
    attest::sign(&run.folder, &key).expect("the run itself is signed");
    attest::verify(&run.folder, &keys(&[key.public()])).expect("it holds");
}

#[test]
fn of_several_who_sign_at_once_all_have_signed() {
    let world = World::new();
    let run = world.run(request("stop_v1", nothing())).expect("published");
    let all: Vec<PrivateKey> = (0..4).map(|_| PrivateKey::generate().expect("a key")).collect();
    std::thread::scope(|scope| {
        for key in &all {
            scope.spawn(|| attest::sign(&run.folder, key).expect("signed"));
        }
    });
    let public: Vec<PublicKey> = all.iter().map(PrivateKey::public).collect();
    let verdict = attest::verify(&run.folder, &Request { threshold: 4, ..keys(&public) }).expect("it holds");
    assert_eq!(verdict.signed_by().count(), 4);
    assert_eq!(world.runs("stop_v1"), [run.folder], "nothing else is left beside it");
}

#[test]
fn what_an_interrupted_signature_leaves_is_refused_and_mended() {
    let world = World::new();
    let (run, first) = signed(&world);
    let other = PrivateKey::generate().expect("a key");
    let names = ["record.dsse.json", "provenance.dsse.json", "provenance.sigstore.json"];
    let (_dir, twice) = copied(&run.folder);
    attest::sign(&twice, &other).expect("signed");
    // A second signature that stops after any of its files leaves the first one as it was.
    let (_dir, folder) = copied(&run.folder);
    for name in names {
        std::fs::copy(twice.join(name), folder.join(name)).expect("a copy");
        attest::verify(&folder, &keys(&[first.public()])).expect(name);
    }
    // The first one is not there before it is complete.
    let (_dir, folder) = copied(&run.folder);
    for name in names.iter().rev() {
        std::fs::remove_file(folder.join(name)).expect("remove");
        let whole = name == &names[0];
        assert_eq!(attest::verify(&folder, &Request::default()).is_ok(), whole, "without {name}");
    }
    std::fs::copy(run.folder.join(names[0]), folder.join(names[0])).expect("a copy");
    attest::sign(&folder, &first).expect("signed anew");
    attest::verify(&folder, &keys(&[first.public()])).expect("it holds");
}

#[test]
fn the_tool_makes_keys_signs_and_verifies() {
    let world = World::new();
    let run = world.run(request("stop_v1", nothing())).expect("published");
    let (folder, dir) = (run.folder.display().to_string(), world.dir.path());
    let made = orket(dir, &["keygen", "--out", "me", "--message-format", "json"]).exits(0);
    assert!(!made.err.contains("PRIVATE") && !made.out.contains("PRIVATE"), "{made}");
    let keyid = made.told("orket-key")[0]["keyid"].clone();
    orket(dir, &["keygen", "--out", "me"]).exits(101).says("key.exists");
    orket(dir, &["attest", "verify", &folder, "--key", "me.pub"]).exits(100).says("attest.unsigned");
    orket(dir, &["attest", "verify", &folder]).exits(0).says("nothing says who made it");
    orket(dir, &["sign", &folder, "--key", "me.pub"]).exits(100).says("key.invalid");
    let signed = orket(dir, &["sign", &folder, "--key", "me.key", "--message-format", "json"]).exits(0);
    assert_eq!(signed.told("orket-signed")[0]["keyid"], keyid);
    assert_eq!(signed.told("orket-issue"), Vec::<Value>::new(), "{signed}");
    std::fs::set_permissions(dir.join("me.key"), std::os::unix::fs::PermissionsExt::from_mode(0o640))
        .expect("rights");
    orket(dir, &["sign", &folder, "--key", "me.key"])
        .exits(0)
        .says("warning[key.readable]")
        .says("chmod 600 me.key");
    let verified =
        orket(dir, &["attest", "verify", &folder, "--key", "me.pub", "--message-format", "json"]).exits(0);
    let message = verified.told("orket-attestation").remove(0);
    assert_eq!(message["signatures"], json!([{ "keyid": keyid, "verified": true }]));
    assert!(message["unchecked"].as_array().is_some_and(|all| !all.is_empty()), "{message}");
    orket(dir, &["keygen", "--out", "other"]).exits(0);
    orket(dir, &["attest", "verify", &folder, "--key", "other.pub"]).exits(100).says("attest.wrong-key");
    orket(dir, &["attest", "verify", &folder, "--threshold", "2"]).exits(2);
    std::fs::write(run.folder.join("result.json"), "{}").expect("write");
    orket(dir, &["attest", "verify", &folder, "--key", "me.pub"]).exits(100).says("attest.mismatch");
    orket(dir, &["sign", &dir.display().to_string(), "--key", "me.key"]).exits(100).says("case.missing");
}

#[test]
fn every_changed_bit_of_a_signed_statement_and_its_signature_is_refused() {
    let world = World::new();
    let (run, key) = signed(&world);
    let mut whole = json_of(&run.folder, "provenance.dsse.json");
    let keys = [key.public()];
    let holds = |envelope: &Value| {
        let text = envelope.to_string();
        Envelope::parse(text.as_bytes(), Path::new("e"))
            .and_then(|envelope| envelope.verify(&keys, 1))
            .is_ok()
    };
    assert!(holds(&whole));
    for pointer in ["/payload", "/signatures/0/sig"] {
        let text = whole.pointer(pointer).and_then(Value::as_str).expect("a text").to_owned();
        let bytes = Base64::decode_vec(&text).expect("base64");
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            *whole.pointer_mut(pointer).expect("a text") = json!(Base64::encode_string(&changed));
            assert!(!holds(&whole), "bit {bit} of {pointer}");
        }
        *whole.pointer_mut(pointer).expect("a text") = json!(text);
    }
    assert!(holds(&whole));
}

#[test]
fn no_envelope_and_no_key_makes_a_reader_panic() {
    let corpus = files(&tests().join("fuzz/corpus/attest"));
    let seeds: Vec<Vec<u8>> = corpus.iter().map(|path| std::fs::read(path).expect("a seed")).collect();
    assert!(seeds.len() > 3, "{corpus:?}");
    let most = if std::env::var_os("ORKET_DEEP").is_some() { 4_000 } else { 400 };
    for (at, seed) in (0u64..).zip(&seeds) {
        body::attest(seed);
        (0..most).for_each(|round| body::attest(&target::mutated(seed, &seeds, at * most + round)));
    }
}

#[test]
fn a_run_that_cannot_be_signed_is_not_published() {
    let project = Project::new("signed-run", &[]);
    project.orket(&["keygen"]).exits(0);
    let run = |key: &str| {
        project.orket(&["run", "signed_run_v1", "--script", "scripts/first.txt", "--sign-key", key])
    };
    run("orket.pub").exits(100).says("error[key.invalid]");
    run("absent.key").exits(100).says("error[key.invalid]: there is no key absent.key");
    assert_eq!(project.runs("signed_run_v1"), Vec::<PathBuf>::new());
    run("orket.key").exits(0).says("Signed");
    project.orket(&["attest", "verify", "latest", "--key", "orket.pub", "--lockfile", "Cargo.lock"]).exits(0);
    let ignored = std::fs::read_to_string(project.root.join(".gitignore")).expect("the template has one");
    assert!(ignored.lines().any(|line| line == "*.key"), "{ignored}");
}
