//! Where the `spanwalk` binary is; builds it where it is missing or older than its sources.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The folders that the binary is made of.
const FOLDERS: [&str; 4] = ["collector", "demo-services", "sdk", "tui"];

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

/// Whether the binary is missing, or a source of it is younger. Cargo itself is only asked then:
/// alone, the package is built with other features than with the workspace, and anew.
fn is_stale(binary: &Path) -> bool {
    let Ok(built) = fs::metadata(binary).and_then(|metadata| metadata.modified()) else {
        return true;
    };
    FOLDERS
        .iter()
        .any(|folder| has_younger(&top().join(folder), built))
}

/// Whether a source below the folder is younger than that.
fn has_younger(folder: &Path, than: SystemTime) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_of_tests = ["tests", "benches", "target", "examples"].contains(&name.as_str())
            || name.ends_with("tests.rs");
        if is_of_tests {
            return false;
        }
        if path.is_dir() {
            return has_younger(&path, than);
        }
        let is_source = name == "Cargo.toml" || path.extension().is_some_and(|it| it == "rs");
        is_source
            && entry
                .metadata()
                .and_then(|metadata| metadata.modified())
                .is_ok_and(|modified| modified > than)
    })
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
