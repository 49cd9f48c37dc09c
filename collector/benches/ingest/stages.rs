//! Each stage alone, over the requests of one flush: where the time of the whole goes.

use std::path::Path;
use std::time::Duration;

use spanwalk_collector::columns::{ColumnFile, Row, sort_rows};
use spanwalk_collector::disk::RealDisk;
use spanwalk_collector::index::{IndexError, write_log_index, write_span_index};
use spanwalk_collector::tail::{Arrival, Tail};
use spanwalk_collector::wal::Position;
use spanwalk_model::Scoped;

use super::drive::decode;
use super::requests::{Request, Requests};
use super::usage;

/// Items of one flush.
const FLUSH_ITEMS: usize = 100_000;
/// Each stage is repeated, because processor time is told in hundredths of a second.
const REPEATS: u32 = 3;

/// The time of each stage, seconds a million items.
pub(crate) fn measure(directory: &Path, requests: &Path) -> Vec<(&'static str, f64)> {
    let mut taken = 0;
    let requests: Vec<Request> = Requests::open(requests)
        .expect("the requests")
        .take_while(|request| {
            let is_taken = taken < FLUSH_ITEMS;
            taken += request.item_count as usize;
            is_taken
        })
        .collect();
    if requests.is_empty() {
        return Vec::new();
    }
    let mut stages = Stages {
        item_count: taken.min(FLUSH_ITEMS) as f64,
        times: Vec::new(),
    };
    stages.time("decode and drop", || {
        for request in &requests {
            drop(std::hint::black_box(decode(request)));
        }
    });
    let mut tails = Vec::new();
    stages.time("decode, insert into the tail", || {
        let tail = Tail::default();
        for (position, request) in (1..).zip(&requests) {
            tail.insert(Arrival {
                position: Position(position),
                received_ns: position,
                delivery: None,
                batch: decode(request),
                payload_bytes: request.payload.len(),
            });
        }
        tails.push(tail);
    });
    let tail = tails.pop().expect("a tail");
    stages.time("drop the tail", || drop(tails.pop()));
    let view = tail.view();
    let spans: Vec<_> = view.spans().cloned().collect();
    let logs: Vec<_> = view.logs().cloned().collect();
    if !spans.is_empty() {
        stages.write(directory, spans, |path, rows| {
            write_span_index(&RealDisk, path, rows)
        });
    }
    if !logs.is_empty() {
        stages.write(directory, logs, |path, rows| {
            write_log_index(&RealDisk, path, rows)
        });
    }
    stages.times
}

struct Stages {
    item_count: f64,
    times: Vec<(&'static str, f64)>,
}

impl Stages {
    fn time(&mut self, name: &'static str, mut stage: impl FnMut()) {
        let began = usage::cpu();
        for _ in 0..REPEATS {
            stage();
        }
        let spent: Duration = usage::since(began) / REPEATS;
        self.times
            .push((name, spent.as_secs_f64() / self.item_count * 1e6));
    }

    fn write<T: Row>(
        &mut self,
        directory: &Path,
        rows: Vec<Scoped<T>>,
        index: impl Fn(&Path, &[Scoped<T>]) -> Result<u32, IndexError>,
    ) {
        let mut rows = rows;
        self.time("copy rows", || drop(std::hint::black_box(rows.clone())));
        let arrived = rows.clone();
        self.time("copy rows and sort them", || {
            rows.clone_from(&arrived);
            sort_rows(&mut rows);
        });
        std::fs::create_dir_all(directory).expect("a directory");
        let path = directory.join("rows.col");
        self.time("write columns", || {
            let _ = std::fs::remove_file(&path);
            ColumnFile::write(&RealDisk, &path, &rows).expect("columns");
        });
        self.time("read columns", || {
            let file = ColumnFile::<T>::open(&RealDisk, &path).expect("columns");
            drop(std::hint::black_box(
                file.read_range(0..file.row_count()).expect("rows"),
            ));
        });
        let path = directory.join("rows.idx");
        self.time("write index", || {
            let _ = std::fs::remove_file(&path);
            index(&path, &rows).expect("an index");
        });
    }
}
