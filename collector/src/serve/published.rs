//! Tells other processes where the collector of a data directory listens: a file in the
//! directory, which counts while the directory's lock is held.

use std::path::Path;

use spanwalk_api::Ready;

use crate::disk::{DirectoryLock, Disk, RealDisk, replace_file};

/// The file in a data directory.
const FILE_NAME: &str = "collector.json";
/// Bytes of the longest file that is read.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// Writes the addresses. Without the file others do not find this collector by its directory,
/// which is no reason not to run.
pub(super) fn publish(data_dir: &Path, ready: &Ready) {
    let content = serde_json::to_vec(ready).unwrap_or_default();
    if let Err(error) = replace_file(&RealDisk, &data_dir.join(FILE_NAME), &content) {
        tracing::warn!(%error, "cannot write {FILE_NAME} in {}", data_dir.display());
    }
}

/// Removes the file; one that is left behind counts for nothing.
pub(super) fn withdraw(data_dir: &Path) {
    if let Err(error) = RealDisk.remove_file(&data_dir.join(FILE_NAME)) {
        tracing::debug!(%error, "cannot remove {FILE_NAME} in {}", data_dir.display());
    }
}

/// The addresses of the collector that holds the directory.
pub(super) fn find(data_dir: &Path) -> Option<Ready> {
    if !DirectoryLock::is_held(data_dir) {
        return None;
    }
    let content = RealDisk
        .read(&data_dir.join(FILE_NAME), FILE_BYTES_MAX)
        .ok()?;
    serde_json::from_slice(&content).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collector_is_found_while_it_holds_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(find(directory.path()), None);
        let lock = DirectoryLock::acquire(directory.path()).unwrap();
        assert_eq!(find(directory.path()), None);
        let ready = Ready {
            pid: 7,
            ..Ready::default()
        };
        publish(directory.path(), &ready);
        assert_eq!(find(directory.path()), Some(ready.clone()));
        drop(lock);
        assert_eq!(find(directory.path()), None);
        withdraw(directory.path());
        let _lock = DirectoryLock::acquire(directory.path()).unwrap();
        assert_eq!(find(directory.path()), None);
    }
}
