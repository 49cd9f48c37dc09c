//! One span of Zipkin.

use crate::attributes::KeyValue;
use crate::otlp::json::fault::Fault;
use crate::otlp::json::read::Reader;
use crate::otlp::{DecodeState, RejectReason, SpanIds};
use crate::scope::Scope;
use crate::span::{Event, Span, SpanKind};
use crate::value::Value;

use super::atoms::{micros, scalar, span_id, trace_id};
use super::jaeger::end_of;
use super::status::TagFields;

/// A span with what places it.
#[derive(Debug)]
pub(super) struct ZipkinSpan {
    pub(super) span: Span,
    pub(super) scope: Scope,
    /// The service that recorded it; empty where unknown.
    pub(super) service: String,
    /// Its address; empty where unknown.
    pub(super) address: String,
    /// Whether the sender says that the caller made this id.
    pub(super) is_shared: bool,
}

/// Where a span was recorded, or what it talked to.
#[derive(Debug, Default)]
struct Endpoint {
    service: String,
    address: String,
    port: i64,
}

impl Endpoint {
    /// Appends address and port under the names of the network conventions.
    fn push_network(self, side: &str, tags: &mut Vec<KeyValue>) {
        if !self.address.is_empty() {
            tags.push(KeyValue {
                key: format!("network.{side}.address"),
                value: Value::String(self.address),
            });
        }
        if self.port != 0 {
            tags.push(KeyValue {
                key: format!("network.{side}.port"),
                value: Value::Int(self.port),
            });
        }
    }
}

/// Reads a span, or says why it is rejected.
pub(super) fn read_span(
    reader: &mut Reader<'_>,
) -> Result<Result<ZipkinSpan, RejectReason>, Fault> {
    let mut span = DecodeState::blank_span();
    let mut ids = SpanIds::default();
    let mut tags = Vec::new();
    let mut local = Endpoint::default();
    let mut remote = Endpoint::default();
    let mut duration_ns = 0;
    let mut is_shared = false;
    reader.object(|reader, field| {
        match field {
            "traceId" => ids.trace = trace_id(reader)?,
            "id" => ids.span = span_id(reader)?,
            "parentId" => ids.parent = span_id(reader)?,
            "kind" => span.kind = kind(&reader.text()?),
            "name" => span.name = reader.text()?,
            "timestamp" => span.start_ns = micros(reader)?,
            "duration" => duration_ns = micros(reader)?,
            "localEndpoint" => local = read_endpoint(reader)?,
            "remoteEndpoint" => remote = read_endpoint(reader)?,
            "annotations" => span.events = read_annotations(reader)?,
            "tags" => tags = read_tags(reader)?,
            "shared" => is_shared = reader.boolean()?.unwrap_or_default(),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    span.end_ns = end_of(span.start_ns, duration_ns);
    let fields = TagFields::take(&mut tags);
    span.status = fields.status;
    span.trace_state = fields.trace_state;
    let service = std::mem::take(&mut local.service);
    let address = local.address.clone();
    local.push_network("local", &mut tags);
    let peer = std::mem::take(&mut remote.service);
    if !peer.is_empty() && !tags.iter().any(|tag| tag.key == "peer.service") {
        tags.push(KeyValue {
            key: "peer.service".to_owned(),
            value: Value::String(peer),
        });
    }
    remote.push_network("peer", &mut tags);
    let span = reader.state.finish_span(span, ids, tags);
    Ok(span.map(|span| ZipkinSpan {
        span,
        scope: fields.scope,
        service,
        address,
        is_shared,
    }))
}

fn kind(text: &str) -> SpanKind {
    match text {
        "CLIENT" => SpanKind::Client,
        "SERVER" => SpanKind::Server,
        "PRODUCER" => SpanKind::Producer,
        "CONSUMER" => SpanKind::Consumer,
        // Zipkin leaves the kind out for local work.
        _ => SpanKind::Unspecified,
    }
}

fn read_endpoint(reader: &mut Reader<'_>) -> Result<Endpoint, Fault> {
    let mut endpoint = Endpoint::default();
    reader.object(|reader, field| {
        match field {
            "serviceName" => endpoint.service = reader.text()?,
            "ipv4" | "ipv6" => endpoint.address = reader.text()?,
            "port" => endpoint.port = scalar(reader)?.as_int().unwrap_or_default(),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(endpoint)
}

fn read_annotations(reader: &mut Reader<'_>) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<Event>()?;
        let mut event = Event::default();
        reader.object(|reader, field| {
            match field {
                "timestamp" => event.time_ns = micros(reader)?,
                "value" => event.name = scalar(reader)?.to_string(),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

/// Reads `{key: value, …}`. Values are strings in Zipkin; others are kept as they are.
fn read_tags(reader: &mut Reader<'_>) -> Result<Vec<KeyValue>, Fault> {
    let mut tags = Vec::new();
    reader.object(|reader, key| {
        reader.state.charge::<KeyValue>()?;
        tags.push(KeyValue {
            key: key.to_owned(),
            value: scalar(reader)?,
        });
        Ok(())
    })?;
    Ok(tags)
}
