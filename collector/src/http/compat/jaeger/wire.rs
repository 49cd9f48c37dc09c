//! A trace as Jaeger writes it.
//!
//! What OTLP has fields for and Jaeger has not becomes tags, as the OpenTelemetry
//! specification says ("Mapping to non-OTLP formats"). Events of a span, and the log records
//! written in it, become its logs; records without a stored span stand at the root.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value as Json, json};
use spanwalk_model::otlp::protobuf::encode_resource;
use spanwalk_model::trace::Trace;
use spanwalk_model::{
    Attributes, KeyValue, LogRecord, Resource, Scoped, Span, SpanKind, StatusCode, TraceId, Value,
    semconv,
};

use super::super::super::trace::Numbers;

/// Greater whole numbers are written as text, because scripts would round them.
const EXACT_MAX: i64 = (1 << 53) - 1;
const NS_PER_US: u64 = 1_000;

#[derive(Debug, Serialize)]
struct JaegerTrace {
    #[serde(rename = "traceID")]
    trace_id: String,
    spans: Vec<JaegerSpan>,
    processes: BTreeMap<String, Process>,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JaegerSpan {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    flags: u32,
    operation_name: String,
    references: Vec<Reference>,
    start_time: u64,
    duration: u64,
    tags: Vec<Tag>,
    logs: Vec<JaegerLog>,
    #[serde(rename = "processID")]
    process_id: String,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    ref_type: &'static str,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
}

#[derive(Debug, Serialize)]
struct JaegerLog {
    timestamp: u64,
    fields: Vec<Tag>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Process {
    service_name: String,
    tags: Vec<Tag>,
}

#[derive(Debug, Serialize)]
struct Tag {
    key: String,
    #[serde(rename = "type")]
    kind: &'static str,
    value: Json,
}

/// The trace as JSON.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn to_json(trace: &Trace) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&jaeger_trace(trace))
}

/// The word for a kind; empty where it is not said.
pub(super) fn kind_word(kind: SpanKind) -> &'static str {
    match kind {
        SpanKind::Unspecified | SpanKind::Other(_) => "",
        said => said.as_str(),
    }
}

fn jaeger_trace(trace: &Trace) -> JaegerTrace {
    let mut processes = Processes {
        numbers: Numbers::new(encode_resource),
        by_id: BTreeMap::new(),
    };
    let mut warnings: HashMap<u32, Vec<String>> = HashMap::new();
    for finding in trace.findings() {
        for span in &finding.spans {
            let told = warnings.entry(*span).or_default();
            told.push(format!(
                "in this trace, {finding}; this span is one of them"
            ));
        }
    }
    let mut spans: Vec<JaegerSpan> = (0_u32..)
        .zip(trace.spans())
        .map(|(index, span)| {
            let mut wire = jaeger_span(span, processes.id_of(&span.resource));
            let records = trace.span_logs(index).iter();
            let logs = records.filter_map(|record| trace.log(*record));
            wire.logs.extend(logs.map(log_of_record));
            wire.logs.sort_by_key(|log| log.timestamp);
            wire.warnings = warnings.remove(&index);
            wire
        })
        .collect();
    add_lost_records(trace, &mut spans);
    JaegerTrace {
        trace_id: trace.trace_id().map(TraceId::to_hex).unwrap_or_default(),
        spans,
        processes: processes.by_id,
        warnings: None,
    }
}

/// Records that name no stored span stand at the root, and say which span they name.
fn add_lost_records(trace: &Trace, spans: &mut [JaegerSpan]) {
    let Some(root) = trace.root().and_then(|root| spans.get_mut(root as usize)) else {
        return;
    };
    let lost = (0_u32..)
        .zip(trace.logs())
        .filter(|(index, _)| trace.log_span(*index).is_none());
    for (_, record) in lost {
        let mut log = log_of_record(record);
        if let Some(span) = record.item.span_id {
            log.fields.push(text_tag("span_id", &span.to_hex()));
        }
        log.fields
            .push(text_tag("service", record.resource.service_name()));
        root.logs.push(log);
    }
    root.logs.sort_by_key(|log| log.timestamp);
}

fn jaeger_span(span: &Scoped<Span>, process_id: String) -> JaegerSpan {
    let item = &span.item;
    let events = item.events.iter().map(|event| {
        let mut fields = vec![text_tag("event", &event.name)];
        fields.extend(tags(&event.attributes));
        JaegerLog {
            timestamp: event.time_ns / NS_PER_US,
            fields,
        }
    });
    JaegerSpan {
        trace_id: item.trace_id.to_hex(),
        span_id: item.span_id.to_hex(),
        flags: item.flags & 0xff,
        operation_name: item.name.clone(),
        references: references(item),
        start_time: item.start_ns / NS_PER_US,
        duration: item.duration_ns() / NS_PER_US,
        tags: span_tags(span),
        logs: events.collect(),
        process_id,
        warnings: None,
    }
}

fn references(span: &Span) -> Vec<Reference> {
    let parent = span.parent_span_id.map(|parent| Reference {
        ref_type: "CHILD_OF",
        trace_id: span.trace_id.to_hex(),
        span_id: parent.to_hex(),
    });
    let links = span.links.iter().map(|link| {
        let said = link.attributes.get_str("opentracing.ref_type");
        Reference {
            ref_type: if said == Some("child_of") {
                "CHILD_OF"
            } else {
                "FOLLOWS_FROM"
            },
            trace_id: link.trace_id.to_hex(),
            span_id: link.span_id.to_hex(),
        }
    });
    parent.into_iter().chain(links).collect()
}

/// The attributes, and what Jaeger has no field for.
fn span_tags(span: &Scoped<Span>) -> Vec<Tag> {
    let item = &span.item;
    let mut tags: Vec<Tag> = tags(&item.attributes).collect();
    let kind = kind_word(item.kind);
    if !kind.is_empty() {
        tags.push(text_tag("span.kind", kind));
    }
    match item.status.code {
        StatusCode::Ok => tags.push(text_tag("otel.status_code", "OK")),
        StatusCode::Error => {
            tags.push(text_tag("otel.status_code", "ERROR"));
            if !tags.iter().any(|tag| tag.key == "error") {
                tags.push(tag("error", &Value::Bool(true)));
            }
        }
        StatusCode::Unset | StatusCode::Other(_) => {}
    }
    let texts = [
        ("otel.status_description", &item.status.message),
        ("w3c.tracestate", &item.trace_state),
        ("otel.scope.name", &span.scope.name),
        ("otel.scope.version", &span.scope.version),
    ];
    let said = texts.into_iter().filter(|(_, text)| !text.is_empty());
    tags.extend(said.map(|(key, text)| text_tag(key, text)));
    tags
}

fn log_of_record(record: &Scoped<LogRecord>) -> JaegerLog {
    let item = &record.item;
    let event = if item.event_name.is_empty() {
        "log"
    } else {
        &item.event_name
    };
    let mut fields = vec![
        text_tag("event", event),
        text_tag("level", item.level().as_str()),
        text_tag("message", &item.body_text()),
    ];
    fields.extend(tags(&item.attributes));
    JaegerLog {
        timestamp: item.moment_ns() / NS_PER_US,
        fields,
    }
}

/// Resources by the ids that spans name them by.
struct Processes {
    numbers: Numbers<Resource>,
    by_id: BTreeMap<String, Process>,
}

impl Processes {
    fn id_of(&mut self, resource: &Arc<Resource>) -> String {
        let id = format!("p{}", self.numbers.of(resource) + 1);
        self.by_id
            .entry(id.clone())
            .or_insert_with(|| process(resource));
        id
    }
}

fn process(resource: &Resource) -> Process {
    let attributes = resource.attributes.iter();
    Process {
        service_name: resource.service_name().to_owned(),
        tags: attributes
            .filter(|entry| entry.key != semconv::SERVICE_NAME)
            .map(of_entry)
            .collect(),
    }
}

fn tags(attributes: &Attributes) -> impl Iterator<Item = Tag> {
    attributes.iter().map(of_entry)
}

fn of_entry(entry: &KeyValue) -> Tag {
    tag(&entry.key, &entry.value)
}

fn text_tag(key: &str, text: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        kind: "string",
        value: Json::from(text),
    }
}

fn tag(key: &str, value: &Value) -> Tag {
    let (kind, value) = match value {
        Value::Bool(flag) => ("bool", json!(flag)),
        Value::Int(number) if (-EXACT_MAX..=EXACT_MAX).contains(number) => ("int64", json!(number)),
        Value::Int(number) => ("int64", json!(number.to_string())),
        Value::Double(number) if number.is_finite() => ("float64", json!(number)),
        Value::Double(number) => ("float64", json!(number.to_string())),
        Value::Bytes(bytes) => ("binary", json!(STANDARD.encode(bytes))),
        Value::String(text) => ("string", json!(text)),
        nested => ("string", json!(nested.to_string())),
    };
    Tag {
        key: key.to_owned(),
        kind,
        value,
    }
}
