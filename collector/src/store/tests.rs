//! What a data directory survives.

use std::fs;
use std::path::Path;

use super::*;

fn open_plain(directory: &Path) -> Result<OpenStore, OpenError> {
    open(directory, StoreOptions::default())
}

#[test]
fn a_directory_of_a_newer_version_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    open_plain(directory.path()).unwrap().stop().unwrap();
    fs::write(
        directory.path().join(manifest::MANIFEST_FILE),
        r#"{"format": 99, "something": "new"}"#,
    )
    .unwrap();
    let error = open_plain(directory.path()).unwrap_err();
    assert!(matches!(error, OpenError::NewerVersion { found: 99, .. }));
    assert!(error.to_string().contains("newer version"));
}

#[test]
fn a_damaged_manifest_is_refused_and_named() {
    let directory = tempfile::tempdir().unwrap();
    open_plain(directory.path()).unwrap().stop().unwrap();
    fs::write(
        directory.path().join(manifest::MANIFEST_FILE),
        r#"{"format": 1, "crc32": 5, "content": "{}"}"#,
    )
    .unwrap();
    let error = open_plain(directory.path()).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
}

#[test]
fn a_directory_in_use_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let store = open_plain(directory.path()).unwrap();
    assert!(matches!(
        open_plain(directory.path()),
        Err(OpenError::Lock(_))
    ));
    store.stop().unwrap();
    open_plain(directory.path()).unwrap().stop().unwrap();
}

#[test]
fn what_a_crash_left_among_the_parts_is_removed() {
    let directory = tempfile::tempdir().unwrap();
    let left = part::directory_of(directory.path(), 7);
    fs::create_dir_all(&left).unwrap();
    open_plain(directory.path()).unwrap().stop().unwrap();
    assert!(!left.is_dir());
}
