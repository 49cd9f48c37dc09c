//! From the bytes of a request to what is stored.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::IgnoredAny;
use spanwalk_model::foreign::zipkin;
use spanwalk_model::otlp::{DecodeError, Decoded, Issues, json, protobuf};
use spanwalk_model::{Batch, LogRecord, Span};

use super::content::{Encoding, Format, Signal};
use super::decompress::decompress;
use super::failure::Failure;
use crate::admission::Permit;
use crate::redaction::{Hidden, Redactor};
use crate::telemetry::Listener;
use crate::wal;

/// A request as it came.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) listener: Listener,
    pub(super) signal: Signal,
    pub(super) format: Format,
    pub(super) encoding: Encoding,
    pub(super) body: Bytes,
    /// Covers the body; grows with what becomes of it.
    pub(super) permit: Permit,
}

/// What a request holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Items to store.
    Kept {
        signal: wal::Signal,
        batch: Batch,
        /// OTLP protobuf that decodes to the batch.
        payload: Bytes,
        issues: Issues,
        /// What was hidden in it.
        hidden: Hidden,
    },
    /// Items of a signal that is not stored.
    NotKept { item_count: u64 },
}

/// Decompresses, decodes, and hides what should not be kept. Takes the processor for
/// milliseconds where the body is large.
pub(super) fn decode(
    request: &mut Request,
    bytes_max: usize,
    redactor: &Redactor,
) -> Result<Content, Failure> {
    let body = std::mem::take(&mut request.body);
    let body = decompress(request.encoding, body, bytes_max, &mut request.permit)?;
    let is_zipkin = request.listener == Listener::Zipkin;
    let content = match (request.signal, request.format) {
        (Signal::Traces, Format::Json) if is_zipkin => {
            zipkin::decode_sent(&body).map(|decoded| spans(decoded, None, redactor))
        }
        (Signal::Traces, Format::Protobuf) if is_zipkin => {
            zipkin::decode_sent_protobuf(&body).map(|decoded| spans(decoded, None, redactor))
        }
        (Signal::Traces, Format::Protobuf) => {
            protobuf::decode_traces(&body).map(|decoded| spans(decoded, Some(body), redactor))
        }
        (Signal::Traces, Format::Json) => {
            json::decode_traces(&body).map(|decoded| spans(decoded, None, redactor))
        }
        (Signal::Logs, Format::Protobuf) => {
            protobuf::decode_logs(&body).map(|decoded| logs(decoded, Some(body), redactor))
        }
        (Signal::Logs, Format::Json) => {
            json::decode_logs(&body).map(|decoded| logs(decoded, None, redactor))
        }
        (signal, format) => {
            return not_kept(signal, format, &body)
                .map(|item_count| Content::NotKept { item_count });
        }
    };
    content.map_err(|error: DecodeError| Failure::invalid(error.to_string()))
}

/// `payload` is the request where it came in OTLP protobuf. Everything else is written so.
fn spans(mut decoded: Decoded<Span>, payload: Option<Bytes>, redactor: &Redactor) -> Content {
    let hidden = redactor.spans(&mut decoded.groups);
    let payload = payload.filter(|_| is_as_it_came(&decoded.issues, &hidden));
    Content::Kept {
        signal: wal::Signal::Spans,
        payload: payload.unwrap_or_else(|| protobuf::encode_traces(&decoded.groups).into()),
        batch: Batch::Spans(decoded.groups),
        issues: decoded.issues,
        hidden,
    }
}

fn logs(mut decoded: Decoded<LogRecord>, payload: Option<Bytes>, redactor: &Redactor) -> Content {
    let hidden = redactor.logs(&mut decoded.groups);
    let payload = payload.filter(|_| is_as_it_came(&decoded.issues, &hidden));
    Content::Kept {
        signal: wal::Signal::Logs,
        payload: payload.unwrap_or_else(|| protobuf::encode_logs(&decoded.groups).into()),
        batch: Batch::Logs(decoded.groups),
        issues: decoded.issues,
        hidden,
    }
}

/// Whether the bytes of a request are what is kept of it. Where an item was rejected they are
/// not: nobody looked for secrets in it, and no secret shall be in the wal.
fn is_as_it_came(issues: &Issues, hidden: &Hidden) -> bool {
    issues.is_empty() && hidden.is_empty()
}

/// How many items there are of a signal that is not stored.
fn not_kept(signal: Signal, format: Format, body: &[u8]) -> Result<u64, Failure> {
    let invalid = |error: &dyn std::fmt::Display| Failure::invalid(error.to_string());
    match (signal, format) {
        (Signal::Profiles, Format::Protobuf) => {
            protobuf::count_profiles(body).map_err(|error| invalid(&error))
        }
        (Signal::Profiles, Format::Json) => serde_json::from_slice::<Profiles>(body)
            .map(|request| request.count())
            .map_err(|error| invalid(&error)),
        (_, Format::Protobuf) => protobuf::count_data_points(body).map_err(|error| invalid(&error)),
        (_, Format::Json) => serde_json::from_slice::<Metrics>(body)
            .map(|request| request.count())
            .map_err(|error| invalid(&error)),
    }
}

/// `ExportMetricsServiceRequest` as far as its data points, which are counted and not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metrics {
    resource_metrics: Option<Vec<ResourceMetrics>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceMetrics {
    scope_metrics: Option<Vec<ScopeMetrics>>,
}

#[derive(Deserialize)]
struct ScopeMetrics {
    metrics: Option<Vec<Metric>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metric {
    gauge: Option<Points>,
    sum: Option<Points>,
    histogram: Option<Points>,
    exponential_histogram: Option<Points>,
    summary: Option<Points>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Points {
    data_points: Option<Vec<IgnoredAny>>,
}

impl Metrics {
    fn count(&self) -> u64 {
        let metrics = self
            .resource_metrics
            .iter()
            .flatten()
            .flat_map(|resource| resource.scope_metrics.iter().flatten())
            .flat_map(|scope| scope.metrics.iter().flatten());
        metrics
            .flat_map(|metric| {
                [
                    &metric.gauge,
                    &metric.sum,
                    &metric.histogram,
                    &metric.exponential_histogram,
                    &metric.summary,
                ]
            })
            .flatten()
            .map(|points| points.data_points.as_ref().map_or(0, Vec::len) as u64)
            .sum()
    }
}

/// `ExportProfilesServiceRequest` as far as its profiles, which are counted and not read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profiles {
    resource_profiles: Option<Vec<ResourceProfiles>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceProfiles {
    scope_profiles: Option<Vec<ScopeProfiles>>,
}

#[derive(Deserialize)]
struct ScopeProfiles {
    profiles: Option<Vec<IgnoredAny>>,
}

impl Profiles {
    fn count(&self) -> u64 {
        self.resource_profiles
            .iter()
            .flatten()
            .flat_map(|resource| resource.scope_profiles.iter().flatten())
            .map(|scope| scope.profiles.as_ref().map_or(0, Vec::len) as u64)
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_points_in_json_are_counted() {
        let body = br#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"a","gauge":{"dataPoints":[{},{"asInt":"3"}]}},
            {"name":"b","sum":{"dataPoints":[{}]}},
            {"name":"c","summary":{}}]}]},{}]}"#;
        assert_eq!(not_kept(Signal::Metrics, Format::Json, body), Ok(3));
        assert_eq!(not_kept(Signal::Metrics, Format::Json, b"{}"), Ok(0));
        assert!(not_kept(Signal::Metrics, Format::Json, b"[").is_err());
    }
}
