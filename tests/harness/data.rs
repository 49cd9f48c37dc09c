//! Folders and files that tests work on.

use std::env;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::binary::top;

/// A folder that a collector keeps its data in; gone with this value.
#[derive(Debug)]
pub struct DataDir(TempDir);

impl DataDir {
    /// An empty one.
    ///
    /// # Panics
    /// Where none can be made.
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder for data"))
    }

    /// The data directory.
    pub fn path(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// A place beside the data, for files of the test.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Default for DataDir {
    fn default() -> Self {
        Self::new()
    }
}

/// A file of `tests/fixtures`.
///
/// # Panics
/// Where it is not there.
pub fn fixture(name: &str) -> PathBuf {
    let path = top().join("tests/fixtures").join(name);
    assert!(path.is_file(), "there is no fixture {}", path.display());
    path
}

/// The folder that `SPANWALK_DATA` names, for the runs over more data than the repository
/// holds. Without it the test says that it was skipped, and is given nothing.
///
/// # Panics
/// Where the variable names no folder.
pub fn data_folder(test: &str) -> Option<PathBuf> {
    let Some(folder) = env::var_os("SPANWALK_DATA") else {
        skipped(test, "SPANWALK_DATA names no folder with the data set");
        return None;
    };
    let folder = Path::new(&folder).to_owned();
    assert!(
        folder.is_dir(),
        "SPANWALK_DATA names {}, which is no folder",
        folder.display()
    );
    Some(folder)
}

/// Says that a test did not run, past the capture of the test runner.
pub fn skipped(test: &str, reason: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = writeln!(stderr, "\n*** SKIPPED: {test}: {reason} ***");
}

/// Whether a test that lacks what it needs has to fail: `SPANWALK_SKIP=never`.
pub fn is_skipping_forbidden() -> bool {
    env::var_os("SPANWALK_SKIP").is_some_and(|value| value == "never")
}
