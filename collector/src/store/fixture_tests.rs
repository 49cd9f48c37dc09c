//! Data directories that released versions wrote are read, searched and gone on with.
//!
//! A new version of any file in a data directory gets a fixture of its own: run
//! `SPANWALK_FIXTURE_OUT=DIRECTORY cargo test -p spanwalk-collector --lib written_today` and
//! keep what it leaves there but for the lock.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use spanwalk_model::batch::group_items;
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{
    Batch, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, StatusCode, TimeRange,
    TraceId,
};
use spanwalk_query::parse;

use super::*;
use crate::wal::{DeliveryId, Entry, Signal};

const DELIVERY: DeliveryId = DeliveryId(0x5eed);
const HOUR_NS: u64 = 3_600_000_000_000;
const TRACE_COUNT: u64 = 6;
const SPANS_EACH: u64 = 4;

fn trace(number: u64) -> TraceId {
    TraceId::from_u128(u128::from(number + 1) << 64 | 5).unwrap()
}

fn scoped<T>(number: u64, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource
        .attributes
        .push("service.name", format!("service-{}", number % 2));
    resource
        .attributes
        .push("host.name", format!("node-{}", number % 3));
    let mut scope = Scope {
        name: "fixture".into(),
        ..Scope::default()
    };
    scope.attributes.push("scope.kind", "manual");
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(scope),
    }
}

fn spans() -> Vec<Scoped<Span>> {
    let numbers = (0..TRACE_COUNT).flat_map(|trace| (0..SPANS_EACH).map(move |n| (trace, n)));
    numbers
        .map(|(of, number)| {
            let id = SpanId::from_u64(of * SPANS_EACH + number + 1).unwrap();
            let mut span = Span::new(trace(of), id);
            span.name = format!("GET /cart/{number}");
            span.start_ns = 10 * HOUR_NS + of * HOUR_NS / 4 + number;
            span.end_ns = span.start_ns + 1_000 * (number + 1);
            span.attributes.push("http.route", "/cart/{id}");
            span.attributes
                .push("request.id", format!("request-{of}-{number}"));
            span.attributes
                .push("shared.by.two", format!("pair-{}", of / 2));
            if of == 3 && number == 2 {
                span.status.code = StatusCode::Error;
                span.status.message = "Card declined".into();
            }
            scoped(of + number, span)
        })
        .collect()
}

fn logs() -> Vec<Scoped<LogRecord>> {
    (0..TRACE_COUNT)
        .map(|of| {
            let record = LogRecord {
                trace_id: Some(trace(of)),
                time_ns: 10 * HOUR_NS + of * HOUR_NS / 4 + 50,
                severity: Severity(if of == 4 { 17 } else { 9 }),
                body: Some(format!("payment {of} settled after 3 tries").into()),
                ..LogRecord::default()
            };
            scoped(of, record)
        })
        .collect()
}

fn submit(store: &OpenStore, batch: Batch, delivery: Option<DeliveryId>) -> Accepted {
    let (signal, payload) = match &batch {
        Batch::Spans(groups) => (Signal::Spans, protobuf::encode_traces(groups)),
        Batch::Logs(groups) => (Signal::Logs, protobuf::encode_logs(groups)),
    };
    let entry = Entry {
        signal,
        received_ns: 20 * HOUR_NS,
        delivery,
        payload: payload.into(),
    };
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(store.ingest().submit(entry, batch))
        .unwrap()
}

fn write(directory: &Path) {
    let store = open(directory, StoreOptions::default()).unwrap();
    submit(&store, Batch::Spans(group_items(spans())), None);
    submit(&store, Batch::Logs(group_items(logs())), Some(DELIVERY));
    store.stop().unwrap();
}

/// The traces and records that the store finds for a query, as numbers.
fn candidates(store: &OpenStore, text: &str) -> (Vec<u64>, usize) {
    let query = parse(text, 0).unwrap();
    let snapshot = store.store().snapshot();
    let traces = snapshot
        .candidate_traces(&query.trace_condition(), TimeRange::ALL)
        .unwrap();
    let logs = snapshot
        .candidate_logs(&query.log_condition(), TimeRange::ALL)
        .unwrap();
    let number = |id: TraceId| u64::try_from((id.to_u128() >> 64) - 1).unwrap();
    let matching = traces
        .iter()
        .map(|candidate| candidate.trace_id)
        .filter(|id| query.match_trace(&snapshot.trace(*id).unwrap()).is_some())
        .map(number);
    (matching.collect(), logs.len())
}

/// Everything is there, is found, and takes more.
fn check(directory: &Path) {
    let store = open(directory, StoreOptions::default()).unwrap();
    assert_eq!(store.store().warnings(), Vec::<String>::new());
    let stored = store.store().snapshot().stored();
    assert_eq!(
        (stored.span_count, stored.log_count, stored.trace_count),
        (TRACE_COUNT * SPANS_EACH, TRACE_COUNT, TRACE_COUNT)
    );
    for (text, traces, logs) in [
        ("", &[5, 4, 3, 2, 1, 0][..], 6),
        ("http.route:/cart/{id}", &[5, 4, 3, 2, 1, 0], 0),
        ("request.id:request-2-3", &[2], 0),
        ("shared.by.two:pair-1", &[3, 2], 0),
        ("status:error \"card declined\"", &[3], 0),
        ("level:error", &[4], 1),
        ("settled", &[5, 4, 3, 2, 1, 0], 6),
        ("host.name:node-1 name:\"GET /cart/0\"", &[4, 1], 2),
        ("scope.kind:manual duration:>=4us", &[5, 4, 3, 2, 1, 0], 0),
    ] {
        assert_eq!(candidates(&store, text), (traces.to_vec(), logs), "{text}");
    }
    assert!(submit(&store, Batch::Logs(group_items(logs())), Some(DELIVERY)).known);
    let again = submit(&store, Batch::Spans(group_items(spans())), None);
    assert_eq!(again.stored, TRACE_COUNT * SPANS_EACH);
    store.stop().unwrap();
    let store = open(directory, StoreOptions::default()).unwrap();
    let stored = store.store().snapshot().stored();
    assert_eq!(stored.span_count, TRACE_COUNT * SPANS_EACH, "sent twice");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn check_fixture(name: &str) {
    let directory = tempfile::tempdir().unwrap();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/formats")
        .join(name);
    copy(&fixture, directory.path());
    check(directory.path());
}

#[test]
fn a_data_directory_of_version_1_is_read_and_gone_on_with() {
    check_fixture("data-1");
}

#[test]
fn a_data_directory_of_version_2_is_read_and_gone_on_with() {
    check_fixture("data-2");
}

#[test]
fn a_data_directory_written_today_is_read_and_gone_on_with() {
    let directory = tempfile::tempdir().unwrap();
    let out = std::env::var_os("SPANWALK_FIXTURE_OUT").map(PathBuf::from);
    write(out.as_deref().unwrap_or(directory.path()));
    if let Some(out) = out {
        copy(&out, directory.path());
    }
    check(directory.path());
}
