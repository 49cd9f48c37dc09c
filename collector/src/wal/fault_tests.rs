//! The log on a bad day: every byte flipped, every end cut, every sync and write failing.

use std::io;
use std::path::Path;

use crate::disk::Disk;
use crate::disk::simulated::{Operation, SimulatedDisk, Torn};

use super::test_support::*;
use super::*;

/// The file and offsets of each entry's frame, in order of positions.
fn frames(disk: &SimulatedDisk) -> Vec<(std::path::PathBuf, std::ops::Range<usize>)> {
    let mut frames = Vec::new();
    for path in segment_paths(disk) {
        let content = bytes::Bytes::from(disk.content(&path));
        let mut offset = format::HEADER_BYTES;
        while let Some(frame) = frame::decode(&content, offset) {
            frames.push((path.clone(), offset..frame.end));
            offset = frame.end;
        }
        assert_eq!(offset, content.len());
    }
    frames
}

#[test]
fn a_flipped_byte_costs_exactly_the_entry_it_stands_in() {
    let (disk, entries) = disk_with(12, SMALL_SEGMENTS);
    let frames = frames(&disk);
    assert_eq!(frames.len(), 12);
    for path in segment_paths(&disk) {
        let content = disk.content(&path);
        for offset in 0..content.len() {
            for mask in [1, 0x80, 0xff] {
                let damaged_disk = disk.copy();
                let mut damaged = content.clone();
                damaged[offset] ^= mask;
                damaged_disk.set_content(&path, damaged);
                let hit = frames
                    .iter()
                    .position(|(file, range)| *file == path && range.contains(&offset));
                check_loss(&damaged_disk, &entries, hit);
                // The next start finds the same, and new entries come behind the old.
                let again = reopen(&damaged_disk).0;
                assert_eq!(again.len(), entries.len() - usize::from(hit.is_some()));
                let commit = start(open(&damaged_disk, SMALL_SEGMENTS).unwrap());
                let position = submit(&commit, 99).unwrap();
                drop(commit);
                let with_new = reopen(&damaged_disk).0;
                assert_eq!(with_new[..again.len()], again);
                assert_eq!(with_new.last(), Some(&(position, entry(99))));
            }
        }
    }
}

fn check_loss(disk: &SimulatedDisk, entries: &[(Position, Entry)], hit: Option<usize>) {
    let (found, report) = reopen(disk);
    let mut expected = entries.to_vec();
    let Some(hit) = hit else {
        assert_eq!(found, expected, "a flip in a header costs nothing");
        return;
    };
    expected.remove(hit);
    assert_eq!(found, expected);
    // A flip in the length of the very last entry cannot be told from a torn write.
    let is_cut = hit + 1 == entries.len() && report.cut_bytes > 0;
    assert_eq!(report.quarantined_count, u64::from(!is_cut), "{report:?}");
    assert_eq!(report.quarantine_failed_count, 0);
    let aside: usize = quarantined(disk).iter().map(Vec::len).sum();
    assert_eq!(aside as u64, report.quarantined_bytes + report.cut_bytes);
}

#[test]
fn a_file_cut_anywhere_costs_exactly_the_entries_behind_the_cut() {
    let (disk, entries) = disk_with(12, SMALL_SEGMENTS);
    let frames = frames(&disk);
    let paths = segment_paths(&disk);
    for path in &paths {
        let content = disk.content(path);
        for length in 0..content.len() {
            let damaged_disk = disk.copy();
            damaged_disk.set_content(path, content[..length].to_vec());
            let expected: Vec<_> = frames
                .iter()
                .zip(&entries)
                .filter(|((file, range), _)| file != path || range.end <= length)
                .map(|(_, kept)| kept.clone())
                .collect();
            let (found, report) = reopen(&damaged_disk);
            assert_eq!(found, expected, "{} cut to {length}", path.display());
            if path == paths.last().unwrap() {
                let kept_bytes = frames
                    .iter()
                    .filter(|(file, range)| file == path && range.end <= length)
                    .map(|(_, range)| range.end)
                    .max()
                    .unwrap_or(format::HEADER_BYTES.min(length));
                assert_eq!(report.cut_bytes, (length - kept_bytes) as u64);
            }
            let commit = start(open(&damaged_disk, SMALL_SEGMENTS).unwrap());
            let position = submit(&commit, 99).unwrap();
            drop(commit);
            assert!(found.last().is_none_or(|(last, _)| *last < position));
            assert_eq!(reopen(&damaged_disk).0.len(), expected.len() + 1);
        }
    }
}

#[test]
fn a_run_of_damaged_entries_is_counted_one_by_one() {
    let (disk, entries) = disk_with(40, WalOptions::default());
    let frames = frames(&disk);
    let path = segment_paths(&disk).remove(0);
    let mut content = disk.content(&path);
    content[frames[4].1.start..frames[9].1.end].fill(0xA5);
    disk.set_content(&path, content);
    let (found, report) = reopen(&disk);
    assert_eq!(report.quarantined_count, 6);
    assert_eq!(found[..4], entries[..4]);
    assert_eq!(found[4..], entries[10..]);
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged_and_nothing_acknowledged_is_lost() {
    for torn in [Torn::Nothing, Torn::Prefix, Torn::PrefixThenZeros] {
        for nth in 0..14 {
            let disk = SimulatedDisk::new(nth);
            disk.fail(Operation::Sync, nth, io::ErrorKind::Other);
            check_poison(&disk, torn);
        }
    }
}

#[test]
fn after_a_failed_write_nothing_is_acknowledged_and_nothing_acknowledged_is_lost() {
    for torn in [Torn::Nothing, Torn::Prefix, Torn::PrefixThenZeros] {
        for nth in 0..14 {
            let disk = SimulatedDisk::new(nth);
            disk.fail(Operation::Write, nth, io::ErrorKind::Other);
            check_poison(&disk, torn);
        }
    }
}

fn check_poison(disk: &SimulatedDisk, torn: Torn) {
    let commit = start(open(disk, SMALL_SEGMENTS).unwrap());
    let mut acknowledged = Vec::new();
    let mut has_failed = false;
    for number in 1..=12 {
        match submit(&commit, number) {
            Ok(position) => {
                assert!(!has_failed, "acknowledged after a failure");
                acknowledged.push((position, entry(number)));
            }
            Err(error) => {
                assert!(matches!(error, WalError::Poisoned { .. }), "{error}");
                assert!(!error.is_retryable());
                has_failed = true;
            }
        }
    }
    assert!(has_failed, "the fault was never reached");
    drop(commit);
    disk.crash(torn);
    let (found, _) = reopen(disk);
    assert_eq!(found[..acknowledged.len()], acknowledged);
    let commit = start(open(disk, SMALL_SEGMENTS).unwrap());
    submit(&commit, 50).unwrap();
}

#[test]
fn a_full_disk_refuses_for_now_and_recovers_without_a_restart() {
    let (full, entries) = disk_with(12, SMALL_SEGMENTS);
    for capacity in 0..full.used_bytes() {
        let disk = SimulatedDisk::new(capacity as u64);
        let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
        disk.set_capacity(Some(capacity));
        let mut acknowledged = Vec::new();
        for number in 1..=12 {
            match submit(&commit, number) {
                Ok(position) => acknowledged.push((position, entry(number))),
                Err(error) => {
                    assert!(matches!(error, WalError::DiskFull { .. }), "{error}");
                    assert!(error.is_retryable());
                }
            }
        }
        assert!(acknowledged.len() < entries.len());
        disk.set_capacity(None);
        for number in 13..=15 {
            acknowledged.push((submit(&commit, number).unwrap(), entry(number)));
        }
        drop(commit);
        disk.crash(Torn::Nothing);
        let (found, report) = reopen(&disk);
        assert_eq!(found, acknowledged, "room for {capacity} bytes");
        assert_eq!((report.cut_bytes, report.quarantined_count), (0, 0));
    }
}

#[test]
fn a_full_disk_at_a_sync_refuses_for_now_too() {
    for nth in 0..10 {
        let disk = SimulatedDisk::new(nth);
        let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
        disk.fail(Operation::Sync, nth, io::ErrorKind::StorageFull);
        let mut acknowledged = Vec::new();
        let mut refused_count = 0;
        for number in 1..=12 {
            match submit(&commit, number) {
                Ok(position) => acknowledged.push((position, entry(number))),
                Err(WalError::DiskFull { .. }) => refused_count += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(refused_count, 1);
        drop(commit);
        disk.crash(Torn::Nothing);
        assert_eq!(reopen(&disk).0, acknowledged);
    }
}

#[test]
fn a_segment_that_cannot_be_made_now_is_made_later() {
    let disk = SimulatedDisk::new(3);
    let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
    let mut acknowledged = Vec::new();
    let mut refused_count = 0;
    for number in 1..=12 {
        if number % 4 == 1 {
            disk.fail(Operation::Create, 0, io::ErrorKind::Other);
        }
        match submit(&commit, number) {
            Ok(position) => acknowledged.push((position, entry(number))),
            Err(error) => {
                assert!(matches!(error, WalError::Io { .. }), "{error}");
                assert!(error.is_retryable());
                refused_count += 1;
            }
        }
    }
    assert!(refused_count > 0);
    drop(commit);
    assert_eq!(reopen(&disk).0, acknowledged);
}

#[test]
fn where_a_refused_write_cannot_be_cut_off_nothing_more_is_acknowledged() {
    let disk = SimulatedDisk::new(7);
    let commit = start(open(&disk, WalOptions::default()).unwrap());
    submit(&commit, 1).unwrap();
    disk.fail(Operation::Write, 0, io::ErrorKind::StorageFull);
    disk.fail(Operation::Truncate, 0, io::ErrorKind::Other);
    assert!(matches!(submit(&commit, 2), Err(WalError::Poisoned { .. })));
    assert!(matches!(submit(&commit, 3), Err(WalError::Poisoned { .. })));
    drop(commit);
    assert_eq!(reopen(&disk).0, [(Position(1), entry(1))]);
}

#[test]
fn a_recovery_that_is_cut_off_is_repeated_by_the_next() {
    let (disk, entries) = disk_with(12, SMALL_SEGMENTS);
    let path = segment_paths(&disk).pop().unwrap();
    let mut content = disk.content(&path);
    content.truncate(content.len() - 1);
    disk.set_content(&path, content);
    for operation in [Operation::Truncate, Operation::Sync] {
        for nth in 0..2 {
            let damaged = disk.copy();
            damaged.fail(operation, nth, io::ErrorKind::Other);
            // The failed start may or may not say so; the next one finds all there is.
            let _ = open(&damaged, SMALL_SEGMENTS);
            damaged.crash(Torn::Prefix);
            assert_eq!(reopen(&damaged).0, entries[..11]);
            assert_eq!(reopen(&damaged).0, entries[..11]);
        }
    }
}

#[test]
fn empty_and_foreign_content_under_a_segment_name_does_not_stop_the_start() {
    let garbage: [&[u8]; 4] = [b"", b"x", &[0; 16], &[0xff; 500]];
    for content in garbage {
        let (disk, entries) = disk_with(6, SMALL_SEGMENTS);
        let name = format::segment_name(Position(40));
        disk.set_content(&Path::new(DIRECTORY).join(name), content.to_vec());
        let (found, _) = reopen(&disk);
        assert_eq!(found, entries);
        let aside: usize = quarantined(&disk).iter().map(Vec::len).sum();
        assert_eq!(aside, content.len(), "nothing is deleted");
        let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
        assert_eq!(submit(&commit, 7).unwrap(), Position(7));
        drop(commit);
        assert_eq!(reopen(&disk).0.len(), 7);
    }
}

#[cfg(unix)]
#[test]
fn a_segment_that_cannot_be_read_is_put_aside_whole() {
    use crate::disk::RealDisk;
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        Wal::open(
            std::sync::Arc::new(RealDisk),
            directory.path(),
            SMALL_SEGMENTS,
        )
        .unwrap()
    };
    let commit = start(open());
    (1..=12).for_each(|number| {
        submit(&commit, number).unwrap();
    });
    drop(commit);
    let segments: Vec<_> = RealDisk
        .list(directory.path())
        .unwrap()
        .into_iter()
        .filter(|entry| !entry.is_directory)
        .collect();
    // Larger than any segment can be: declared, not written.
    let oldest = directory.path().join(&segments[0].name);
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(&oldest)
        .unwrap();
    file.set_len(8 * 1024 * 1024 * 1024).unwrap();
    let (found, report) = replay(&open(), Position::ZERO);
    assert!(!found.is_empty() && found.len() < 12);
    assert_eq!(report.quarantined_count, 1);
    let aside = directory.path().join("quarantine").join(&segments[0].name);
    assert!(aside.try_exists().unwrap());
    assert_eq!(replay(&open(), Position::ZERO).0, found);
}
