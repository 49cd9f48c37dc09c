//! What a span costs in a file of columns: bytes on disk, and time to write and to read.
//!
//! `cargo bench -p spanwalk-collector --bench columns`. The spans come from a fixed seed, so
//! that runs compare; the bytes are printed first, the times follow per file of all spans.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench stops where it cannot go on, and prints what it measures"
)]

#[path = "../workload/spans.rs"]
mod spans;

use std::hint::black_box;
use std::io;
use std::path::{Path, PathBuf};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use spanwalk_collector::columns::{FileSummary, SpanFile, sort_rows};
use spanwalk_collector::disk::{AppendFile, DirectoryEntry, Disk, ReadFile, RealDisk};
use spanwalk_model::batch::group_items;
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{Scoped, Span};

/// One flush of the store.
const SPAN_COUNT: usize = 100_000;

/// Bytes of protobuf rows that are compressed together in what the columns are compared with.
const ROWS_BLOCK_BYTES: usize = 128 * 1024;

/// Files whose syncs cost nothing, so that the bench measures our work and not the disk's.
#[derive(Debug)]
struct UnsyncedDisk;

#[derive(Debug)]
struct UnsyncedFile(Box<dyn AppendFile>);

impl Disk for UnsyncedDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        Ok(Box::new(UnsyncedFile(RealDisk.create(path)?)))
    }
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>> {
        Ok(Box::new(UnsyncedFile(RealDisk.open_append(path)?)))
    }
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn ReadFile>> {
        RealDisk.open_read(path)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn sync_directory(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
    fn list(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>> {
        RealDisk.list(path)
    }
    fn remove_file(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove_file(path)
    }
    fn remove_directory_all(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove_directory_all(path)
    }
    fn create_directory(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_directory(path)
    }
}

impl AppendFile for UnsyncedFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes)
    }
    fn sync_data(&mut self) -> io::Result<()> {
        Ok(())
    }
    fn truncate(&mut self, bytes: u64) -> io::Result<()> {
        self.0.truncate(bytes)
    }
}

fn write(path: &Path, rows: &[Scoped<Span>]) -> FileSummary {
    SpanFile::write(&UnsyncedDisk, path, rows).expect("the file is written")
}

/// Bytes of the same spans as sorted protobuf rows, zstd level 1 on blocks of 128 KiB.
fn protobuf_rows_bytes(rows: &[Scoped<Span>]) -> (usize, usize) {
    let mut block = Vec::new();
    let (mut raw_bytes, mut stored_bytes) = (0, 0);
    let mut close = |block: &mut Vec<u8>| {
        raw_bytes += block.len();
        stored_bytes += zstd::bulk::compress(block, 1).expect("memory").len();
        block.clear();
    };
    for row in rows {
        block.extend(protobuf::encode_span(&row.item));
        if block.len() >= ROWS_BLOCK_BYTES {
            close(&mut block);
        }
    }
    close(&mut block);
    (raw_bytes, stored_bytes)
}

fn print_bytes(rows: &[Scoped<Span>], summary: &FileSummary) {
    let per_span = |bytes: usize| bytes as f64 / rows.len() as f64;
    let otlp = protobuf::encode_traces(&group_items(rows.iter().cloned())).len();
    let (raw, stored) = protobuf_rows_bytes(rows);
    println!("{} spans, {} traces", rows.len(), summary.trace_count);
    println!(
        "bytes per span, OTLP protobuf:             {:.1}",
        per_span(otlp)
    );
    println!(
        "bytes per span, protobuf rows:             {:.1}",
        per_span(raw)
    );
    println!(
        "bytes per span, protobuf rows, zstd 1:     {:.1}",
        per_span(stored)
    );
    let columns = usize::try_from(summary.bytes).expect("fits");
    println!(
        "bytes per span, columns:                   {:.1}",
        per_span(columns)
    );
}

fn columns(criterion: &mut Criterion) {
    let directory = std::env::temp_dir().join(format!("spanwalk-bench-{}", std::process::id()));
    UnsyncedDisk
        .create_directory(&directory)
        .expect("a directory for the bench");
    let arrived: Vec<Scoped<Span>> = spans::Spans::new().take(SPAN_COUNT).collect();
    let mut rows = arrived.clone();
    sort_rows(&mut rows);
    let path = directory.join("read.col");
    let summary = write(&path, &rows);
    print_bytes(&rows, &summary);

    let mut group = criterion.benchmark_group("columns");
    group.sample_size(10);
    group.throughput(Throughput::Elements(SPAN_COUNT as u64));
    let mut number = 0;
    group.bench_function("sort and write", |bencher| {
        bencher.iter_batched(
            || fresh_path(&directory, &mut number),
            |path| {
                black_box(write(&path, &arrived));
                path
            },
            BatchSize::PerIteration,
        );
    });
    group.bench_function("write sorted", |bencher| {
        bencher.iter_batched(
            || fresh_path(&directory, &mut number),
            |path| {
                black_box(write(&path, &rows));
                path
            },
            BatchSize::PerIteration,
        );
    });
    let file = SpanFile::open(&UnsyncedDisk, &path).expect("the file is there");
    group.bench_function("read all", |bencher| {
        bencher.iter(|| black_box(file.read_range(0..file.row_count()).expect("the rows")));
    });
    group.finish();

    let mut group = criterion.benchmark_group("columns, one");
    group.bench_function("open", |bencher| {
        bencher.iter(|| black_box(SpanFile::open(&UnsyncedDisk, &path).expect("the file")));
    });
    let traces: Vec<_> = file.traces().map(|(trace, _)| trace).collect();
    let mut next = traces.iter().cycle().step_by(97);
    group.bench_function("trace by id", |bencher| {
        bencher.iter(|| {
            let trace = next.next().expect("a cycle has no end");
            black_box(file.rows_of_trace(*trace).expect("the rows"))
        });
    });
    group.finish();
    UnsyncedDisk
        .remove_directory_all(&directory)
        .expect("the bench's directory");
}

/// A new name, and the last file removed.
fn fresh_path(directory: &Path, number: &mut u32) -> PathBuf {
    let _ = UnsyncedDisk.remove_file(&directory.join(format!("{number}.col")));
    *number += 1;
    directory.join(format!("{number}.col"))
}

criterion_group!(benches, columns);
criterion_main!(benches);
