//! The way of data from a request's bytes to parts on disk, as the receivers drive it.

use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use spanwalk_collector::store::{Accepted, Ingest, IngestError, StoreOptions, open};
use spanwalk_collector::wal::{Entry, Signal};
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{Batch, UnixNanos};

use super::requests::{Request, Requests};
use super::usage;

/// Requests that wait for the disk at once, as of so many senders.
const SENDERS: usize = 32;
/// How long a sender that was refused waits.
const RETRY: Duration = Duration::from_millis(5);

/// What driving one file of requests through took.
pub(crate) struct Driven {
    pub(crate) item_count: u64,
    pub(crate) payload_bytes: u64,
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    pub(crate) by_thread: Vec<(String, Duration)>,
    pub(crate) peak_bytes: u64,
    pub(crate) refused_count: u64,
    /// From submitting to the answer, sorted.
    pub(crate) answered: Vec<Duration>,
}

/// Sends every request and stops the store, which flushes and compacts what is left.
pub(crate) fn drive(directory: &Path, requests: &Path) -> Driven {
    usage::reset_peak();
    let (cpu, began) = (usage::cpu(), Instant::now());
    let threads = usage::cpu_by_thread();
    let store = open(directory, StoreOptions::default()).expect("a data directory");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let mut driven = runtime.block_on(send_all(
        &store.ingest(),
        Requests::open(requests).expect("the requests"),
    ));
    let before_stop = usage::cpu_by_thread();
    let stop_cpu = usage::cpu();
    store.stop().expect("the last flush");
    driven.by_thread = before_stop
        .into_iter()
        .map(|(name, spent)| {
            let earlier = threads.get(&name).copied().unwrap_or_default();
            (name, spent.saturating_sub(earlier))
        })
        .collect();
    driven
        .by_thread
        .push(("flush at the end".to_owned(), usage::since(stop_cpu)));
    driven.cpu = usage::since(cpu);
    driven.wall = began.elapsed();
    driven.peak_bytes = usage::peak_bytes();
    driven
}

async fn send_all(ingest: &Ingest, requests: Requests) -> Driven {
    let mut driven = Driven {
        item_count: 0,
        payload_bytes: 0,
        cpu: Duration::ZERO,
        wall: Duration::ZERO,
        by_thread: Vec::new(),
        peak_bytes: 0,
        refused_count: 0,
        answered: Vec::new(),
    };
    let mut under_way = FuturesUnordered::new();
    let mut again = VecDeque::new();
    let mut requests = requests.fuse();
    loop {
        while under_way.len() < SENDERS {
            let Some(request) = again.pop_front().or_else(|| requests.next()) else {
                break;
            };
            under_way.push(send(ingest, request));
        }
        let Some((request, result, took)) = under_way.next().await else {
            break;
        };
        match result {
            Ok(accepted) => {
                assert_eq!(accepted.stored, u64::from(request.item_count), "stored");
                driven.item_count += accepted.stored;
                driven.payload_bytes += request.payload.len() as u64;
                driven.answered.push(took);
            }
            Err(error) if error.is_retryable() => {
                driven.refused_count += 1;
                again.push_back(request);
                tokio::time::sleep(RETRY).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
    driven.answered.sort_unstable();
    driven
}

async fn send(
    ingest: &Ingest,
    request: Request,
) -> (Request, Result<Accepted, IngestError>, Duration) {
    let began = Instant::now();
    let batch = decode(&request);
    let entry = Entry {
        signal: request.signal,
        received_ns: RECEIVED_NS,
        delivery: None,
        payload: request.payload.clone(),
    };
    let result = ingest.submit(entry, batch).await;
    (request, result, began.elapsed())
}

/// A moment after all of the workload.
const RECEIVED_NS: UnixNanos = 1_800_000_000_000_000_000;

/// The batch of a request.
pub(crate) fn decode(request: &Request) -> Batch {
    match request.signal {
        Signal::Spans => Batch::Spans(
            protobuf::decode_traces(&request.payload)
                .expect("OTLP")
                .groups,
        ),
        Signal::Logs => Batch::Logs(
            protobuf::decode_logs(&request.payload)
                .expect("OTLP")
                .groups,
        ),
    }
}
