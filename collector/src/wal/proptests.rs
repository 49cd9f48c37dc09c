//! Random operations, reopening and crashing among them, against a plain list.

use proptest::prelude::*;

use crate::disk::simulated::{SimulatedDisk, Torn};

use super::test_support::*;
use super::*;

#[derive(Debug, Clone)]
enum Step {
    /// Entries submitted one after the other.
    Append(u64),
    /// The process ends in order and starts again.
    Reopen,
    /// The power goes, and comes back.
    Crash(Torn),
    /// The store has flushed this share (in 256ths) of what there is.
    Release(u8),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => (1..6u64).prop_map(Step::Append),
        1 => Just(Step::Reopen),
        1 => prop_oneof![Just(Torn::Nothing), Just(Torn::Prefix), Just(Torn::PrefixThenZeros)]
            .prop_map(Step::Crash),
        1 => any::<u8>().prop_map(Step::Release),
    ];
    prop::collection::vec(step, 1..30)
}

/// The log beside the list of what it should hold.
struct Checked {
    disk: SimulatedDisk,
    options: WalOptions,
    commit: Option<GroupCommit<()>>,
    acknowledged: Vec<(Position, Entry)>,
    flushed: Position,
    number: u64,
}

impl Checked {
    fn run(&mut self, step: &Step) {
        match step {
            Step::Append(count) => {
                for _ in 0..*count {
                    self.number += 1;
                    let commit = self.commit.as_ref().unwrap();
                    let position = submit(commit, self.number).unwrap();
                    assert!(position > self.flushed);
                    self.acknowledged.push((position, entry(self.number)));
                }
            }
            Step::Reopen => {
                self.commit = None;
                self.reopen();
            }
            Step::Crash(torn) => {
                self.commit = None;
                self.disk.crash(*torn);
                self.reopen();
            }
            Step::Release(share) => {
                let count = self.acknowledged.len() * usize::from(*share) / 256;
                if let Some((position, _)) = self.acknowledged.get(count) {
                    self.flushed = self.flushed.max(*position);
                    self.commit.as_ref().unwrap().release(*position).unwrap();
                }
            }
        }
    }

    fn reopen(&mut self) {
        let wal = open(&self.disk, self.options).unwrap();
        let (found, report) = replay(&wal, self.flushed);
        let expected: Vec<_> = self
            .acknowledged
            .iter()
            .filter(|(position, _)| *position > self.flushed)
            .cloned()
            .collect();
        assert_eq!(found, expected);
        assert_eq!(report.quarantined_count, 0);
        self.commit = Some(start(wal));
    }
}

proptest! {
    #[test]
    fn the_log_holds_what_a_list_would(
        steps in steps(),
        seed in any::<u64>(),
        segment_bytes in 20..400u64,
    ) {
        let disk = SimulatedDisk::new(seed);
        let options = WalOptions { segment_bytes };
        let wal = open(&disk, options).unwrap();
        let mut checked = Checked {
            disk,
            options,
            commit: Some(start(wal)),
            acknowledged: Vec::new(),
            flushed: Position::ZERO,
            number: 0,
        };
        for step in &steps {
            checked.run(step);
        }
        checked.run(&Step::Crash(Torn::Nothing));
    }

    #[test]
    fn no_bytes_make_the_start_panic(content in prop::collection::vec(any::<u8>(), 0..600)) {
        let (disk, entries) = disk_with(3, SMALL_SEGMENTS);
        let path = segment_paths(&disk).pop().unwrap();
        let mut bytes = disk.content(&path);
        bytes.extend(content);
        disk.set_content(&path, bytes);
        let (found, _) = reopen(&disk);
        prop_assert_eq!(&found[..3], &entries[..]);
    }
}
