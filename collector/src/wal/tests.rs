//! The log in order: what goes in comes out, is released, stays bounded and stops.

use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};

use crate::disk::simulated::SimulatedDisk;
use crate::disk::{Disk, RealDisk};

use super::test_support::*;
use super::*;

#[test]
fn what_was_acknowledged_comes_back_in_order_from_real_files() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wal");
    let open = || Wal::open(Arc::new(RealDisk), &path, SMALL_SEGMENTS).unwrap();
    let commit = start(open());
    for number in 1..=20 {
        assert_eq!(submit(&commit, number).unwrap(), Position(number));
    }
    drop(commit);
    let (entries, report) = replay(&open(), Position::ZERO);
    let expected: Vec<_> = (1..=20)
        .map(|number| (Position(number), entry(number)))
        .collect();
    assert_eq!(entries, expected);
    assert_eq!(report.cut_bytes + report.quarantined_count, 0);
    assert_eq!(replay(&open(), Position(15)).0, expected[15..]);
}

#[test]
fn a_replay_can_be_left() {
    let (disk, _) = disk_with(20, SMALL_SEGMENTS);
    let mut seen = Vec::new();
    let report = open(&disk, SMALL_SEGMENTS)
        .unwrap()
        .replay(Position::ZERO, &mut |position, _| {
            seen.push(position.0);
            if position.0 == 3 {
                std::ops::ControlFlow::Break(())
            } else {
                std::ops::ControlFlow::Continue(())
            }
        })
        .unwrap();
    assert_eq!((seen, report.entry_count), (vec![1, 2, 3], 3));
}

#[test]
fn attachments_are_handed_on_in_order_before_the_answer() {
    let disk = SimulatedDisk::new(1);
    let handed = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&handed);
    let commit = GroupCommit::start(
        open(&disk, SMALL_SEGMENTS).unwrap(),
        GroupCommitOptions::default(),
        move |group| sink.lock().unwrap().extend(group),
    )
    .unwrap();
    block_on(async {
        for number in 1..=5u64 {
            let position = commit.submit(entry(number), number).await.unwrap();
            assert_eq!(handed.lock().unwrap().last(), Some(&(position, number)));
        }
        let many = (6..=200u64).map(|number| commit.submit(entry(number), number));
        for (index, position) in futures_util::future::join_all(many)
            .await
            .into_iter()
            .enumerate()
        {
            assert_eq!(position.unwrap(), Position(index as u64 + 6));
        }
    });
    let expected: Vec<_> = (1..=200).map(|number| (Position(number), number)).collect();
    assert_eq!(*handed.lock().unwrap(), expected);
}

#[test]
fn those_who_wait_share_a_sync_and_too_many_are_refused() {
    use crate::disk::simulated::Operation;
    let disk = SimulatedDisk::new(1);
    let (entered, has_entered) = sync_channel(16);
    let (release, released) = sync_channel::<()>(16);
    let options = GroupCommitOptions {
        waiting_count_max: 10,
        ..GroupCommitOptions::default()
    };
    let wal = open(&disk, WalOptions::default()).unwrap();
    let commit = GroupCommit::start(wal, options, move |group: Vec<(Position, ())>| {
        entered.send(group.len()).unwrap();
        released.recv().unwrap();
    })
    .unwrap();
    std::thread::scope(|scope| {
        let first = scope.spawn(|| block_on(commit.submit(entry(1), ())));
        // The thread is busy with the first group now, so that the next ones gather.
        assert_eq!(has_entered.recv().unwrap(), 1);
        let syncs = disk.count(Operation::Sync);
        let results = block_on(async {
            let waiting = (2..=12).map(|number| commit.submit(entry(number), ()));
            let all = futures_util::future::join_all(waiting);
            futures_util::pin_mut!(all);
            // Polled once, all are queued or refused; only then the thread may go on.
            assert!(futures_util::poll!(&mut all).is_pending());
            release.send(()).unwrap();
            release.send(()).unwrap();
            all.await
        });
        assert!(matches!(
            results.last(),
            Some(Err(error @ WalError::Overloaded { waiting_count: 10, .. })) if error.is_retryable()
        ));
        assert!(results[..10].iter().all(Result::is_ok));
        assert_eq!(has_entered.recv().unwrap(), 10);
        assert_eq!(disk.count(Operation::Sync), syncs + 1);
        first.join().unwrap().unwrap();
    });
}

#[test]
fn stop_writes_what_waits_and_takes_nothing_more() {
    let disk = SimulatedDisk::new(1);
    let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
    submit(&commit, 1).unwrap();
    commit.stop();
    assert!(matches!(submit(&commit, 2), Err(WalError::Stopped)));
    assert_eq!(reopen(&disk).0.len(), 1);
}

#[test]
fn a_receiver_of_entries_that_panics_leaves_nobody_waiting() {
    let disk = SimulatedDisk::new(1);
    let wal = open(&disk, SMALL_SEGMENTS).unwrap();
    let commit = GroupCommit::start(wal, GroupCommitOptions::default(), |_| {
        panic!("on purpose");
    })
    .unwrap();
    let error = submit(&commit, 1).unwrap_err();
    assert!(matches!(error, WalError::Poisoned { .. }), "{error}");
    assert!(matches!(submit(&commit, 2), Err(WalError::Poisoned { .. })));
}

#[test]
fn an_entry_over_the_limit_is_refused_for_good() {
    let disk = SimulatedDisk::new(1);
    let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
    let large = Entry {
        payload: bytes::Bytes::from(vec![0; ENTRY_BYTES_MAX + 1]),
        ..entry(1)
    };
    let error = block_on(commit.submit(large, ())).unwrap_err();
    assert!(matches!(error, WalError::EntryTooLarge { .. }) && !error.is_retryable());
    assert_eq!(submit(&commit, 2).unwrap(), Position(1));
}

#[test]
fn whole_segments_are_released_and_their_positions_never_come_back() {
    let (disk, entries) = disk_with(30, SMALL_SEGMENTS);
    let segments = segment_paths(&disk);
    assert!(segments.len() > 5, "{segments:?}");
    let wal = open(&disk, SMALL_SEGMENTS).unwrap();
    let before = wal.bytes();
    let freed = wal.release(Position(14)).unwrap();
    assert!(freed > 0 && wal.bytes() == before - freed);
    let (left, _) = replay(&wal, Position(14));
    assert_eq!(left, entries[14..]);
    assert!(wal.release(Position(30)).unwrap() > 0);
    assert_eq!(segment_paths(&disk).len(), 1);
    assert_eq!(replay(&wal, Position(30)).0, []);

    let commit = start(open(&disk, SMALL_SEGMENTS).unwrap());
    assert_eq!(submit(&commit, 1).unwrap(), Position(31));
    assert_eq!(commit.last_position(), Position(31));
}

#[test]
fn positions_go_on_behind_what_was_flushed_where_the_end_of_the_log_is_lost() {
    let (disk, _) = disk_with(5, SMALL_SEGMENTS);
    for path in segment_paths(&disk) {
        disk.remove_file(&path).unwrap();
    }
    let wal = open(&disk, SMALL_SEGMENTS).unwrap();
    assert_eq!(replay(&wal, Position(5)).0, []);
    let commit = start(wal);
    assert_eq!(submit(&commit, 6).unwrap(), Position(6));
    drop(commit);

    // Entry 6 is damaged, though the store has flushed up to 7.
    let path = segment_paths(&disk).pop().unwrap();
    let mut content = disk.content(&path);
    *content.last_mut().unwrap() ^= 1;
    disk.set_content(&path, content);
    let wal = open(&disk, SMALL_SEGMENTS).unwrap();
    let (entries, report) = replay(&wal, Position(7));
    assert_eq!((entries.len(), report.quarantined_count), (0, 1));
    let commit = start(wal);
    assert_eq!(submit(&commit, 8).unwrap(), Position(8));
    drop(commit);
    let wal = open(&disk, SMALL_SEGMENTS).unwrap();
    assert_eq!(replay(&wal, Position(7)).0, [(Position(8), entry(8))]);
}

#[test]
fn a_newer_version_is_refused_and_says_so() {
    let (disk, _) = disk_with(20, SMALL_SEGMENTS);
    let path = segment_paths(&disk).remove(1);
    let mut content = disk.content(&path);
    content[..16].copy_from_slice(&super::format::header_of(VERSION + 1));
    disk.set_content(&path, content.clone());
    let error = open(&disk, SMALL_SEGMENTS).unwrap_err();
    assert!(
        matches!(&error, WalError::NewerVersion { found, .. } if *found == VERSION + 1),
        "{error}"
    );
    assert!(
        error.to_string().contains(path.to_str().unwrap()),
        "{error}"
    );
    assert_eq!(disk.content(&path), content);
}

#[test]
fn foreign_files_are_left_alone() {
    let (disk, entries) = disk_with(3, SMALL_SEGMENTS);
    let foreign = Path::new(DIRECTORY).join("notes.txt");
    disk.set_content(&foreign, b"mine".to_vec());
    let beyond = Path::new(DIRECTORY).join("18446744073709551615.wal");
    disk.set_content(&beyond, b"not ours".to_vec());
    assert_eq!(reopen(&disk).0, entries);
    assert_eq!(disk.content(&foreign), b"mine");
    assert_eq!(disk.content(&beyond), b"not ours");
}
