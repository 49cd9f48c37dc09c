//! What the documents point to is there.

use crate::tree::{files, top};

#[test]
fn links_to_files_lead_somewhere() {
    let mut dead = Vec::new();
    for file in files(".md") {
        let path = top().join(&file.path);
        let folder = path.parent().expect("a file stands in a folder");
        for target in links(&file.text) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            if !folder.join(path).try_exists().unwrap_or(false) {
                dead.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert!(dead.is_empty(), "links that lead nowhere: {dead:#?}");
}

/// Targets of `[text](target)` and `![text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains(char::is_whitespace))
}

#[test]
fn the_map_names_every_room() {
    let map = std::fs::read_to_string(top().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let missing: Vec<_> = std::fs::read_dir(top().join("collector/src"))
        .expect("collector/src")
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|room| !map.contains(&format!("`{room}`")))
        .collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md does not name {missing:?}"
    );
}
