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
pub(super) struct Endpoint {
    pub(super) service: String,
    pub(super) address: String,
    pub(super) port: i64,
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

/// A span as it came, in either form.
#[derive(Debug)]
pub(super) struct Parts {
    /// With kind, name, start and events.
    pub(super) span: Span,
    pub(super) ids: SpanIds,
    pub(super) tags: Vec<KeyValue>,
    pub(super) local: Endpoint,
    pub(super) remote: Endpoint,
    pub(super) duration_ns: u64,
    pub(super) is_shared: bool,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            span: DecodeState::blank_span(),
            ids: SpanIds::default(),
            tags: Vec::new(),
            local: Endpoint::default(),
            remote: Endpoint::default(),
            duration_ns: 0,
            is_shared: false,
        }
    }
}

impl Parts {
    /// The span that they make, or why it is rejected.
    pub(super) fn finish(mut self, state: &mut DecodeState) -> Result<ZipkinSpan, RejectReason> {
        let mut span = self.span;
        span.end_ns = end_of(span.start_ns, self.duration_ns);
        let fields = TagFields::take(&mut self.tags);
        span.status = fields.status;
        span.trace_state = fields.trace_state;
        let service = std::mem::take(&mut self.local.service);
        let address = self.local.address.clone();
        self.local.push_network("local", &mut self.tags);
        let peer = std::mem::take(&mut self.remote.service);
        if !peer.is_empty() && !self.tags.iter().any(|tag| tag.key == "peer.service") {
            self.tags.push(KeyValue {
                key: "peer.service".to_owned(),
                value: Value::String(peer),
            });
        }
        self.remote.push_network("peer", &mut self.tags);
        let span = state.finish_span(span, self.ids, self.tags)?;
        Ok(ZipkinSpan {
            span,
            scope: fields.scope,
            service,
            address,
            is_shared: self.is_shared,
        })
    }
}

/// Reads a span, or says why it is rejected.
pub(super) fn read_span(
    reader: &mut Reader<'_>,
) -> Result<Result<ZipkinSpan, RejectReason>, Fault> {
    let mut parts = Parts::default();
    reader.object(|reader, field| {
        match field {
            "traceId" => parts.ids.trace = trace_id(reader)?,
            "id" => parts.ids.span = span_id(reader)?,
            "parentId" => parts.ids.parent = span_id(reader)?,
            "kind" => parts.span.kind = kind(&reader.text()?),
            "name" => parts.span.name = reader.text()?,
            "timestamp" => parts.span.start_ns = micros(reader)?,
            "duration" => parts.duration_ns = micros(reader)?,
            "localEndpoint" => parts.local = read_endpoint(reader)?,
            "remoteEndpoint" => parts.remote = read_endpoint(reader)?,
            "annotations" => parts.span.events = read_annotations(reader)?,
            "tags" => parts.tags = read_tags(reader)?,
            "shared" => parts.is_shared = reader.boolean()?.unwrap_or_default(),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(parts.finish(&mut reader.state))
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
