//! What the attributes add, as the tool shows it: from the sources alone.

use crate::tool::Project;

#[test]
fn sources_are_shown_with_what_the_attributes_add_and_nothing_is_built() {
    let project = Project::new("shown", &["--template", "minimal"]);
    // What does not compile is shown all the same.
    project.edit("src/lib.rs", "input.name.unwrap_or_else", "inptu.name.unwrap_or_else");
    let shown = project.orket(&["expand"]).exits(0);
    assert!(shown.out.starts_with("// shown: src/lib.rs\n//! An Orket extension."), "{shown}");
    for part in ["inptu.name", "const __orket_workload_shown_v1", "internal::ExtensionEntry"] {
        assert!(shown.out.contains(part), "{part} is missing\n{shown}");
    }
    let alone = project.orket(&["expand", "--workload", "shown_v1"]).exits(0);
    assert!(!alone.out.contains("internal::ExtensionEntry"), "{alone}");
    let told = project.orket(&["expand", "--message-format", "json"]).exits(0).told("orket-text");
    assert_eq!(told.len(), 1, "{told:?}");
    let unknown = project.orket(&["expand", "--workload", "shown_v2"]).exits(2);
    unknown.says("error[workload.unknown]").says("did you mean `shown_v1`?");
    project.edit("src/lib.rs", "#[workload(id = ", "#[workload(version = \"1\", id = ");
    project.orket(&["expand"]).exits(100).says("error[manifest.bad-version]").says("--> src/lib.rs:");
}
