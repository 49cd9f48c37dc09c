//! The engine over a real store in a directory, against the oracle: random batches, flushes,
//! crashes, redeliveries and queries.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use spanwalk_model::batch::{group_items, scoped_items};
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{
    Batch, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, StatusCode, TraceId,
};
use spanwalk_query::parse;

use super::oracle::{Oracle, RECEIVED_NS};
use super::*;
use crate::clock::Deadline;
use crate::store::{OpenStore, StoreOptions, open};
use crate::wal::{DeliveryId, Entry, Signal};

/// A store that flushes when told to and at every stop.
fn open_store(directory: &Path, flush_items: usize) -> OpenStore {
    open(
        directory,
        StoreOptions {
            window_ns: 100,
            flush_items,
            flush_bytes: 1 << 20,
            flush_age: Duration::from_hours(1),
            ..StoreOptions::default()
        },
    )
    .unwrap()
}

fn scoped<T>(service: u64, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push(
        "service.name",
        ["cart", "orders", "mail"][usize::try_from(service % 3).unwrap()],
    );
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

type SpanSeed = (u64, u64, u64, u64, bool);

fn span((trace, id, start_ns, length, fails): SpanSeed) -> Scoped<Span> {
    let mut span = Span::new(
        TraceId::from_u128(u128::from(trace) + 1).unwrap(),
        SpanId::from_u64(id + 1).unwrap(),
    );
    span.name = format!("op {}", id % 4);
    span.start_ns = start_ns;
    span.end_ns = start_ns + length;
    span.attributes.push("http.route", format!("/r{}", id % 3));
    if fails {
        span.status.code = StatusCode::Error;
        span.status.message = "pool exhausted".to_owned();
    }
    scoped(trace + id, span)
}

type LogSeed = (u64, u64, u64, i32);

fn log((trace, span, time_ns, severity): LogSeed) -> Scoped<LogRecord> {
    let record = LogRecord {
        trace_id: TraceId::from_u128(u128::from(trace)),
        span_id: SpanId::from_u64(span),
        time_ns,
        severity: Severity(severity),
        body: Some(
            ["card declined", "all well", "pool exhausted"][usize::try_from(time_ns % 3).unwrap()]
                .into(),
        ),
        ..LogRecord::default()
    };
    scoped(trace, record)
}

#[derive(Debug, Clone)]
enum Step {
    Spans(Vec<SpanSeed>),
    Logs(Vec<LogSeed>),
    /// Logs under a delivery id, sent twice.
    Delivered(u128, Vec<LogSeed>),
    /// A clean stop, which flushes, and a start.
    Restart,
    /// The process ends without a stop, and another starts.
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let span = (0_u64..12, 0_u64..30, 0_u64..400, 0_u64..60, any::<bool>());
    let log = || (0_u64..13, 0_u64..31, 0_u64..400, 1..24);
    let step = prop_oneof![
        4 => prop::collection::vec(span, 1..12).prop_map(Step::Spans),
        3 => prop::collection::vec(log(), 1..12).prop_map(Step::Logs),
        1 => (0_u128..3, prop::collection::vec(log(), 1..6))
            .prop_map(|(id, logs)| Step::Delivered(id, logs)),
        2 => Just(Step::Restart),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..14)
}

const QUERIES: [&str; 14] = [
    "",
    "service:cart",
    "service:cart status:error",
    "status:error http.route:/r1",
    "\"card declined\"",
    "pool",
    "service:orders declined",
    "level:error",
    "duration:>30ns service:mail",
    "name:\"op 2\" OR level:warn",
    "-service:cart",
    "service:cart -status:error duration:<20ns",
    "has:http.route level:>=error",
    "service:cart service:orders",
];

async fn submit(store: &OpenStore, batch: Batch, delivery: Option<DeliveryId>) -> bool {
    let (signal, payload) = match &batch {
        Batch::Spans(groups) => (Signal::Spans, protobuf::encode_traces(groups)),
        Batch::Logs(groups) => (Signal::Logs, protobuf::encode_logs(groups)),
    };
    let entry = Entry {
        signal,
        received_ns: RECEIVED_NS,
        delivery,
        payload: payload.into(),
    };
    store.ingest().submit(entry, batch).await.unwrap().known
}

fn check(store: &OpenStore, oracle: &Oracle) {
    let engine = Engine::new(store.store());
    let stored = engine.stored();
    assert_eq!(
        (stored.trace_count, stored.span_count, stored.log_count),
        oracle.totals()
    );
    for id in oracle.ids() {
        let items = engine.trace(id).unwrap().unwrap();
        assert_eq!((items.spans.len(), items.logs.len()), oracle.counts_of(id));
    }
    for text in QUERIES {
        let query = parse(text, 1_000).unwrap();
        assert_eq!(all_traces(&engine, &query), oracle.search(&query), "{text}");
        assert_eq!(
            all_logs(&engine, &query),
            oracle.log_moments(&query),
            "{text}"
        );
    }
}

/// Every match, page by page.
fn all_traces(engine: &Engine, query: &spanwalk_query::Query) -> Vec<TraceId> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = engine.search(query, 3, cursor, Deadline::NEVER).unwrap();
        found.extend(page.hits.iter().map(|hit| hit.trace_id));
        assert!(page.facts.matched >= page.hits.len() as u64);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

fn all_logs(engine: &Engine, query: &spanwalk_query::Query) -> Vec<u64> {
    let mut found = Vec::new();
    let mut cursor = None;
    loop {
        let page = engine.logs(query, 4, cursor, Deadline::NEVER).unwrap();
        found.extend(page.logs.iter().map(|log| log.item.moment_ns()));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return found,
        }
    }
}

async fn run(steps: Vec<Step>, flush_items: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mut store = open_store(directory.path(), flush_items);
    let mut oracle = Oracle::default();
    let mut delivered = std::collections::HashSet::new();
    for step in steps {
        match step {
            Step::Spans(seeds) => {
                let groups = group_items(seeds.into_iter().map(span));
                for span in scoped_items(groups.clone()) {
                    oracle.add_span(span);
                }
                submit(&store, Batch::Spans(groups), None).await;
            }
            Step::Logs(seeds) => {
                let groups = group_items(seeds.into_iter().map(log));
                for log in scoped_items(groups.clone()) {
                    oracle.add_log(log);
                }
                submit(&store, Batch::Logs(groups), None).await;
            }
            Step::Delivered(id, seeds) => {
                let groups = group_items(seeds.into_iter().map(log));
                let is_new = delivered.insert(id);
                if is_new {
                    for log in scoped_items(groups.clone()) {
                        oracle.add_log(log);
                    }
                }
                let delivery = Some(DeliveryId(id));
                let known = submit(&store, Batch::Logs(groups.clone()), delivery).await;
                assert_eq!(known, !is_new);
                assert!(submit(&store, Batch::Logs(groups), delivery).await);
            }
            Step::Restart => {
                store.stop().unwrap();
                store = open_store(directory.path(), flush_items);
            }
            Step::Crash => store = crash(store, directory.path(), flush_items),
        }
    }
    // Spans that came again after a flush are counted when they are flushed themselves.
    store.stop().unwrap();
    let store = open_store(directory.path(), flush_items);
    check(&store, &oracle);
}

/// A copy of the directory as it stands is what a killed process leaves.
fn crash(store: OpenStore, directory: &Path, flush_items: usize) -> OpenStore {
    let copy = tempfile::tempdir().unwrap();
    copy_all(directory, copy.path());
    drop(store);
    std::fs::remove_dir_all(directory).unwrap();
    copy_all(copy.path(), directory);
    open_store(directory, flush_items)
}

fn copy_all(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_all(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn block_on(future: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn answers_are_those_of_somebody_who_looks_at_everything(steps in steps()) {
        block_on(run(steps, 1_000_000));
    }
}

#[test]
fn what_is_in_the_tail_and_what_is_in_parts_is_one() {
    block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let store = open_store(directory.path(), 1_000_000);
        let mut oracle = Oracle::default();
        let seeds: Vec<SpanSeed> = (0..40)
            .map(|n| (n % 5, n, n * 7, n % 50, n % 3 == 0))
            .collect();
        let (early, late) = seeds.split_at(20);
        for span in seeds.iter().copied().map(span) {
            oracle.add_span(span);
        }
        let groups = group_items(early.iter().copied().map(span));
        submit(&store, Batch::Spans(groups), None).await;
        store.stop().unwrap();
        let store = open_store(directory.path(), 1_000_000);
        let groups = group_items(late.iter().copied().map(span));
        submit(&store, Batch::Spans(groups), None).await;
        check(&store, &oracle);
    });
}

#[test]
fn many_small_parts_become_few() {
    block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let mut oracle = Oracle::default();
        for round in 0..12_u64 {
            let store = open_store(directory.path(), 1_000_000);
            let seed = (round % 3, round, round, 5, false);
            oracle.add_span(span(seed));
            submit(&store, Batch::Spans(group_items([span(seed)])), None).await;
            store.stop().unwrap();
        }
        let parts = std::fs::read_dir(directory.path().join("parts"))
            .unwrap()
            .count();
        assert!(parts < 8, "{parts}");
        check(&open_store(directory.path(), 1_000_000), &oracle);
    });
}

#[test]
fn a_deadline_that_has_passed_stops_the_search_and_is_told() {
    block_on(async {
        let directory = tempfile::tempdir().unwrap();
        let store = open_store(directory.path(), 1_000_000);
        let groups = group_items([span((1, 1, 1, 1, false))]);
        submit(&store, Batch::Spans(groups), None).await;
        let engine = Engine::new(store.store());
        let query = parse("service:mail", 0).unwrap();
        let answer = engine
            .search(&query, 5, None, Deadline::after(Duration::ZERO))
            .unwrap();
        assert!(answer.facts.timed_out && answer.facts.is_lower_bound);
    });
}
