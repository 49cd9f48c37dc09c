//! Real files, the lock, and the simulated disk's own promises.

use std::io;
use std::path::Path;

use super::simulated::{Operation, SimulatedDisk, Torn};
use super::*;

#[test]
fn a_real_file_is_appended_cut_and_read_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("inner/file");
    RealDisk.create_directory(path.parent().unwrap()).unwrap();
    let mut file = RealDisk.create(&path).unwrap();
    file.append(b"hello world").unwrap();
    file.truncate(5).unwrap();
    file.append(b"!").unwrap();
    file.sync_data().unwrap();
    RealDisk.sync_directory(path.parent().unwrap()).unwrap();
    assert_eq!(RealDisk.read(&path, 100).unwrap(), b"hello!");
    let too_large = RealDisk.read(&path, 5).unwrap_err();
    assert_eq!(too_large.kind(), io::ErrorKind::FileTooLarge);
    let taken = RealDisk.create(&path).unwrap_err();
    assert_eq!(taken.kind(), io::ErrorKind::AlreadyExists);
    let entries = RealDisk.list(path.parent().unwrap()).unwrap();
    assert_eq!(
        entries,
        [DirectoryEntry {
            name: "file".into(),
            is_directory: false,
            bytes: 6
        }]
    );
}

#[cfg(unix)]
#[test]
fn what_we_make_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    let _lock = DirectoryLock::acquire(&data).unwrap();
    RealDisk.create(&data.join("file")).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("file")), 0o600);
    assert_eq!(mode(&data.join(LOCK_FILE_NAME)), 0o600);
}

#[test]
fn a_second_taker_learns_who_holds_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let lock = DirectoryLock::acquire(directory.path()).unwrap();
    let error = DirectoryLock::acquire(directory.path()).unwrap_err();
    let pid = std::process::id();
    assert!(
        matches!(error, LockError::Held { holder_pid: Some(holder), .. } if holder == pid),
        "{error}"
    );
    assert!(error.to_string().contains(&format!("process {pid}")));
    drop(lock);
    DirectoryLock::acquire(directory.path()).unwrap();
}

#[test]
fn a_lock_file_left_behind_blocks_nobody() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join(LOCK_FILE_NAME), "99999999\n").unwrap();
    DirectoryLock::acquire(directory.path()).unwrap();
    let text = std::fs::read_to_string(directory.path().join(LOCK_FILE_NAME)).unwrap();
    assert_eq!(text, format!("{}\n", std::process::id()));
}

#[test]
fn the_simulated_disk_forgets_what_was_not_synced() {
    let disk = SimulatedDisk::new(1);
    let directory = Path::new("/data");
    disk.create_directory(directory).unwrap();
    let path = directory.join("a");
    let mut file = disk.create(&path).unwrap();
    file.append(b"one").unwrap();
    file.sync_data().unwrap();
    disk.sync_directory(directory).unwrap();
    file.append(b"two").unwrap();
    disk.create(&directory.join("b")).unwrap();
    disk.crash(Torn::Nothing);
    assert_eq!(disk.read(&path, 10).unwrap(), b"one");
    assert!(disk.open_read(&directory.join("b")).is_err());
}

#[test]
fn after_a_failed_sync_a_later_good_one_does_not_bring_the_bytes_back() {
    let disk = SimulatedDisk::new(1);
    let directory = Path::new("/data");
    disk.create_directory(directory).unwrap();
    let path = directory.join("a");
    let mut file = disk.create(&path).unwrap();
    disk.sync_directory(directory).unwrap();
    file.append(b"one").unwrap();
    disk.fail(Operation::Sync, 0, io::ErrorKind::Other);
    assert!(file.sync_data().is_err());
    file.append(b"two").unwrap();
    file.sync_data().unwrap();
    disk.crash(Torn::Nothing);
    assert_eq!(disk.read(&path, 10).unwrap(), b"\0\0\0two");
}

#[test]
fn a_replaced_file_is_whole_after_a_crash_at_any_operation() {
    let path = Path::new("/data/manifest");
    for nth in 0..4 {
        let disk = SimulatedDisk::new(nth);
        disk.create_directory(Path::new("/data")).unwrap();
        replace_file(&disk, path, b"old").unwrap();
        let operation = [
            Operation::Write,
            Operation::Sync,
            Operation::Rename,
            Operation::SyncDirectory,
        ][usize::try_from(nth).unwrap()];
        disk.fail(operation, 0, io::ErrorKind::Other);
        assert!(replace_file(&disk, path, b"new content").is_err());
        disk.crash(Torn::Prefix);
        let content = disk.read(path, 100).unwrap();
        assert_eq!(content, b"old", "after {operation:?} failed");
        replace_file(&disk, path, b"newest").unwrap();
        disk.crash(Torn::Prefix);
        assert_eq!(disk.read(path, 100).unwrap(), b"newest");
    }
}
