//! What a span and a log record cost on their whole way from a request to parts on disk, and
//! what queries over them take.
//!
//! `cargo bench -p spanwalk-collector --bench ingest` drives a seeded workload;
//! `SPANWALK_BENCH_SPANS` and `SPANWALK_BENCH_LOGS` say how many (a million each).
//! `SPANWALK_DATA=FOLDER` drives the OTLP JSON lines (`*.jsonl.zst`) of a folder in its place.
//! `SPANWALK_BENCH_KEEP=DIRECTORY` keeps the data directory there. Linux only: the figures
//! come from `/proc`.
//!
//! Processor seconds are of the whole process, so that they compare across machines with other
//! numbers of processors; a calibration (copying and compressing) says how fast this one is.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench stops where it cannot go on, and prints what it measures"
)]

mod drive;
mod logs;
mod queries;
mod requests;
#[path = "../workload/spans.rs"]
mod spans;
mod stages;
mod usage;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use drive::Driven;
use queries::Timed;

/// The argument by which the bench starts itself to make requests in another process.
const MAKE: &str = "--make-requests";

/// Where the bench's files are.
struct Files {
    directory: PathBuf,
    spans: PathBuf,
    logs: PathBuf,
}

fn main() {
    let directory =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("ingest-{}", std::process::id()));
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, first, directory] = arguments.as_slice()
        && first == MAKE
    {
        make_requests(&Files::below(Path::new(directory)));
        return;
    }
    let files = Files::below(&directory);
    std::fs::create_dir_all(&directory).expect("a directory for the bench");
    let program = std::env::current_exe().expect("this program");
    let status = Command::new(program)
        .args([MAKE, &directory.to_string_lossy()])
        .status()
        .expect("this program again");
    assert!(status.success(), "the requests could not be made");
    calibrate();
    run(&files);
    std::fs::remove_dir_all(&directory).expect("the bench's directory");
}

impl Files {
    fn below(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            spans: directory.join("spans.requests"),
            logs: directory.join("logs.requests"),
        }
    }
}

fn make_requests(files: &Files) {
    let count = |name: &str| -> usize {
        std::env::var(name)
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(1_000_000)
    };
    if let Some(folder) = std::env::var_os("SPANWALK_DATA") {
        requests::write_folder(Path::new(&folder), &files.spans, &files.logs)
            .expect("a folder of OTLP files");
        return;
    }
    requests::write_spans(&files.spans, count("SPANWALK_BENCH_SPANS")).expect("room");
    requests::write_logs(&files.logs, count("SPANWALK_BENCH_LOGS")).expect("room");
}

fn run(files: &Files) {
    let data = std::env::var_os("SPANWALK_BENCH_KEEP")
        .map_or_else(|| files.directory.join("data"), PathBuf::from);
    let spans = drive::drive(&data, &files.spans);
    print_driven("spans", &spans);
    let logs = drive::drive(&data, &files.logs);
    print_driven("log records", &logs);
    print_bytes(&data, spans.item_count, logs.item_count);
    let sample = requests::sample_spans(&files.spans, 400).expect("the requests");
    usage::reset_peak();
    let timed = queries::ask(&data, &sample, logs.item_count > 0);
    print_queries(&timed);
    // Last, because what they take from the system is not all given back.
    for (what, requests) in [("spans", &files.spans), ("log records", &files.logs)] {
        println!("\nstages alone, {what}");
        print_stages(&stages::measure(&files.directory.join("stages"), requests));
    }
}

/// How fast this machine copies and compresses.
fn calibrate() {
    let text: Vec<u8> = (0..16_u32 << 20)
        .map(|number| (number.wrapping_mul(2_654_435_761) >> 27).to_le_bytes())
        .map(|[lowest, ..]| lowest)
        .collect();
    let mut copy = vec![0; text.len()];
    let began = usage::cpu();
    for _ in 0..64 {
        copy.copy_from_slice(std::hint::black_box(&text));
        std::hint::black_box(&mut copy);
    }
    let copied = usage::since(began);
    let began = usage::cpu();
    for _ in 0..4 {
        std::hint::black_box(zstd::bulk::compress(&text, 1).expect("memory"));
    }
    let compressed = usage::since(began);
    println!(
        "calibration: {:.3} s a GiB copied, {:.3} s a GiB compressed with zstd 1",
        copied.as_secs_f64(),
        compressed.as_secs_f64() * 16.0
    );
}

fn print_driven(what: &str, driven: &Driven) {
    let count = driven.item_count as f64;
    if driven.item_count == 0 {
        return;
    }
    let per_million = |time: Duration| time.as_secs_f64() / count * 1e6;
    println!("\n{what}: {count}");
    let otlp = driven.payload_bytes as f64 / count;
    println!("  OTLP bytes each                {otlp:10.1}");
    let seconds = per_million(driven.cpu);
    println!("  processor seconds a million    {seconds:10.2}");
    println!("  each second and processor      {:10.0}", 1e6 / seconds);
    let wall = count / driven.wall.as_secs_f64();
    println!("  each second of this run        {wall:10.0}");
    let peak = driven.peak_bytes as f64 / 1e6;
    println!("  most memory resident, MB       {peak:10.0}");
    println!(
        "  requests refused for a while   {:10}",
        driven.refused_count
    );
    let answered = &driven.answered;
    println!(
        "  answered after, ms             p50 {:.2}  p99 {:.2}",
        at(answered, 50),
        at(answered, 99)
    );
    for (thread, time) in &driven.by_thread {
        println!("  by thread: {thread:<19} {:10.2}", per_million(*time));
    }
}

fn print_stages(stages: &[(&'static str, f64)]) {
    for (name, seconds) in stages {
        println!("  {name:<30} {seconds:10.2} s a million");
    }
}

fn print_bytes(data: &Path, span_count: u64, log_count: u64) {
    println!("\nbytes on disk");
    let mut totals = [0.0, 0.0];
    for (kind, bytes) in usage::bytes_by_kind(data) {
        let (count, total) = match kind {
            "span columns" | "span index" => (span_count, Some(0)),
            "log columns" | "log index" => (log_count, Some(1)),
            _ => (span_count + log_count, None),
        };
        let each = bytes as f64 / count.max(1) as f64;
        for (place, sum) in totals.iter_mut().enumerate() {
            if total.is_none_or(|of| of == place) && kind != "wal" {
                *sum += each;
            }
        }
        println!("  {kind:<30} {bytes:12}  {each:8.1} each");
    }
    let [span, log] = totals;
    println!("  a span, without the wal        {span:10.1}");
    println!("  a log record, without the wal  {log:10.1}");
    for index in ["spans.idx", "logs.idx"] {
        let count = if index == "spans.idx" {
            span_count
        } else {
            log_count
        };
        for (extension, bytes) in usage::index_bytes(data, index) {
            let each = bytes as f64 / count.max(1) as f64;
            println!("  {index} .{extension:<18} {each:10.1} each");
        }
    }
}

fn print_queries(timed: &[Timed]) {
    println!(
        "\nqueries, ms                              first      p50      p95      p99   hits  scanned"
    );
    for query in timed {
        println!(
            "  {:<34} {:9.2} {:8.2} {:8.2} {:8.2} {:6} {:8}",
            query.name,
            query.first.as_secs_f64() * 1e3,
            at(&query.warm, 50),
            at(&query.warm, 95),
            at(&query.warm, 99),
            query.hits,
            query.scanned
        );
    }
    let peak = usage::peak_bytes() as f64 / 1e6;
    println!("  most memory resident, MB       {peak:10.0}");
}

/// The percentile of sorted times, milliseconds.
fn at(sorted: &[Duration], percent: usize) -> f64 {
    let place = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).map_or(0.0, Duration::as_secs_f64) * 1e3
}
