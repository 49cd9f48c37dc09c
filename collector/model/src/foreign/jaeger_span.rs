//! One span of Jaeger.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::attributes::{Attributes, KeyValue};
use crate::id::{SpanId, TraceId};
use crate::otlp::json::fault::Fault;
use crate::otlp::json::read::Reader;
use crate::otlp::{DecodeState, IdField, LinkParts, RejectReason, SpanIds};
use crate::scope::Scope;
use crate::span::{Event, Span, SpanKind};
use crate::time::UnixNanos;
use crate::value::Value;

use super::atoms::{micros, scalar, span_id, trace_id};
use super::jaeger::{Process, end_of, read_process};
use super::status::TagFields;

/// The attribute that says how a link was written in the words of `OpenTracing` (semantic
/// conventions, registry of attributes).
const REF_TYPE: &str = "opentracing.ref_type";

/// A span before its trace is known to the end.
#[derive(Debug)]
pub(super) struct SpanParts {
    trace: IdField<TraceId>,
    id: IdField<SpanId>,
    /// The older way to name the parent.
    parent: IdField<SpanId>,
    references: Vec<Reference>,
    name: String,
    start_ns: UnixNanos,
    duration_ns: u64,
    flags: u32,
    tags: Vec<KeyValue>,
    events: Vec<Event>,
    warnings: Vec<Value>,
    /// Names the process in the trace.
    pub(super) process_id: String,
    /// The process, where the span holds it itself.
    pub(super) process: Option<Process>,
}

#[derive(Debug)]
struct Reference {
    is_child_of: bool,
    trace: IdField<TraceId>,
    span: IdField<SpanId>,
}

/// Reads a span.
pub(super) fn read_span(reader: &mut Reader<'_>) -> Result<SpanParts, Fault> {
    let mut parts = SpanParts {
        trace: IdField::Absent,
        id: IdField::Absent,
        parent: IdField::Absent,
        references: Vec::new(),
        name: String::new(),
        start_ns: 0,
        duration_ns: 0,
        flags: 0,
        tags: Vec::new(),
        events: Vec::new(),
        warnings: Vec::new(),
        process_id: String::new(),
        process: None,
    };
    reader.object(|reader, field| {
        match field {
            "traceID" => parts.trace = trace_id(reader)?,
            "spanID" => parts.id = span_id(reader)?,
            "parentSpanID" => parts.parent = span_id(reader)?,
            "operationName" => parts.name = reader.text()?,
            "references" => parts.references = read_references(reader)?,
            "startTime" => parts.start_ns = micros(reader)?,
            "duration" => parts.duration_ns = micros(reader)?,
            // Of Jaeger's flags only the sampled bit means the same in W3C trace context.
            "flags" => parts.flags = u32::from(is_odd(&scalar(reader)?)),
            "tags" => parts.tags = read_tags(reader)?,
            "logs" => parts.events = read_logs(reader)?,
            "warnings" => parts.warnings = read_warnings(reader)?,
            "processID" => parts.process_id = reader.text()?,
            "process" => parts.process = reader.attempt(read_process)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(parts)
}

fn is_odd(value: &Value) -> bool {
    value.as_int().is_some_and(|number| number & 1 == 1)
}

impl SpanParts {
    /// Takes the trace's id where the span names none.
    pub(super) fn fill_trace_id(&mut self, trace: IdField<TraceId>) {
        if self.trace == IdField::Absent {
            self.trace = trace;
        }
    }

    /// The span with its scope, or why it is rejected.
    pub(super) fn finish(mut self, state: &mut DecodeState) -> Result<(Scope, Span), RejectReason> {
        let mut span = DecodeState::blank_span();
        let parent = self.place_references(&mut span, state);
        let fields = TagFields::take(&mut self.tags);
        span.kind = take_kind(&mut self.tags);
        span.status = fields.status;
        span.trace_state = fields.trace_state;
        span.name = self.name;
        span.flags = self.flags;
        span.start_ns = self.start_ns;
        span.end_ns = end_of(self.start_ns, self.duration_ns);
        span.events = self.events;
        if !self.warnings.is_empty() {
            self.tags.push(KeyValue {
                key: "jaeger.warnings".to_owned(),
                value: Value::Array(self.warnings),
            });
        }
        let ids = SpanIds {
            trace: self.trace,
            span: self.id,
            parent,
        };
        let span = state.finish_span(span, ids, self.tags)?;
        Ok((fields.scope, span))
    }

    /// Makes the first `CHILD_OF` of this trace the parent, or a `FOLLOWS_FROM` that is the
    /// only reference; all others become links.
    fn place_references(&mut self, span: &mut Span, state: &mut DecodeState) -> IdField<SpanId> {
        let references = std::mem::take(&mut self.references);
        let only_one = references.len() == 1;
        let mut parent = None;
        for reference in references {
            let of_this_trace = reference.trace == self.trace || reference.trace == IdField::Absent;
            if parent.is_none() && of_this_trace && (reference.is_child_of || only_one) {
                parent = Some(reference.span);
                continue;
            }
            let ref_type = if reference.is_child_of {
                "child_of"
            } else {
                "follows_from"
            };
            let link = LinkParts {
                trace: match reference.trace {
                    IdField::Absent => self.trace,
                    named => named,
                },
                span: reference.span,
                attributes: vec![KeyValue {
                    key: REF_TYPE.to_owned(),
                    value: Value::from(ref_type),
                }],
                ..LinkParts::default()
            };
            state.push_link(link, &mut span.links);
        }
        parent.unwrap_or(self.parent)
    }
}

/// Takes the tag that says the kind.
fn take_kind(tags: &mut Vec<KeyValue>) -> SpanKind {
    let mut kind = SpanKind::Unspecified;
    tags.retain(|tag| {
        let said = match (tag.key.as_str(), tag.value.as_str()) {
            ("span.kind", Some("server")) => SpanKind::Server,
            ("span.kind", Some("client")) => SpanKind::Client,
            ("span.kind", Some("producer")) => SpanKind::Producer,
            ("span.kind", Some("consumer")) => SpanKind::Consumer,
            ("span.kind", Some("internal")) => SpanKind::Internal,
            _ => return true,
        };
        kind = said;
        false
    });
    kind
}

fn read_references(reader: &mut Reader<'_>) -> Result<Vec<Reference>, Fault> {
    let mut references = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<Reference>()?;
        let mut reference = Reference {
            is_child_of: false,
            trace: IdField::Absent,
            span: IdField::Absent,
        };
        reader.object(|reader, field| {
            match field {
                "refType" => reference.is_child_of = reader.text()? == "CHILD_OF",
                "traceID" => reference.trace = trace_id(reader)?,
                "spanID" => reference.span = span_id(reader)?,
                // The UI nests the whole chain of parents here.
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        references.push(reference);
        Ok(())
    })?;
    Ok(references)
}

/// Reads `[{"key", "type", "value"}, …]`; a tag that cannot be read is left out.
pub(super) fn read_tags(reader: &mut Reader<'_>) -> Result<Vec<KeyValue>, Fault> {
    let mut tags = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<KeyValue>()?;
        tags.extend(reader.attempt(read_tag)?);
        Ok(())
    })?;
    Ok(tags)
}

fn read_tag(reader: &mut Reader<'_>) -> Result<KeyValue, Fault> {
    let mut key = String::new();
    let mut kind = String::new();
    let mut value = Value::Empty;
    reader.object(|reader, field| {
        match field {
            "key" => key = reader.text()?,
            "type" => kind = reader.text()?,
            "value" => value = scalar(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let value = typed(&kind, value);
    Ok(KeyValue { key, value })
}

/// The value as the tag's type says, where it can be that; else as it is written.
fn typed(kind: &str, value: Value) -> Value {
    let converted = match (kind, &value) {
        ("bool", Value::String(text)) => text.parse().ok().map(Value::Bool),
        ("int64", Value::String(text)) => text.parse().ok().map(Value::Int),
        ("float64", Value::String(text)) => text.parse().ok().map(Value::Double),
        ("float64", Value::Int(number)) => Some(Value::Double(*number as f64)),
        ("binary", Value::String(text)) => STANDARD.decode(text).ok().map(Value::Bytes),
        _ => None,
    };
    converted.unwrap_or(value)
}

/// Reads the span's logs as events. An event's name is its field `event`; older tracers
/// have a `message` only, which then serves as name too.
fn read_logs(reader: &mut Reader<'_>) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<Event>()?;
        let mut event = Event::default();
        let mut fields = Vec::new();
        reader.object(|reader, field| {
            match field {
                "timestamp" => event.time_ns = micros(reader)?,
                "fields" => fields = read_tags(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        let named = fields
            .iter()
            .position(|field| field.key == "event" && field.value.as_str().is_some());
        event.name = match named {
            Some(index) => fields.remove(index).value.to_string(),
            None => fields
                .iter()
                .find(|field| field.key == "message")
                .map(|field| field.value.to_string())
                .unwrap_or_default(),
        };
        event.attributes = Attributes::from(fields);
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

fn read_warnings(reader: &mut Reader<'_>) -> Result<Vec<Value>, Fault> {
    let mut warnings = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<Value>()?;
        warnings.push(scalar(reader)?);
        Ok(())
    })?;
    Ok(warnings)
}
