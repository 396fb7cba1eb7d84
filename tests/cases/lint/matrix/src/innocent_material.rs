pub fn words(workspace_dir: &std::path::Path) -> std::io::Result<String> {
    std::fs::read_to_string(workspace_dir.join("words.txt"))
}
