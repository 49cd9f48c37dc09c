//! Zipkin's v2 format in JSON and protobuf: a list of spans.
//!
//! Source: openzipkin/zipkin-api, `zipkin2-api.yaml` and `zipkin.proto`. Times are
//! microseconds. Two halves of one call may share a span id; see
//! [`split_shared`](super::zipkin_shared::split_shared).

use crate::attributes::Attributes;
use crate::otlp::json::fault::Fault;
use crate::otlp::json::read::Reader;
use crate::otlp::{DecodeError, DecodeState, Decoded, RejectReason};
use crate::resource::Resource;
use crate::semconv;
use crate::span::Span;

use super::grouping::Grouping;
use super::zipkin_protobuf::read_list;
use super::zipkin_shared::{Halves, split_shared};
use super::zipkin_span::{ZipkinSpan, read_span};

/// Decodes a list of spans.
///
/// # Errors
/// Where the text is no list in JSON. Unusable spans are counted in the result.
pub fn decode(text: &[u8]) -> Result<Decoded<Span>, DecodeError> {
    match decode_start(text) {
        (decoded, None) => Ok(decoded),
        (_, Some(error)) => Err(error),
    }
}

/// Decodes as far as the text can be read: the spans before an error come with it.
pub fn decode_start(text: &[u8]) -> (Decoded<Span>, Option<DecodeError>) {
    let mut reader = Reader::new(text);
    let mut spans = Vec::new();
    let result = read_spans(&mut reader, &mut spans);
    let decoded = gather(spans, reader.state, Halves::Together);
    (decoded, result.err().map(Fault::into_error))
}

/// Decodes a list of spans that a tracer sent. The client's half of a shared span comes in
/// another request, from another process, so that a server's half that says it is one gets
/// an id of its own and hangs below the client's, whether that is there or not.
///
/// # Errors
/// Where the text is no list in JSON. Unusable spans are counted in the result.
pub fn decode_sent(text: &[u8]) -> Result<Decoded<Span>, DecodeError> {
    let mut reader = Reader::new(text);
    let mut spans = Vec::new();
    read_spans(&mut reader, &mut spans).map_err(Fault::into_error)?;
    Ok(gather(spans, reader.state, Halves::Apart))
}

/// The same for a `zipkin.proto3.ListOfSpans` in protobuf.
///
/// # Errors
/// Where the bytes are no such message. Unusable spans are counted in the result.
pub fn decode_sent_protobuf(message: &[u8]) -> Result<Decoded<Span>, DecodeError> {
    let mut state = DecodeState::new(message.len());
    let spans = read_list(message, &mut state)?;
    Ok(gather(spans, state, Halves::Apart))
}

fn gather(mut spans: Vec<ZipkinSpan>, state: DecodeState, halves: Halves) -> Decoded<Span> {
    split_shared(&mut spans, halves);
    let mut grouping = Grouping::default();
    for ZipkinSpan {
        span,
        scope,
        service,
        ..
    } in spans
    {
        grouping.push(&service, || resource_of(&service), scope, span);
    }
    state.finish(grouping.finish())
}

fn read_spans(reader: &mut Reader<'_>, spans: &mut Vec<ZipkinSpan>) -> Result<(), Fault> {
    if reader.null()? {
        return Err(reader.fault("expected a list of spans, found null"));
    }
    reader.array(|reader| {
        reader.state.charge::<ZipkinSpan>()?;
        match reader.attempt(read_span)? {
            Some(Ok(span)) => spans.push(span),
            Some(Err(reason)) => reader.state.issues.reject(reason),
            None => reader.state.issues.reject(RejectReason::Malformed),
        }
        Ok(())
    })?;
    reader.end()
}

fn resource_of(service: &str) -> Resource {
    let mut attributes = Attributes::new();
    if !service.is_empty() {
        attributes.push(semconv::SERVICE_NAME, service);
    }
    Resource {
        attributes,
        ..Resource::default()
    }
}
