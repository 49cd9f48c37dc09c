//! Reads the source tree.

use std::fs;
use std::path::Path;

/// The top of the workspace.
pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests stand in a folder of the workspace")
}

/// One file of the tree.
pub(crate) struct File {
    /// Path from the top, with `/`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

/// The folders that hold our own files.
const ROOTS: [&str; 7] = [
    "collector",
    "sdk",
    "tui",
    "demo-services",
    "tests",
    "docs",
    ".ci",
];
/// Folders that hold what tools made or what others wrote.
const SKIPPED: [&str; 4] = ["target", "node_modules", ".venv", "fixtures"];

/// Every file of ours whose name ends so.
pub(crate) fn files(ending: &str) -> Vec<File> {
    let mut files = Vec::new();
    for root in ROOTS {
        collect(&top().join(root), ending, &mut files);
    }
    for entry in fs::read_dir(top()).expect("the top is readable").flatten() {
        add(&entry.path(), ending, &mut files);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!files.is_empty(), "no file ends in {ending}");
    files
}

fn collect(dir: &Path, ending: &str, files: &mut Vec<File>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if !path.is_dir() {
            add(&path, ending, files);
        } else if !SKIPPED.iter().any(|skipped| name == *skipped) {
            collect(&path, ending, files);
        }
    }
}

fn add(path: &Path, ending: &str, files: &mut Vec<File>) {
    let relative = path
        .strip_prefix(top())
        .expect("every file stands below the top")
        .to_string_lossy()
        .replace('\\', "/");
    if !relative.ends_with(ending) || !path.is_file() {
        return;
    }
    if let Ok(text) = fs::read_to_string(path) {
        files.push(File {
            path: relative,
            text,
        });
    }
}
