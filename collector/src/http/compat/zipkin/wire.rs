//! A span as Zipkin writes it (OpenTelemetry specification, "Zipkin exporter"). Events, and the
//! log records written in the span, are annotations.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use spanwalk_model::trace::Trace;
use spanwalk_model::{
    Event, LogRecord, Scoped, Span, SpanId, SpanKind, StatusCode, TraceItems, semconv,
};

const NS_PER_US: u64 = 1_000;

/// Attributes that name the other side of a call, the best first.
pub(super) const REMOTE_NAMES: [&str; 5] = [
    "peer.service",
    "service.peer.name",
    "server.address",
    "net.peer.name",
    "db.name",
];

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ZipkinSpan {
    trace_id: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    name: String,
    /// Left out where the start is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    local_endpoint: Endpoint,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_endpoint: Option<Endpoint>,
    annotations: Vec<Annotation>,
    tags: BTreeMap<String, String>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    #[serde(skip_serializing_if = "Option::is_none")]
    service_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv4: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ipv6: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
}

#[derive(Debug, Serialize)]
struct Annotation {
    timestamp: u64,
    value: String,
}

/// All spans of a trace, in order of their start.
pub(super) fn spans(items: TraceItems) -> Vec<ZipkinSpan> {
    let trace = Trace::build(items);
    let spans = (0_u32..).zip(trace.spans()).map(|(index, span)| {
        let records = trace.span_logs(index).iter();
        let records = records.filter_map(|record| trace.log(*record));
        zipkin_span(span, records)
    });
    spans.collect()
}

/// What names the other side of a call.
pub(super) fn remote_name(span: &Span) -> Option<&str> {
    let calls = matches!(span.kind, SpanKind::Client | SpanKind::Producer);
    let names = if calls {
        &REMOTE_NAMES[..]
    } else {
        &REMOTE_NAMES[..2]
    };
    names
        .iter()
        .find_map(|key| span.attributes.get_str(key))
        .filter(|name| !name.is_empty())
}

fn zipkin_span<'a>(
    span: &Scoped<Span>,
    records: impl Iterator<Item = &'a Scoped<LogRecord>>,
) -> ZipkinSpan {
    let item = &span.item;
    let mut annotations: Vec<_> = item.events.iter().map(of_event).collect();
    annotations.extend(records.map(of_record));
    annotations.sort_by_key(|annotation| annotation.timestamp);
    ZipkinSpan {
        trace_id: item.trace_id.to_hex(),
        id: item.span_id.to_hex(),
        parent_id: item.parent_span_id.map(SpanId::to_hex),
        kind: match item.kind {
            SpanKind::Server => Some("SERVER"),
            SpanKind::Client => Some("CLIENT"),
            SpanKind::Producer => Some("PRODUCER"),
            SpanKind::Consumer => Some("CONSUMER"),
            SpanKind::Internal | SpanKind::Unspecified | SpanKind::Other(_) => None,
        },
        name: item.name.clone(),
        timestamp: (item.start_ns > 0).then_some(item.start_ns / NS_PER_US),
        // Zipkin knows no zero; what is shorter than a microsecond lasts one.
        duration: (item.start_ns > 0 && item.end_ns > item.start_ns)
            .then_some((item.duration_ns() / NS_PER_US).max(1)),
        local_endpoint: Endpoint {
            service_name: Some(span.resource.service_name().to_owned()),
            ..Endpoint::default()
        },
        remote_endpoint: remote_endpoint(item),
        annotations,
        tags: tags(span),
    }
}

fn remote_endpoint(span: &Span) -> Option<Endpoint> {
    let text = |keys: &[&str]| keys.iter().find_map(|key| span.attributes.get_str(key));
    let address = text(&["network.peer.address", "net.sock.peer.addr", "net.peer.ip"]);
    let address = address.and_then(|text| text.parse::<IpAddr>().ok());
    let ports = ["network.peer.port", "server.port", "net.peer.port"];
    let port = ports
        .iter()
        .find_map(|key| span.attributes.get(key)?.as_int());
    let name = remote_name(span);
    if name.is_none() && address.is_none() {
        return None;
    }
    let shown = address.map(|address| address.to_string());
    let is_v4 = address.is_some_and(|address| address.is_ipv4());
    Some(Endpoint {
        service_name: name.map(str::to_owned),
        ipv4: shown.clone().filter(|_| is_v4),
        ipv6: shown.filter(|_| !is_v4),
        port: port.and_then(|port| u16::try_from(port).ok()),
    })
}

/// Attributes of the resource and of the span, and what Zipkin has no field for.
fn tags(span: &Scoped<Span>) -> BTreeMap<String, String> {
    let item = &span.item;
    let of_resource = span.resource.attributes.iter();
    let of_resource = of_resource.filter(|entry| entry.key != semconv::SERVICE_NAME);
    let mut tags: BTreeMap<String, String> = of_resource
        .chain(&item.attributes)
        .map(|entry| (entry.key.clone(), entry.value.to_string()))
        .collect();
    let mut say = |key: &str, text: &str| {
        if !text.is_empty() {
            tags.insert(key.to_owned(), text.to_owned());
        }
    };
    say("otel.scope.name", &span.scope.name);
    say("otel.scope.version", &span.scope.version);
    say("w3c.tracestate", &item.trace_state);
    match item.status.code {
        StatusCode::Ok => say("otel.status_code", "OK"),
        StatusCode::Error => {
            say("otel.status_code", "ERROR");
            let message = item.status.message.clone();
            tags.entry("error".to_owned()).or_insert(message);
        }
        StatusCode::Unset | StatusCode::Other(_) => {}
    }
    tags
}

/// The name; with attributes, `"name": {…}`, as exporters write it.
fn of_event(event: &Event) -> Annotation {
    let attributes: Map<String, Json> = event
        .attributes
        .iter()
        .map(|entry| (entry.key.clone(), Json::String(entry.value.to_string())))
        .collect();
    let value = if attributes.is_empty() {
        event.name.clone()
    } else {
        format!("{}: {}", json!(event.name), Json::Object(attributes))
    };
    Annotation {
        timestamp: event.time_ns / NS_PER_US,
        value,
    }
}

fn of_record(record: &Scoped<LogRecord>) -> Annotation {
    let item = &record.item;
    let text = match &item.body {
        Some(_) => item.body_text(),
        None => item.event_name.clone(),
    };
    Annotation {
        timestamp: item.moment_ns() / NS_PER_US,
        value: format!("{}: {text}", item.level().as_str()),
    }
}
