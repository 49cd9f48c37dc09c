//! The exporter against collectors that are well, away, busy, hanging and lying.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::http::{HeaderMap, StatusCode};
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use opentelemetry::logs::{LogRecord, Logger, LoggerProvider};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLoggerProvider};
use prost::Message;

use super::{Exporter, start};
use crate::config::Config;
use crate::loss::{Counts, Loss};

/// Longer than any test may take: who waits that long waits for an event that never comes.
const LONG: Duration = Duration::from_mins(1);

/// How the collector answers a request.
enum Answer {
    Say(StatusCode, &'static [(&'static str, &'static str)], Vec<u8>),
    Hang,
}

struct Seen {
    path: String,
    headers: HeaderMap,
    body: Bytes,
}

#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    seen: SyncSender<Seen>,
}

/// A collector over HTTP that answers by a script, and takes everything after it.
struct Collector {
    address: SocketAddr,
    seen: Receiver<Seen>,
    _runtime: tokio::runtime::Runtime,
}

impl Collector {
    fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap(), answers)
    }

    fn start_at(address: SocketAddr, answers: impl IntoIterator<Item = Answer>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind(address))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, seen) = sync_channel(10_000);
        let script = Script {
            answers: Arc::new(Mutex::new(answers.into_iter().collect())),
            seen: sender,
        };
        let router = axum::Router::new().fallback(answer).with_state(script);
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self {
            address,
            seen,
            _runtime: runtime,
        }
    }

    fn next(&self) -> Seen {
        self.seen.recv_timeout(LONG).unwrap()
    }

    /// The bodies of the records of the requests that are taken until `count` have come.
    fn texts(&self, count: usize) -> Vec<String> {
        let mut texts = Vec::new();
        while texts.len() < count {
            texts.extend(texts_of(&self.next()));
        }
        texts
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let answer = script.answers.lock().unwrap().pop_front();
    let seen = Seen {
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body,
    };
    script.seen.send(seen).unwrap();
    match answer {
        None => StatusCode::OK.into_response(),
        Some(Answer::Say(status, headers, body)) => {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = status;
            for (name, value) in headers {
                response.headers_mut().insert(*name, value.parse().unwrap());
            }
            response
        }
        Some(Answer::Hang) => std::future::pending().await,
    }
}

fn texts_of(seen: &Seen) -> Vec<String> {
    let request = ExportLogsServiceRequest::decode(seen.body.clone()).unwrap();
    let scopes = request
        .resource_logs
        .into_iter()
        .flat_map(|it| it.scope_logs);
    let bodies = scopes
        .flat_map(|it| it.log_records)
        .map(|it| it.body.unwrap().value.unwrap());
    bodies
        .map(|it| match it {
            Value::StringValue(text) => text,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn exporter(address: SocketAddr, settings: &[(&str, &str)]) -> Exporter {
    let mut code = BTreeMap::from([
        (
            "OTEL_EXPORTER_OTLP_PROTOCOL".to_owned(),
            "http/protobuf".to_owned(),
        ),
        (
            "OTEL_EXPORTER_OTLP_ENDPOINT".to_owned(),
            format!("http://{address}"),
        ),
        ("OTEL_BLRP_SCHEDULE_DELAY".to_owned(), "0".to_owned()),
    ]);
    code.extend(
        settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let config = Config::read(&|_| None, &code).unwrap();
    let exporter = Exporter::new(&config.traces, &config.logs);
    let resource = Resource::builder_empty()
        .with_service_name("orders")
        .build();
    start(&exporter, &config, &resource, None).unwrap();
    exporter
}

fn record(text: String) -> SdkLogRecord {
    let mut record = SdkLoggerProvider::builder()
        .build()
        .logger("test")
        .create_log_record();
    record.set_body(text.into());
    record
}

fn write(exporter: &Exporter, numbers: std::ops::Range<u32>) -> Vec<String> {
    let texts: Vec<_> = numbers.map(|it| it.to_string()).collect();
    for text in &texts {
        exporter.records.push(record(text.clone()));
    }
    texts
}

/// Waits until the counts are as wished; what changes them tells nobody.
fn wait_for(exporter: &Exporter, wished: impl Fn(&Counts) -> bool) -> Counts {
    let begin = Instant::now();
    loop {
        let counts = exporter.records.counts();
        if wished(&counts) {
            return counts;
        }
        assert!(begin.elapsed() < LONG, "{counts:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn status(code: u16) -> Answer {
    Answer::Say(StatusCode::from_u16(code).unwrap(), &[], Vec::new())
}

#[test]
fn requests_have_the_headers_and_the_compression_that_were_asked_for() {
    let collector = Collector::start([]);
    let exporter = exporter(
        collector.address,
        &[
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x"),
        ],
    );
    write(&exporter, 0..1);
    let seen = collector.next();
    assert_eq!(seen.path, "/v1/logs");
    assert_eq!(seen.headers["authorization"], "Bearer x");
    assert_eq!(seen.headers["content-type"], "application/x-protobuf");
    assert_eq!(seen.headers["content-encoding"], "gzip");
    let agent = seen.headers["user-agent"].to_str().unwrap();
    assert!(agent.starts_with("OTel-OTLP-Exporter-Rust/"), "{agent}");
    let mut plain = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(seen.body.as_ref());
    std::io::Read::read_to_end(&mut decoder, &mut plain).unwrap();
    assert!(ExportLogsServiceRequest::decode(plain.as_slice()).is_ok());
}

#[test]
fn what_is_worth_another_attempt_gets_one_and_nothing_is_lost() {
    let collector = Collector::start([status(429), status(502), status(503), status(504)]);
    let exporter = exporter(collector.address, &[]);
    let texts = write(&exporter, 0..1);
    for _ in 0..5 {
        assert_eq!(texts_of(&collector.next()), texts);
    }
    let counts = wait_for(&exporter, |it| it.waiting() == 0);
    assert_eq!((counts.sent, counts.dropped), (1, 0));
}

#[test]
fn a_refusal_is_final_and_counted() {
    for code in [400, 401, 404, 413, 500, 302] {
        let collector = Collector::start([status(code)]);
        let exporter = exporter(collector.address, &[]);
        write(&exporter, 0..1);
        let counts = wait_for(&exporter, |it| it.waiting() == 0);
        assert_eq!(
            (counts.sent, counts.dropped_for(Loss::Refused)),
            (0, 1),
            "{code}"
        );
    }
}

#[test]
fn a_partial_success_is_final_and_its_rejected_items_are_counted() {
    for (rejected, counted) in [(2, 2), (-5, 0), (i64::MAX, 3)] {
        let answer = ExportLogsServiceResponse {
            partial_success: Some(ExportLogsPartialSuccess {
                rejected_log_records: rejected,
                error_message: String::new(),
            }),
        };
        let answer = Answer::Say(StatusCode::OK, &[], answer.encode_to_vec());
        let collector = Collector::start([answer]);
        // The batch waits for all three.
        let settings = [
            ("OTEL_BLRP_SCHEDULE_DELAY", "60000"),
            ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "3"),
        ];
        let exporter = exporter(collector.address, &settings);
        write(&exporter, 0..3);
        let counts = wait_for(&exporter, |it| it.waiting() == 0);
        assert_eq!(
            (counts.sent, counts.dropped_for(Loss::Rejected)),
            (3 - counted, counted)
        );
    }
}

#[test]
fn an_answer_without_an_end_is_not_read_to_its_end() {
    let collector = Collector::start([
        Answer::Say(StatusCode::OK, &[], vec![0; super::ANSWER_BYTES_MAX + 1]),
        Answer::Say(StatusCode::OK, &[], b"no protobuf \xff\xff".to_vec()),
    ]);
    let exporter = exporter(collector.address, &[]);
    write(&exporter, 0..1);
    let counts = wait_for(&exporter, |it| it.waiting() == 0);
    assert_eq!((counts.sent, counts.dropped_for(Loss::Answer)), (0, 1));
    write(&exporter, 1..2);
    let counts = wait_for(&exporter, |it| it.waiting() == 0);
    assert_eq!(counts.sent, 1, "a yes is a yes, whatever stands in it");
}

#[test]
fn a_collector_that_asks_to_be_left_alone_is() {
    let busy = || {
        Answer::Say(
            StatusCode::SERVICE_UNAVAILABLE,
            &[("retry-after", "99999999999")],
            vec![],
        )
    };
    let collector = Collector::start([busy()]);
    let exporter = exporter(collector.address, &[]);
    write(&exporter, 0..1);
    collector.next();
    wait_for(&exporter, |it| it.waiting() == 1);
    // A flush does not disturb it, the end of the process does, once.
    assert!(!exporter.flush(Duration::from_millis(100)));
    assert!(collector.seen.try_recv().is_err());
    assert!(exporter.stop(LONG));
    assert_eq!(collector.texts(1), ["0"]);
}

#[test]
fn a_collector_that_hangs_costs_no_more_than_was_allowed() {
    let collector = Collector::start((0..100).map(|_| Answer::Hang));
    let settings = [
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "10"),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "5"),
    ];
    let exporter = exporter(collector.address, &settings);
    write(&exporter, 0..1);
    collector.next();
    // One request is on its way, ten items wait, all others are counted; nobody was blocked.
    write(&exporter, 1..100);
    let counts = exporter.records.counts();
    assert_eq!(
        (counts.made, counts.dropped_for(Loss::QueueFull)),
        (100, 89)
    );
    // The end takes no longer than was said, and leaves nothing uncounted.
    assert!(exporter.stop(Duration::from_secs(2)));
    let counts = exporter.records.counts();
    assert_eq!((counts.waiting(), counts.dropped_for(Loss::Ended)), (0, 11));
}

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

#[test]
fn a_collector_that_comes_back_gets_everything_in_order() {
    let address = nobody();
    let exporter = exporter(address, &[]);
    let texts = write(&exporter, 0..2000);
    assert!(exporter.flush(LONG), "an attempt was made");
    assert_eq!(exporter.records.counts().sent, 0);
    let collector = Collector::start_at(address, []);
    assert_eq!(collector.texts(2000), texts);
    let counts = wait_for(&exporter, |it| it.waiting() == 0);
    assert_eq!((counts.sent, counts.dropped), (2000, 0));
}

fn spooled(directory: &Path, bytes: &'static str) -> [(&'static str, String); 4] {
    [
        ("SPANWALK_SPOOL_DIR", directory.display().to_string()),
        ("SPANWALK_SPOOL_BYTES", bytes.to_owned()),
        ("OTEL_BLRP_MAX_QUEUE_SIZE", "100".to_owned()),
        ("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "10".to_owned()),
    ]
}

fn with_spool(address: SocketAddr, directory: &Path, bytes: &'static str) -> Exporter {
    let settings = spooled(directory, bytes);
    let settings: Vec<_> = settings
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    exporter(address, &settings)
}

#[test]
fn an_outage_that_is_longer_than_memory_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let address = nobody();
    let exporter = with_spool(address, directory.path(), "10000000");
    let mut texts = Vec::new();
    // Twenty times what memory holds, as fast as the disk takes it.
    for begin in (0..2000).step_by(40) {
        texts.extend(write(&exporter, begin..begin + 40));
        wait_for(&exporter, |it| it.waiting() - it.spooled <= 60);
    }
    assert!(exporter.records.counts().spooled > 1000);
    let collector = Collector::start_at(address, []);
    assert_eq!(collector.texts(2000), texts, "all of it, oldest first");
    let counts = wait_for(&exporter, |it| it.waiting() == 0);
    assert_eq!((counts.sent, counts.dropped, counts.spooled), (2000, 0, 0));
}

#[test]
fn what_one_process_could_not_send_the_next_one_does() {
    let directory = tempfile::tempdir().unwrap();
    let address = nobody();
    let first = with_spool(address, directory.path(), "10000000");
    let mut texts = write(&first, 0..30);
    assert!(first.stop(LONG));
    let counts = first.records.counts();
    assert_eq!(
        (counts.waiting(), counts.spooled, counts.dropped),
        (30, 30, 0)
    );
    let collector = Collector::start_at(address, []);
    // Its thread gives up the lock as the last thing.
    let lock = std::fs::File::create(directory.path().join("slot-00/lock")).unwrap();
    lock.lock().unwrap();
    drop(lock);
    let next = with_spool(address, directory.path(), "10000000");
    texts.extend(write(&next, 30..40));
    assert_eq!(collector.texts(40), texts);
    let counts = wait_for(&next, |it| it.waiting() == 0);
    assert_eq!((counts.made, counts.restored, counts.sent), (10, 30, 40));
}

#[test]
fn a_full_disk_share_is_counted_and_stays_within_its_bounds() {
    let directory = tempfile::tempdir().unwrap();
    let exporter = with_spool(nobody(), directory.path(), "4000");
    for begin in (0..1000).step_by(40) {
        write(&exporter, begin..begin + 40);
    }
    assert!(exporter.stop(LONG));
    let counts = exporter.records.counts();
    assert_eq!(counts.made, 1000);
    assert_eq!(counts.waiting(), counts.spooled);
    assert!(counts.spooled > 0 && counts.dropped > 0, "{counts:?}");
    let logs = directory.path().join("slot-00/logs");
    let bytes: u64 = std::fs::read_dir(logs)
        .unwrap()
        .map(|it| it.unwrap().metadata().unwrap().len())
        .sum();
    assert!(bytes <= 2000, "{bytes}");
}
