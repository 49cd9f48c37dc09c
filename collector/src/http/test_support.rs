//! A collector's store with a few items in it, asked over the API's router without a socket;
//! and stores that misbehave.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use spanwalk_api::{ListenerStatus, PROBLEM_CONTENT_TYPE, Problem};
use spanwalk_model::batch::group_items;
use spanwalk_model::otlp::protobuf;
use spanwalk_model::{
    Batch, LogRecord, Resource, Scope, Scoped, Severity, Span, SpanId, StatusCode as SpanStatus,
    TraceId,
};
use tempfile::TempDir;
use tower::ServiceExt;

use super::{About, ApiState, CollectorCounters, router};
use crate::admission::Access;
use crate::engine::Engine;
use crate::store::{OpenStore, Retained, Snapshot, Store, StoreOptions, open};
use crate::wal::{Entry, Signal};

/// A store and the API over it.
pub(super) struct World {
    pub(super) router: Router,
    store: OpenStore,
    directory: TempDir,
}

impl World {
    /// An empty store.
    pub(super) fn new() -> Self {
        Self::over(tempfile::tempdir().unwrap())
    }

    /// The same data after a stop, which flushes, and a start.
    pub(super) fn restarted(self) -> Self {
        self.store.stop().unwrap();
        Self::over(self.directory)
    }

    fn over(directory: TempDir) -> Self {
        let store = open(directory.path(), StoreOptions::default()).unwrap();
        let counters = CollectorCounters {
            received: [("spans".to_owned(), 7)].into(),
            warnings: vec!["a listener could not be bound".to_owned()],
            ..CollectorCounters::default()
        };
        Self {
            router: router(ApiState {
                engine: Engine::new(store.store()),
                about: about(Duration::from_mins(1)),
                access: Access::open(),
                status: Arc::new(move || counters.clone()),
            }),
            store,
            directory,
        }
    }

    /// A store with [`checkout`] in it.
    pub(super) async fn with_checkout() -> Self {
        let world = Self::new();
        let (spans, logs) = checkout();
        world.put_spans(spans).await;
        world.put_logs(logs).await;
        world
    }

    pub(super) async fn put_spans(&self, spans: Vec<Scoped<Span>>) {
        let groups = group_items(spans);
        let payload = protobuf::encode_traces(&groups);
        self.put(Signal::Spans, payload, Batch::Spans(groups)).await;
    }

    pub(super) async fn put_logs(&self, logs: Vec<Scoped<LogRecord>>) {
        let groups = group_items(logs);
        let payload = protobuf::encode_logs(&groups);
        self.put(Signal::Logs, payload, Batch::Logs(groups)).await;
    }

    async fn put(&self, signal: Signal, payload: Vec<u8>, batch: Batch) {
        let entry = Entry {
            signal,
            received_ns: 1,
            delivery: None,
            payload: payload.into(),
        };
        self.store.ingest().submit(entry, batch).await.unwrap();
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        ask(&self.router, path, &[]).await
    }
}

fn about(query_timeout: Duration) -> About {
    About {
        data_dir: PathBuf::from("/data/spanwalk"),
        started_ns: 42,
        query_timeout,
        listeners: vec![ListenerStatus {
            name: "api".to_owned(),
            address: "127.0.0.1:4320".to_owned(),
            problem: String::new(),
        }],
    }
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The value of a header; empty where it is missing.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The body of a success, as JSON.
    pub(super) fn json<T: DeserializeOwned>(&self) -> T {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, StatusCode::OK, "{text}");
        assert_eq!(self.header("content-type"), "application/json");
        assert_eq!(self.header("cache-control"), "no-store");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The body of a failure, as a problem document.
    pub(super) fn problem(&self) -> Problem {
        assert_eq!(self.header("content-type"), PROBLEM_CONTENT_TYPE);
        assert_eq!(self.header("cache-control"), "no-store");
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        assert!(problem.kind.starts_with("spanwalk:") && !problem.title.is_empty());
        problem
    }
}

/// A request such as the client sends, with more headers.
pub(super) async fn ask(router: &Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    ask_by(router, "GET", path, headers).await
}

pub(super) async fn ask_by(
    router: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::HOST, "127.0.0.1:4320");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes(),
    }
}

pub(super) const CHECKOUT: &str = "0000000000000000000000000000000a";

/// The moment at which [`checkout`] begins.
pub(super) const START: u64 = 1_700_000_000_000_000_000;

/// A call from the gateway to orders that fails there, and what they wrote of it.
pub(super) fn checkout() -> (Vec<Scoped<Span>>, Vec<Scoped<LogRecord>>) {
    let mut failing = span(10, 2, Some(1), START + 10, START + 90);
    failing.status.code = SpanStatus::Error;
    let spans = vec![
        scoped("gateway", span(10, 1, None, START, START + 100)),
        scoped("orders", failing),
        scoped("gateway", span(10, 3, Some(1), START + 92, START + 95)),
    ];
    let logs = vec![
        scoped("orders", log(10, 2, START + 50, 17, "card declined")),
        scoped("gateway", log(10, 1, START + 5, 9, "checkout")),
    ];
    (spans, logs)
}

pub(super) fn span(trace: u128, id: u64, parent: Option<u64>, start_ns: u64, end_ns: u64) -> Span {
    let trace_id = TraceId::from_u128(trace).unwrap();
    let mut span = Span::new(trace_id, SpanId::from_u64(id).unwrap());
    span.name = format!("op {id}");
    span.parent_span_id = parent.and_then(SpanId::from_u64);
    (span.start_ns, span.end_ns) = (start_ns, end_ns);
    span
}

pub(super) fn log(trace: u128, span: u64, time_ns: u64, severity: i32, body: &str) -> LogRecord {
    LogRecord {
        trace_id: TraceId::from_u128(trace),
        span_id: SpanId::from_u64(span),
        time_ns,
        severity: Severity(severity),
        body: Some(body.into()),
        ..LogRecord::default()
    }
}

pub(super) fn scoped<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

/// A store that does what it is told when it is asked.
pub(super) struct Told(Box<dyn Fn() -> Arc<dyn Snapshot> + Send + Sync>);

impl Told {
    pub(super) fn new(act: impl Fn() -> Arc<dyn Snapshot> + Send + Sync + 'static) -> Self {
        Self(Box::new(act))
    }

    /// The API over a store that does this, without haste.
    pub(super) fn router(act: impl Fn() -> Arc<dyn Snapshot> + Send + Sync + 'static) -> Router {
        Self::router_for(Duration::from_mins(1), act)
    }

    /// The API over a store that does this, in this time.
    pub(super) fn router_for(
        query_timeout: Duration,
        act: impl Fn() -> Arc<dyn Snapshot> + Send + Sync + 'static,
    ) -> Router {
        router(Self::new(act).state(query_timeout))
    }

    pub(super) fn state(self, query_timeout: Duration) -> ApiState {
        ApiState {
            engine: Engine::new(Arc::new(self)),
            about: about(query_timeout),
            access: Access::open(),
            status: Arc::new(CollectorCounters::default),
        }
    }
}

impl Store for Told {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        (self.0)()
    }

    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    fn retained(&self) -> Retained {
        Retained::default()
    }
}
