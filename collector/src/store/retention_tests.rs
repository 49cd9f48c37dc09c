//! What is over the limits goes, is told of, and may come again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use spanwalk_model::batch::group_items;
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{Batch, LogRecord, Resource, Scope, Scoped};

use super::*;
use crate::clock;
use crate::disk::Disk;
use crate::disk::simulated::SimulatedDisk;
use crate::wal::{DeliveryId, Entry, Signal};

const DAY_NS: u64 = 86_400_000_000_000;

fn open_with(disk: &SimulatedDisk, age: Option<Duration>, bytes: Option<u64>) -> OpenStore {
    let options = StoreOptions {
        flush_age: Duration::from_hours(1000),
        retention_age: age,
        retention_bytes: bytes,
        ..StoreOptions::default()
    };
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    open_on(&disk, Path::new("/data"), options).unwrap()
}

/// Sends and flushes one log record of this time that arrives at another.
fn send(store: &OpenStore, time_ns: u64, received_ns: u64) -> Accepted {
    let record = LogRecord {
        time_ns,
        body: Some(format!("at {time_ns}").into()),
        ..LogRecord::default()
    };
    let groups = group_items([Scoped {
        item: record,
        resource: Arc::new(Resource::default()),
        scope: Arc::new(Scope::default()),
    }]);
    let entry = Entry {
        signal: Signal::Logs,
        received_ns,
        delivery: Some(DeliveryId(time_ns.into())),
        payload: protobuf::encode_logs(&groups).into(),
    };
    let accepted = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(store.ingest().submit(entry, Batch::Logs(groups)))
        .unwrap();
    store.flush_now().unwrap();
    accepted
}

fn log_count(store: &OpenStore) -> u64 {
    store.store().snapshot().stored().log_count
}

#[test]
fn age_goes_by_arrival_and_what_went_may_come_again() {
    let disk = SimulatedDisk::new(1);
    let now_ns = clock::now_ns();
    let store = open_with(&disk, None, None);
    // Of the oldest time, and just imported.
    send(&store, DAY_NS, now_ns);
    // Of the newest time, and here for three days.
    send(&store, now_ns, now_ns - 3 * DAY_NS);
    assert_eq!(log_count(&store), 2);
    store.stop().unwrap();

    let day = Duration::from_nanos(DAY_NS);
    let store = open_with(&disk, Some(2 * day), None);
    store.flush_now().unwrap();
    assert_eq!(log_count(&store), 1);
    let retained = store.store().retained();
    assert_eq!(retained.age_max, Some(2 * day));
    assert_eq!(retained.oldest_ns, Some(DAY_NS));
    assert_eq!(retained.oldest_arrived_ns, Some(now_ns));
    assert_eq!(retained.dropped_by_age.log_count, 1);
    assert_eq!(retained.dropped_by_age.last_arrived_ns, now_ns - 3 * DAY_NS);
    assert_eq!(retained.dropped_by_bytes, Dropped::default());
    assert!(send(&store, DAY_NS, now_ns).known, "is there");
    assert!(!send(&store, now_ns, now_ns).known, "went, and comes again");
    assert_eq!(log_count(&store), 2);
    store.stop().unwrap();
    // The counts outlive the process.
    let store = open_with(&disk, Some(2 * day), None);
    assert_eq!(store.store().retained().dropped_by_age.log_count, 1);
}

#[test]
fn the_budget_holds_and_the_newest_window_stays() {
    let disk = SimulatedDisk::new(1);
    let now_ns = clock::now_ns();
    let store = open_with(&disk, None, None);
    for day in 0..5 {
        send(&store, (100 - day) * DAY_NS, now_ns + day);
    }
    let retained = store.store().retained();
    let budget = retained.wal_bytes + retained.part_bytes / 2;
    store.stop().unwrap();
    let store = open_with(&disk, None, Some(budget));
    store.flush_now().unwrap();
    let retained = store.store().retained();
    assert!(retained.part_bytes + retained.wal_bytes <= budget);
    assert_eq!(log_count(&store), 5 - retained.dropped_by_bytes.log_count);
    assert!(retained.dropped_by_bytes.log_count >= 2);
    // The last that arrived is of the oldest time, and is still there.
    assert_eq!(retained.oldest_ns, Some(96 * DAY_NS));
    let parts = disk.list(Path::new("/data/parts")).unwrap().len() as u64;
    assert_eq!(parts, log_count(&store), "directories are gone too");
}
