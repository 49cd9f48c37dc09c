//! Where the `spanwalk` binary is; builds it where it is missing or older than its sources.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The binary under test: `SPANWALK_BIN`, else the one that Cargo built beside the tests.
///
/// # Panics
/// Where there is none and it cannot be built.
pub fn spanwalk() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match env::var_os("SPANWALK_BIN") {
        Some(path) => given(Path::new(&path)),
        None => built(),
    })
}

/// Relative paths are meant from the top of the workspace, where Cargo is called, and not from
/// this package, where Cargo runs its tests.
fn given(path: &Path) -> PathBuf {
    let path = top().join(path);
    assert!(
        path.is_file(),
        "SPANWALK_BIN names {}, which is no file",
        path.display()
    );
    path
}

fn built() -> PathBuf {
    let folder = profile_folder();
    let binary = folder.join("spanwalk");
    if is_stale(&binary) {
        build(&folder);
    }
    assert!(binary.is_file(), "there is no {}", binary.display());
    binary
}

/// `target/debug` for a test in `target/debug/deps`.
fn profile_folder() -> PathBuf {
    let test = env::current_exe().expect("a test knows its executable");
    let folder = test.parent().expect("an executable stands in a folder");
    let is_inner = ["deps", "examples"]
        .iter()
        .any(|name| folder.file_name().is_some_and(|last| last == *name));
    match folder.parent() {
        Some(outer) if is_inner => outer.to_owned(),
        _ => folder.to_owned(),
    }
}

/// Whether the binary is missing, or a source that Cargo says it was made from is younger.
fn is_stale(binary: &Path) -> bool {
    let Ok(built) = fs::metadata(binary).and_then(|metadata| metadata.modified()) else {
        return true;
    };
    let Ok(sources) = fs::read_to_string(binary.with_extension("d")) else {
        return true;
    };
    let is_younger = |path: &str| {
        fs::metadata(path)
            .and_then(|metadata| metadata.modified())
            .map_or(true, |modified: SystemTime| modified > built)
    };
    sources
        .split_once(": ")
        .is_none_or(|(_, paths)| paths.split_whitespace().any(is_younger))
}

fn build(folder: &Path) {
    eprintln!("building the spanwalk binary for the end-to-end tests");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args([
            "build",
            "--locked",
            "--package",
            "spanwalk",
            "--bin",
            "spanwalk",
        ])
        .current_dir(top());
    if folder.file_name().is_some_and(|name| name == "release") {
        command.arg("--release");
    }
    if let Some(target) = folder.parent() {
        command.arg("--target-dir").arg(target);
    }
    let status = command.status().expect("cargo runs");
    assert!(
        status.success(),
        "cargo could not build the spanwalk binary"
    );
}

/// The top of the workspace.
pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("this package stands in a folder of the workspace")
}
