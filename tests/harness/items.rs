//! Spans and log records to send, in a few words each.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span, Status};

/// A span to send.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Its trace.
    pub trace: [u8; 16],
    /// Its id.
    pub span: [u8; 8],
    /// The span that it stands in; `None` for a root.
    pub parent: Option<[u8; 8]>,
    /// Its name.
    pub name: String,
    /// Nanoseconds since the epoch.
    pub start_ns: u64,
    /// Nanoseconds.
    pub duration_ns: u64,
    /// Whether it failed, and what its status says.
    pub error: Option<String>,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
}

/// How bad a log record is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Level {
    /// Worth a note.
    #[default]
    Info,
    /// Something failed.
    Error,
}

/// A log record to send.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Its trace.
    pub trace: [u8; 16],
    /// Its span.
    pub span: [u8; 8],
    /// Nanoseconds since the epoch.
    pub time_ns: u64,
    /// How bad it is.
    pub level: Level,
    /// What it says.
    pub body: String,
    /// Its attributes.
    pub attributes: Vec<(String, String)>,
}

/// A request with spans of one service.
pub fn spans_request(service: &str, steps: &[Step]) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource(service)),
            scope_spans: vec![ScopeSpans {
                spans: steps.iter().map(span).collect(),
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

/// A request with log records of one service.
pub fn logs_request(service: &str, records: &[Record]) -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource(service)),
            scope_logs: vec![ScopeLogs {
                log_records: records.iter().map(log_record).collect(),
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    }
}

/// The present, nanoseconds since the epoch.
///
/// # Panics
/// Where the clock stands before the epoch.
pub fn now_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock after 1970");
    u64::try_from(since.as_nanos()).expect("a clock before 2554")
}

/// An id that no other test has.
pub fn new_trace_id() -> [u8; 16] {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&(u64::from(std::process::id()) << 32 | 0x7e57).to_be_bytes());
    id[8..].copy_from_slice(&next().to_be_bytes());
    id
}

/// An id that no other span of this run has.
pub fn new_span_id() -> [u8; 8] {
    next().to_be_bytes()
}

fn next() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn resource(service: &str) -> Resource {
    Resource {
        attributes: vec![key_value("service.name", service)],
        ..Resource::default()
    }
}

fn span(step: &Step) -> Span {
    Span {
        trace_id: step.trace.to_vec(),
        span_id: step.span.to_vec(),
        parent_span_id: step.parent.map(|id| id.to_vec()).unwrap_or_default(),
        name: step.name.clone(),
        kind: 2,
        start_time_unix_nano: step.start_ns,
        end_time_unix_nano: step.start_ns.saturating_add(step.duration_ns),
        attributes: key_values(&step.attributes),
        status: step
            .error
            .clone()
            .map(|message| Status { message, code: 2 }),
        ..Span::default()
    }
}

fn log_record(record: &Record) -> LogRecord {
    let (severity_number, severity_text) = match record.level {
        Level::Info => (9, "INFO"),
        Level::Error => (17, "ERROR"),
    };
    LogRecord {
        time_unix_nano: record.time_ns,
        observed_time_unix_nano: record.time_ns,
        severity_number,
        severity_text: severity_text.to_owned(),
        body: Some(string(&record.body)),
        attributes: key_values(&record.attributes),
        trace_id: record.trace.to_vec(),
        span_id: record.span.to_vec(),
        ..LogRecord::default()
    }
}

fn key_values(attributes: &[(String, String)]) -> Vec<KeyValue> {
    attributes
        .iter()
        .map(|(key, value)| key_value(key, value))
        .collect()
}

fn key_value(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(string(value)),
        ..KeyValue::default()
    }
}

fn string(text: &str) -> AnyValue {
    AnyValue {
        value: Some(Value::StringValue(text.to_owned())),
    }
}
