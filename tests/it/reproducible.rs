//! Building in another folder: what comes out the same, and what is said of what does not.

use crate::tool::Project;
use serde_json::json;

#[test]
fn a_plain_extension_is_the_same_program_in_every_folder() {
    let project = Project::new("twin", &["--template", "minimal"]);
    let built = project.orket(&["build", "--reproducible", "--message-format", "json"]).exits(0);
    let proof = built.says("Reproduced twin as sha256:").told("orket-reproduced").remove(0);
    assert_eq!(
        (&proof["holds"], &proof["sections"], &proof["findings"]),
        (&json!(true), &json!([]), &json!([]))
    );
    assert_eq!(proof["here"], proof["elsewhere"]);
    let artifact = built_program(&project);
    let program = std::fs::read(&artifact).expect("the program");
    let place = project.root.display().to_string();
    assert!(!program.windows(place.len()).any(|window| window == place.as_bytes()), "it holds its place");

    project.orket(&["verify", "--rebuild"]).exits(100).says("error[case.missing]");
    project.orket(&["run", "twin_v1", "--reproducible"]).exits(0);
    let rebuilt = project.orket(&["verify", "--rebuild", "--message-format", "json"]).exits(0);
    let told = rebuilt.says("Rebuilt").told("orket-rebuilt").remove(0);
    assert_eq!(
        (&told["same"], &told["recorded"], &told["rebuilt"]),
        (&json!(true), &proof["here"], &proof["here"])
    );

    project.edit("src/lib.rs", "Hello, ", "Goodbye, ");
    let differs = project.orket(&["verify", "--rebuild"]).exits(100).says("error[rebuild.differs]");
    differs.says("the sources here are others than those of the run");
}

fn built_program(project: &Project) -> String {
    let built = project.orket(&["build", "--reproducible", "--message-format", "json"]).exits(0);
    built.told("orket-artifact")[0]["artifact"].as_str().expect("a path").to_owned()
}

/// A build script that writes the time and leaves its place in the program.
const BUILD: &str = r#"fn main() {
    let out = std::env::var("OUT_DIR").unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();
    std::fs::write(format!("{out}/built.rs"), format!("pub const AT: u128 = {now};")).unwrap();
}
"#;

const USE: &str = r#"
/// When.
pub mod built {
    include!(concat!(env!("OUT_DIR"), "/built.rs"));
}
/// Where.
#[used]
pub static PLACE: &str = env!("OUT_DIR");
"#;

#[test]
fn time_and_place_in_a_program_are_named_with_what_mends_them() {
    let project = Project::new("stamped", &["--template", "minimal"]);
    project.write("build.rs", BUILD);
    let source = std::fs::read_to_string(project.root.join("src/lib.rs")).expect("the source");
    project.write("src/lib.rs", &(source + USE));
    let built = project.orket(&["build", "--reproducible", "--message-format", "json"]).exits(100);
    let built = built.says("error[build.not-reproducible]").says("differs in").says(".rodata");
    let built =
        built.says("the build script of `stamped` wrote another `built.rs`").says("SOURCE_DATE_EPOCH");
    let built = built.says("the program holds the path ").says("include_str!");
    let proof = built.told("orket-reproduced").remove(0);
    let causes: Vec<_> =
        proof["findings"].as_array().expect("a list").iter().map(|one| &one["cause"]).collect();
    assert_eq!((causes, &proof["holds"]), (vec![&json!("time"), &json!("path")], &json!(false)));
}

/// Builds everything once more without the recipe, so only before a release.
#[test]
fn a_program_with_the_paths_of_the_machine_is_none_to_rebuild() {
    if std::env::var_os("ORKET_DEEP").is_none() {
        return eprintln!("skipped: only with ORKET_DEEP=1");
    }
    let project = Project::new("placed", &["--template", "minimal"]);
    project.edit("Cargo.toml", "[profile.dev]\ndebug = false", "[profile.dev]\ndebug = true");
    project.orket(&["run", "placed_v1"]).exits(0);
    let differs = project.orket(&["verify", "--rebuild"]).exits(100).says("error[rebuild.differs]");
    differs.says("cargo orket run --reproducible");
}
