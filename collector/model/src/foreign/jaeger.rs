//! Jaeger's JSON: `{"data":[trace, …]}` as the query API answers and the UI downloads, or one
//! trace alone.
//!
//! ```text
//! trace := { "traceID", "spans": [span, …], "processes": { id: { "serviceName", "tags" } } }
//! ```
//!
//! Source: Jaeger, `internal/uimodel`. Times are microseconds. Tags that OpenTelemetry's own
//! exporters write for want of a field become fields again; a span's logs become events.

use std::collections::HashMap;

use crate::attributes::Attributes;
use crate::id::TraceId;
use crate::otlp::json::fault::Fault;
use crate::otlp::json::read::Reader;
use crate::otlp::{DecodeError, Decoded, IdField, RejectReason, WarnReason};
use crate::resource::Resource;
use crate::semconv;
use crate::span::Span;
use crate::time::UnixNanos;

use super::atoms::trace_id;
use super::grouping::Grouping;
use super::jaeger_span::{SpanParts, read_span, read_tags};

/// Decodes a document of traces, or one bare trace.
///
/// # Errors
/// Where the text is no JSON, or holds neither `data` nor `spans`. Unusable spans and traces
/// are counted in the result.
pub fn decode(text: &[u8]) -> Result<Decoded<Span>, DecodeError> {
    match decode_start(text) {
        (decoded, None) => Ok(decoded),
        (_, Some(error)) => Err(error),
    }
}

/// Decodes as far as the text can be read: the traces that are whole before an error come
/// with it. A trace that is cut is left out, because its processes stand at its end.
pub fn decode_start(text: &[u8]) -> (Decoded<Span>, Option<DecodeError>) {
    let mut reader = Reader::new(text);
    let mut grouping = Grouping::default();
    let result = read_document(&mut reader, &mut grouping);
    let decoded = reader.state.finish(grouping.finish());
    (decoded, result.err().map(Fault::into_error))
}

fn read_document(reader: &mut Reader<'_>, grouping: &mut Grouping) -> Result<(), Fault> {
    let mut is_jaeger = false;
    let mut bare = Trace::default();
    reader.object(|reader, field| match field {
        "data" => {
            is_jaeger = true;
            read_traces(reader, grouping)
        }
        "spans" => {
            is_jaeger = true;
            bare.read_field(reader, field)
        }
        _ => bare.read_field(reader, field),
    })?;
    if !is_jaeger {
        return Err(reader.fault("expected 'data' or 'spans' of Jaeger, found neither"));
    }
    reader.end()?;
    bare.finish(reader, grouping)
}

fn read_traces(reader: &mut Reader<'_>, grouping: &mut Grouping) -> Result<(), Fault> {
    reader.array(|reader| {
        let trace = reader.attempt(|reader| {
            let mut trace = Trace::default();
            reader.object(|reader, field| trace.read_field(reader, field))?;
            Ok(trace)
        })?;
        let Some(trace) = trace else {
            reader.state.issues.reject(RejectReason::Malformed);
            return Ok(());
        };
        trace.finish(reader, grouping)
    })
}

/// One trace as it stands in the document. Processes often come after the spans that name
/// them, so spans wait for the end.
#[derive(Debug)]
struct Trace {
    id: IdField<TraceId>,
    spans: Vec<SpanParts>,
    processes: HashMap<String, Process>,
}

/// Where spans come from.
#[derive(Debug, Default)]
pub(super) struct Process {
    service_name: String,
    tags: Attributes,
    /// Equal for processes that are the same resource; their ids, such as `p1`, are only
    /// unique within a trace.
    key: String,
}

impl Default for Trace {
    fn default() -> Self {
        Self {
            id: IdField::Absent,
            spans: Vec::new(),
            processes: HashMap::new(),
        }
    }
}

impl Trace {
    fn read_field(&mut self, reader: &mut Reader<'_>, field: &str) -> Result<(), Fault> {
        match field {
            "traceID" => self.id = trace_id(reader)?,
            "spans" => self.read_spans(reader)?,
            "processes" => self.read_processes(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    }

    fn read_spans(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        reader.array(|reader| {
            reader.state.charge::<SpanParts>()?;
            match reader.attempt(read_span)? {
                Some(span) => self.spans.push(span),
                None => reader.state.issues.reject(RejectReason::Malformed),
            }
            Ok(())
        })
    }

    fn read_processes(&mut self, reader: &mut Reader<'_>) -> Result<(), Fault> {
        reader.object(|reader, id| {
            reader.state.charge::<Process>()?;
            // A process that cannot be read leaves its spans without service.
            if let Some(process) = reader.attempt(read_process)? {
                self.processes.insert(id.to_owned(), process);
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Gives the spans their ids, parents and resources.
    fn finish(self, reader: &mut Reader<'_>, grouping: &mut Grouping) -> Result<(), Fault> {
        let undescribed = Process::default();
        for mut parts in self.spans {
            parts.fill_trace_id(self.id);
            let own = parts.process.take();
            let described = self.processes.get(&parts.process_id).or(own.as_ref());
            let process = described.unwrap_or_else(|| {
                reader.state.issues.warn(WarnReason::UnknownProcess);
                &undescribed
            });
            match parts.finish(&mut reader.state) {
                Ok((scope, span)) => {
                    reader.state.charge::<Span>()?;
                    grouping.push(&process.key, || process.to_resource(), scope, span);
                }
                Err(reason) => reader.state.issues.reject(reason),
            }
        }
        Ok(())
    }
}

impl Process {
    fn to_resource(&self) -> Resource {
        let mut attributes = Attributes::new();
        if !self.service_name.is_empty() {
            attributes.push(semconv::SERVICE_NAME, self.service_name.as_str());
        }
        for tag in &self.tags {
            if tag.key != semconv::SERVICE_NAME {
                attributes.push(tag.key.as_str(), tag.value.clone());
            }
        }
        Resource {
            attributes,
            ..Resource::default()
        }
    }
}

pub(super) fn read_process(reader: &mut Reader<'_>) -> Result<Process, Fault> {
    let mut process = Process::default();
    reader.object(|reader, field| {
        match field {
            "serviceName" => process.service_name = reader.text()?,
            "tags" => process.tags = Attributes::from(read_tags(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    process.key = format!("{:?} {:?}", process.service_name, process.tags);
    Ok(process)
}

/// The end of a span that starts here and lasts so long; the last moment where it overflows.
pub(super) fn end_of(start_ns: UnixNanos, duration_ns: u64) -> UnixNanos {
    start_ns.saturating_add(duration_ns)
}
