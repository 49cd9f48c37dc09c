//! The `console` exporter: a line per item on stdout, for a look without a collector.

use std::fmt::Write as _;
use std::io::Write as _;

use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message;

use super::send::Outcome;
use crate::config::Signal;

/// Prints the items of a request; what cannot be printed is lost, as with every console.
pub(super) fn print(signal: Signal, request: Bytes) -> Outcome {
    let lines = match signal {
        Signal::Traces => ExportTraceServiceRequest::decode(request).map(|it| spans(&it)),
        Signal::Logs => ExportLogsServiceRequest::decode(request).map(|it| records(&it)),
    };
    let printed = lines
        .map_err(std::io::Error::other)
        .and_then(|lines| std::io::stdout().lock().write_all(lines.as_bytes()));
    match printed {
        Ok(()) => Outcome::Sent { rejected: 0 },
        Err(error) => Outcome::refused(error.to_string()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn spans(request: &ExportTraceServiceRequest) -> String {
    let scopes = request.resource_spans.iter().flat_map(|it| &it.scope_spans);
    let lines = scopes.flat_map(|it| &it.spans).map(|span| {
        let microseconds = span
            .end_time_unix_nano
            .saturating_sub(span.start_time_unix_nano)
            / 1000;
        format!(
            "span trace={} span={} parent={} duration={microseconds}us name={:?}\n",
            hex(&span.trace_id),
            hex(&span.span_id),
            hex(&span.parent_span_id),
            span.name,
        )
    });
    lines.collect()
}

fn records(request: &ExportLogsServiceRequest) -> String {
    let scopes = request.resource_logs.iter().flat_map(|it| &it.scope_logs);
    let lines = scopes.flat_map(|it| &it.log_records).map(|record| {
        let body = record.body.as_ref().and_then(|it| it.value.as_ref());
        let text = match body {
            Some(Value::StringValue(text)) => format!("{text:?}"),
            other => format!("{other:?}"),
        };
        format!(
            "log trace={} span={} severity={} body={text}\n",
            hex(&record.trace_id),
            hex(&record.span_id),
            record.severity_text,
        )
    });
    lines.collect()
}
