//! Requests as SDKs make them.

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::resource::v1::Resource;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

/// When everything here happens.
pub(crate) const START_NS: u64 = 1_700_000_000_000_000_000;

pub(crate) fn trace_id(number: u32) -> Vec<u8> {
    (1_u128 << 64 | u128::from(number)).to_be_bytes().to_vec()
}

/// One span of a trace of its own, of the service `shop`.
pub(crate) fn spans(number: u32) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource()),
            scope_spans: vec![ScopeSpans {
                spans: vec![Span {
                    trace_id: trace_id(number),
                    span_id: u64::from(number + 1).to_be_bytes().to_vec(),
                    name: format!("operation {number}"),
                    start_time_unix_nano: START_NS + u64::from(number),
                    end_time_unix_nano: START_NS + u64::from(number) + 1_000_000,
                    ..Span::default()
                }],
                ..ScopeSpans::default()
            }],
            ..ResourceSpans::default()
        }],
    }
}

/// One record within the span of the same number.
pub(crate) fn logs(number: u32, body: &str) -> ExportLogsServiceRequest {
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(resource()),
            scope_logs: vec![ScopeLogs {
                log_records: vec![LogRecord {
                    time_unix_nano: START_NS + u64::from(number) + 1,
                    body: Some(text(body)),
                    trace_id: trace_id(number),
                    span_id: u64::from(number + 1).to_be_bytes().to_vec(),
                    ..LogRecord::default()
                }],
                ..ScopeLogs::default()
            }],
            ..ResourceLogs::default()
        }],
    }
}

fn resource() -> Resource {
    Resource {
        attributes: vec![KeyValue {
            key: "service.name".to_owned(),
            value: Some(text("shop")),
            ..KeyValue::default()
        }],
        ..Resource::default()
    }
}

fn text(text: &str) -> AnyValue {
    AnyValue {
        value: Some(any_value::Value::StringValue(text.to_owned())),
    }
}
