//! An OTLP/gRPC receiver that keeps what it gets, with the resource it came from.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::resource::v1::Resource;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

/// A test that waits longer has failed.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

type Attributes = BTreeMap<String, Value>;

fn attributes(list: Vec<KeyValue>) -> Attributes {
    list.into_iter()
        .filter_map(|it| Some((it.key, it.value?.value?)))
        .collect()
}

/// The text of an attribute, empty when there is none.
pub(crate) fn text<'a>(attributes: &'a Attributes, key: &str) -> &'a str {
    match attributes.get(key) {
        Some(Value::StringValue(text)) => text,
        _ => "",
    }
}

/// The number of an attribute; none when it is no whole number.
pub(crate) fn number(attributes: &Attributes, key: &str) -> Option<i64> {
    match attributes.get(key) {
        Some(Value::IntValue(number)) => Some(*number),
        _ => None,
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Span {
    pub(crate) resource: Arc<Attributes>,
    pub(crate) service: String,
    pub(crate) trace: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) parent: Vec<u8>,
    pub(crate) name: String,
    pub(crate) kind: i32,
    pub(crate) start_ns: u64,
    pub(crate) end_ns: u64,
    pub(crate) is_error: bool,
    pub(crate) attributes: Attributes,
}

#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) resource: Arc<Attributes>,
    pub(crate) service: String,
    pub(crate) trace: Vec<u8>,
    pub(crate) span: Vec<u8>,
    pub(crate) time_ns: u64,
    pub(crate) severity: String,
    pub(crate) body: String,
    pub(crate) attributes: Attributes,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) spans: Vec<Span>,
    pub(crate) records: Vec<Record>,
}

#[derive(Clone, Default)]
struct Shared(Arc<(Mutex<Seen>, Condvar)>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.0.0.lock().unwrap()
    }
}

pub(crate) struct Receiver {
    shared: Shared,
    endpoint: String,
    _runtime: tokio::runtime::Runtime,
}

impl Receiver {
    pub(crate) fn start() -> Self {
        let shared = Shared::default();
        let runtime = super::runtime();
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(
            tonic::transport::Server::builder()
                .add_service(TraceServiceServer::new(shared.clone()))
                .add_service(LogsServiceServer::new(shared.clone()))
                .serve_with_incoming(TcpListenerStream::new(listener)),
        );
        Self {
            shared,
            endpoint,
            _runtime: runtime,
        }
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn seen(&self) -> Seen {
        self.shared.lock().clone()
    }

    /// Waits until what came fulfils `found`, and gives what that found.
    pub(crate) fn wait<T>(&self, what: &str, found: impl Fn(&Seen) -> Option<T>) -> T {
        let (seen, _) = self
            .shared
            .0
            .1
            .wait_timeout_while(self.shared.lock(), PATIENCE, |seen| found(seen).is_none())
            .unwrap();
        let found = found(&seen);
        assert!(found.is_some(), "waited for {what}; records: {:#?}", {
            let bodies = seen.records.iter();
            bodies.map(|it| it.body.as_str()).collect::<Vec<_>>()
        });
        found.unwrap()
    }

    /// The process of the service that said last that it listens.
    pub(crate) fn pid(&self, service: &str) -> i64 {
        self.wait(service, |seen| {
            let mut newest_first = seen.records.iter().rev();
            let record = newest_first
                .find(|it| it.service == service && it.body.contains(" listens on "))?;
            number(&record.resource, "process.pid")
        })
    }
}

fn resource(resource: Option<Resource>) -> (Arc<Attributes>, String) {
    let attributes = attributes(resource.unwrap().attributes);
    let service = text(&attributes, "service.name").to_owned();
    (Arc::new(attributes), service)
}

#[tonic::async_trait]
impl TraceService for Shared {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let mut seen = self.lock();
        for of_resource in request.into_inner().resource_spans {
            let (resource, service) = resource(of_resource.resource);
            for span in of_resource.scope_spans.into_iter().flat_map(|it| it.spans) {
                seen.spans.push(Span {
                    resource: Arc::clone(&resource),
                    service: service.clone(),
                    trace: span.trace_id,
                    id: span.span_id,
                    parent: span.parent_span_id,
                    name: span.name,
                    kind: span.kind,
                    start_ns: span.start_time_unix_nano,
                    end_ns: span.end_time_unix_nano,
                    is_error: span.status.is_some_and(|it| it.code == 2),
                    attributes: attributes(span.attributes),
                });
            }
        }
        self.0.1.notify_all();
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tonic::async_trait]
impl LogsService for Shared {
    async fn export(
        &self,
        request: Request<ExportLogsServiceRequest>,
    ) -> Result<Response<ExportLogsServiceResponse>, Status> {
        let mut seen = self.lock();
        for of_resource in request.into_inner().resource_logs {
            let (resource, service) = resource(of_resource.resource);
            let scopes = of_resource.scope_logs.into_iter();
            for record in scopes.flat_map(|it| it.log_records) {
                let body = record.body.and_then(|it| it.value);
                seen.records.push(Record {
                    resource: Arc::clone(&resource),
                    service: service.clone(),
                    trace: record.trace_id,
                    span: record.span_id,
                    time_ns: record.time_unix_nano,
                    severity: record.severity_text,
                    body: match body {
                        Some(Value::StringValue(text)) => text,
                        _ => String::new(),
                    },
                    attributes: attributes(record.attributes),
                });
            }
        }
        self.0.1.notify_all();
        Ok(Response::new(ExportLogsServiceResponse::default()))
    }
}
