//! What the tests of this room share.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use crate::disk::simulated::SimulatedDisk;

use super::*;

/// Where the tests keep the log.
pub(super) const DIRECTORY: &str = "/data/wal";

/// A log with segments of a few entries each.
pub(super) const SMALL_SEGMENTS: WalOptions = WalOptions { segment_bytes: 200 };

/// An entry that differs from every other number's in all fields.
pub(super) fn entry(number: u64) -> Entry {
    let payload: Vec<u8> = (0..number % 40)
        .map(|index| u8::try_from((index * 7 + number) % 256).unwrap())
        .collect();
    Entry {
        signal: if number.is_multiple_of(2) {
            Signal::Spans
        } else {
            Signal::Logs
        },
        received_ns: number * 1_000,
        delivery: number
            .is_multiple_of(3)
            .then(|| DeliveryId(u128::from(number) << 70)),
        payload: Bytes::from(payload),
    }
}

pub(super) fn open(disk: &SimulatedDisk, options: WalOptions) -> Result<Wal, WalError> {
    Wal::open(Arc::new(disk.clone()), Path::new(DIRECTORY), options)
}

/// Everything behind a position, with the report.
pub(super) fn replay(wal: &Wal, after: Position) -> (Vec<(Position, Entry)>, ReplayReport) {
    let mut entries = Vec::new();
    let report = wal
        .replay(after, &mut |position, entry| {
            entries.push((position, entry));
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(report.entry_count, entries.len() as u64);
    (entries, report)
}

/// Opens, and returns everything.
pub(super) fn reopen(disk: &SimulatedDisk) -> (Vec<(Position, Entry)>, ReplayReport) {
    replay(&open(disk, SMALL_SEGMENTS).unwrap(), Position::ZERO)
}

pub(super) fn start(wal: Wal) -> GroupCommit<()> {
    GroupCommit::start(wal, GroupCommitOptions::default(), |_| {}).unwrap()
}

pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

pub(super) fn submit(commit: &GroupCommit<()>, number: u64) -> Result<Position, WalError> {
    block_on(commit.submit(entry(number), ()))
}

/// A disk with a log of the entries 1 to `count`, and what it holds.
pub(super) fn disk_with(
    count: u64,
    options: WalOptions,
) -> (SimulatedDisk, Vec<(Position, Entry)>) {
    let disk = SimulatedDisk::new(count);
    let commit = start(open(&disk, options).unwrap());
    let entries = (1..=count)
        .map(|number| (submit(&commit, number).unwrap(), entry(number)))
        .collect();
    commit.stop();
    (disk, entries)
}

/// The paths of all segments, oldest first.
pub(super) fn segment_paths(disk: &SimulatedDisk) -> Vec<PathBuf> {
    use crate::disk::Disk;
    disk.list(Path::new(DIRECTORY))
        .unwrap()
        .into_iter()
        .filter(|entry| !entry.is_directory)
        .map(|entry| Path::new(DIRECTORY).join(entry.name))
        .collect()
}

/// The content of everything in quarantine.
pub(super) fn quarantined(disk: &SimulatedDisk) -> Vec<Vec<u8>> {
    use crate::disk::Disk;
    let directory = Path::new(DIRECTORY).join("quarantine");
    let Ok(entries) = disk.list(&directory) else {
        return Vec::new();
    };
    entries
        .iter()
        .map(|entry| disk.content(&directory.join(&entry.name)))
        .collect()
}
