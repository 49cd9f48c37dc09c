//! The whole query language over a real store, against the oracle: items with every kind of
//! value, unknown moments, traces and their records spread over parts and the tail.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use spanwalk_model::Batch;
use spanwalk_model::batch::scoped_items;
use spanwalk_model::otlp::protobuf;
use spanwalk_query::{Query, parse};

use super::Engine;
use super::oracle::{Oracle, RECEIVED_NS};
use super::random::{START, Step, bounds, query_text, steps};
use crate::clock::Deadline;
use crate::store::{OpenStore, StoreOptions, open};
use crate::wal::{Entry, Signal};

fn open_store(directory: &Path) -> OpenStore {
    let options = StoreOptions {
        flush_age: Duration::from_hours(1),
        ..StoreOptions::default()
    };
    open(directory, options).unwrap()
}

fn submit(runtime: &tokio::runtime::Runtime, store: &OpenStore, batch: Batch) {
    let (signal, payload) = match &batch {
        Batch::Spans(groups) => (Signal::Spans, protobuf::encode_traces(groups)),
        Batch::Logs(groups) => (Signal::Logs, protobuf::encode_logs(groups)),
    };
    let entry = Entry {
        signal,
        received_ns: RECEIVED_NS,
        delivery: None,
        payload: payload.into(),
    };
    runtime
        .block_on(store.ingest().submit(entry, batch))
        .unwrap();
}

fn add(oracle: &mut Oracle, batch: &Batch) {
    match batch {
        Batch::Spans(groups) => scoped_items(groups.clone()).for_each(|span| oracle.add_span(span)),
        Batch::Logs(groups) => scoped_items(groups.clone()).for_each(|log| oracle.add_log(log)),
    }
}

fn check(engine: &Engine, oracle: &Oracle, text: &str, query: &Query, limit: usize) {
    let mut traces = Vec::new();
    let mut cursor = None;
    loop {
        let page = engine
            .search(query, limit, cursor, Deadline::NEVER)
            .unwrap();
        traces.extend(page.hits.iter().map(|hit| hit.trace_id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
        assert_eq!(
            page.hits.len(),
            limit,
            "{text}: a page before the last is full"
        );
    }
    assert_eq!(traces, oracle.search(query), "traces of {text}");
    let mut logs = Vec::new();
    let mut cursor = None;
    loop {
        let page = engine.logs(query, limit, cursor, Deadline::NEVER).unwrap();
        logs.extend(page.logs);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(logs, oracle.logs(query), "log records of {text}");
}

fn run(steps: Vec<Step>, texts: &[(String, String)], limit: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let mut store = open_store(directory.path());
    let mut oracle = Oracle::default();
    for step in steps {
        match step {
            Step::Take(batch) => {
                add(&mut oracle, &batch);
                submit(&runtime, &store, batch);
            }
            Step::Restart => {
                store.stop().unwrap();
                store = open_store(directory.path());
            }
        }
    }
    let engine = Engine::new(store.store());
    for (text, bounds) in texts {
        let whole = format!("{text}{bounds}");
        // Some bounds leave no time.
        if let Ok(query) = parse(&whole, START) {
            check(&engine, &oracle, &whole, &query, limit);
        }
    }
    drop(engine);
    if let Some((text, _)) = texts.first() {
        check_across_restarts(directory.path(), store, &oracle, text);
    }
}

/// The pages of log records are the same where the store flushes or merges between two of them.
fn check_across_restarts(directory: &Path, mut store: OpenStore, oracle: &Oracle, text: &str) {
    let query = parse(text, START).unwrap();
    let mut found = Vec::new();
    let mut cursor = None;
    for page_number in 0.. {
        if (1..3).contains(&page_number) {
            store.stop().unwrap();
            store = open_store(directory);
        }
        let page = Engine::new(store.store())
            .logs(&query, 3, cursor, Deadline::NEVER)
            .unwrap();
        found.extend(page.logs);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, oracle.logs(&query), "log records of {text}");
    store.stop().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn every_query_gives_what_looking_at_everything_gives(
        steps in steps(),
        texts in prop::collection::vec((query_text(), bounds()), 40),
        limit in 1usize..6,
    ) {
        run(steps, &texts, limit);
    }
}
