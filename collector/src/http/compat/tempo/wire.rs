//! Traces as Tempo writes them: OTLP, but in JSON ids are base64 and kinds are words, as the
//! mapping of Protocol Buffers to JSON has them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use spanwalk_model::otlp::{json, protobuf};
use spanwalk_model::{SpanBatch, SpanKind, StatusCode};

/// A bare trace.
pub(super) fn trace_protobuf(spans: &SpanBatch) -> Vec<u8> {
    protobuf::encode_traces(spans)
}

/// `message TraceByIDResponse { Trace trace = 1; … }`
pub(super) fn envelope_protobuf(spans: &SpanBatch) -> Vec<u8> {
    const FIELD_ONE_OF_BYTES: u8 = 0x0a;
    let trace = protobuf::encode_traces(spans);
    let mut envelope = Vec::with_capacity(trace.len() + 11);
    envelope.push(FIELD_ONE_OF_BYTES);
    let mut length = trace.len() as u64;
    // A varint: seven bits a byte, the low ones first.
    while length >= 0x80 {
        envelope.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    envelope.push(length.to_le_bytes()[0]);
    envelope.extend_from_slice(&trace);
    envelope
}

/// The list of resources with their spans.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn resource_spans(spans: &SpanBatch) -> Result<Json, serde_json::Error> {
    let mut document: Json = serde_json::from_str(&json::encode_traces(spans))?;
    let groups = document
        .get_mut("resourceSpans")
        .map(Json::take)
        .unwrap_or_default();
    let mut groups = groups;
    for group in items(&mut groups) {
        for scope in group.get_mut("scopeSpans").into_iter().flat_map(items) {
            for span in scope.get_mut("spans").into_iter().flat_map(items) {
                in_words(span);
            }
        }
    }
    Ok(groups)
}

fn items(list: &mut Json) -> impl Iterator<Item = &mut Json> {
    list.as_array_mut().into_iter().flatten()
}

fn in_words(span: &mut Json) {
    ids_in_base64(span);
    for link in span.get_mut("links").into_iter().flat_map(items) {
        ids_in_base64(link);
    }
    if let Some(kind) = span.get_mut("kind") {
        let word = match number(kind).map(SpanKind::from_number) {
            Some(SpanKind::Internal) => "SPAN_KIND_INTERNAL",
            Some(SpanKind::Server) => "SPAN_KIND_SERVER",
            Some(SpanKind::Client) => "SPAN_KIND_CLIENT",
            Some(SpanKind::Producer) => "SPAN_KIND_PRODUCER",
            Some(SpanKind::Consumer) => "SPAN_KIND_CONSUMER",
            _ => "SPAN_KIND_UNSPECIFIED",
        };
        *kind = Json::from(word);
    }
    if let Some(code) = span
        .get_mut("status")
        .and_then(|status| status.get_mut("code"))
    {
        let word = match number(code).map(StatusCode::from_number) {
            Some(StatusCode::Ok) => "STATUS_CODE_OK",
            Some(StatusCode::Error) => "STATUS_CODE_ERROR",
            _ => "STATUS_CODE_UNSET",
        };
        *code = Json::from(word);
    }
}

fn number(value: &Json) -> Option<i32> {
    value.as_i64().and_then(|number| i32::try_from(number).ok())
}

fn ids_in_base64(item: &mut Json) {
    for name in ["traceId", "spanId", "parentSpanId"] {
        let Some(id) = item.get_mut(name) else {
            continue;
        };
        let bytes = id.as_str().and_then(bytes_of_hex).unwrap_or_default();
        *id = Json::from(STANDARD.encode(bytes));
    }
}

fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
        _ => None,
    });
    pairs.collect()
}
