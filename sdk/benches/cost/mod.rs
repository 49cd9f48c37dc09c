//! Measures work in child processes, so that each variant has a subscriber and threads of its own.
//!
//! CPU time, not wall time: of the calling thread, and of the whole process until everything that the
//! work made has been encoded.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use prost::Message;

const VARIANT: &str = "SPANWALK_BENCH_VARIANT";
const ROUNDS: &str = "SPANWALK_BENCH_ROUNDS";
/// Items of one round; what a round makes is encoded before the next begins.
pub(crate) const ROUND_COUNT: u64 = 20_000;

/// CPU nanoseconds of this thread.
fn thread_ns() -> u64 {
    schedstat("/proc/thread-self/schedstat")
}

/// CPU nanoseconds of all threads.
fn process_ns() -> u64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .map(|it| schedstat(it.unwrap().path().join("schedstat").to_str().unwrap()))
        .sum()
}

fn schedstat(path: &str) -> u64 {
    let text = std::fs::read_to_string(path).unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

/// In a child: runs `round` as often as asked, `settle` after each, and prints both costs of one item.
pub(crate) fn measure(mut round: impl FnMut(), settle: impl Fn()) {
    let rounds: u64 = std::env::var(ROUNDS).unwrap().parse().unwrap();
    round();
    settle();
    let (mut caller, begin) = (0, process_ns());
    for _ in 0..rounds {
        let before = thread_ns();
        round();
        caller += thread_ns() - before;
        settle();
    }
    let items = rounds * ROUND_COUNT;
    let process = process_ns() - begin;
    println!("{} {}", caller / items, process / items);
}

/// The variant that this process is to run, if it is a child.
pub(crate) fn child() -> Option<String> {
    std::env::var(VARIANT).ok()
}

/// Caller and process nanoseconds of an item of a variant.
fn run(variant: &str, rounds: u64, endpoint: &str) -> (u64, u64) {
    let output = Command::new(std::env::current_exe().unwrap())
        .env(VARIANT, variant)
        .env(ROUNDS, rounds.to_string())
        // The server's time is not the child's.
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        .env("RUST_LOG", "off")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut numbers = text.split_whitespace().map(|it| it.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// Runs all variants in one run, caller and process time apart.
pub(crate) fn compare(name: &str, variants: &[&str], endpoint: &str) {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_millis(100))
        .configure_from_args();
    for process in [false, true] {
        let side = if process { "process" } else { "caller" };
        let mut group = criterion.benchmark_group(format!("{name}/{side}"));
        group.sampling_mode(SamplingMode::Flat);
        for variant in variants {
            group.bench_function(BenchmarkId::from_parameter(variant), |bencher| {
                bencher.iter_custom(|iterations| {
                    let rounds = iterations.div_ceil(ROUND_COUNT).clamp(5, 50);
                    let costs = run(variant, rounds, endpoint);
                    let cost_ns = if process { costs.1 } else { costs.0 };
                    Duration::from_nanos(cost_ns * iterations)
                });
            });
        }
        group.finish();
    }
    criterion.final_summary();
}

/// What OpenTelemetry's own exporter does with a batch, without sending it.
#[derive(Debug)]
pub(crate) struct Encodes(pub(crate) ResourceAttributesWithSchema);

impl Encodes {
    pub(crate) fn new() -> Self {
        Self(ResourceAttributesWithSchema::from(
            &Resource::builder_empty().build(),
        ))
    }
}

impl SpanExporter for Encodes {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let resource_spans = group_spans_by_resource_and_scope(batch, &self.0);
        let bytes = ExportTraceServiceRequest { resource_spans }.encode_to_vec();
        std::hint::black_box(bytes);
        Ok(())
    }
}

/// A collector that says yes to everything, until the process ends.
pub(crate) fn collector() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut buffer = vec![0; 1 << 20];
                let mut waiting = Vec::new();
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    waiting.extend_from_slice(&buffer[..count]);
                    while let Some(length) = whole(&waiting) {
                        waiting.drain(..length);
                        stream
                            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                            .unwrap();
                    }
                }
            });
        }
    });
    address
}

/// The length of the first request, once all of it is there.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|it| it == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text
        .split("content-length: ")
        .nth(1)?
        .lines()
        .next()?
        .parse::<usize>()
        .ok()?;
    (bytes.len() >= head + length).then_some(head + length)
}
