//! Logs that released versions wrote are read for ever.

use std::path::Path;

use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;

use super::test_support::*;
use super::*;

/// The entries 1 to 7 as version 1 wrote them.
const VERSION_1: &[u8] = include_bytes!("../../tests/fixtures/formats/wal-1.wal");

#[test]
fn a_log_of_version_1_is_read_and_gone_on_with() {
    let disk = SimulatedDisk::new(1);
    disk.create_directory(Path::new(DIRECTORY)).unwrap();
    let name = format::segment_name(Position(1));
    disk.set_content(&Path::new(DIRECTORY).join(name), VERSION_1.to_vec());
    let (found, report) = reopen(&disk);
    let expected: Vec<_> = (1..=7).map(|n| (Position(n), entry(n))).collect();
    assert_eq!(found, expected);
    assert_eq!(report.cut_bytes + report.quarantined_count, 0);
    let commit = start(open(&disk, WalOptions::default()).unwrap());
    assert_eq!(submit(&commit, 8).unwrap(), Position(8));
    drop(commit);
    assert_eq!(reopen(&disk).0.len(), 8);
}

#[test]
fn the_bytes_that_are_written_are_those_of_version_1() {
    let (disk, _) = disk_with(7, WalOptions::default());
    let path = segment_paths(&disk).remove(0);
    assert_eq!(VERSION, 1, "a new version gets a fixture of its own");
    assert_eq!(disk.content(&path), VERSION_1);
}
