//! Zipkin's v2 format in protobuf: `zipkin.proto3.ListOfSpans`.
//!
//! Source: openzipkin/zipkin-api, `zipkin.proto`.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::attributes::KeyValue;
use crate::id::{SpanId, TraceId};
use crate::otlp::protobuf::decode_value::read_text;
use crate::otlp::protobuf::wire::Reader;
use crate::otlp::{DecodeError, DecodeState, IdField, WarnReason};
use crate::span::{Event, SpanKind};
use crate::time::UnixNanos;
use crate::value::Value;

use super::zipkin_span::{Endpoint, Parts, ZipkinSpan};

const NANOS_PER_MICRO: u64 = 1000;

/// Reads the spans; unusable ones are counted in the state.
pub(super) fn read_list(
    message: &[u8],
    state: &mut DecodeState,
) -> Result<Vec<ZipkinSpan>, DecodeError> {
    let mut reader = Reader::new(message);
    let mut spans = Vec::new();
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            state.charge::<ZipkinSpan>()?;
            let parts = read_span(field.message("ListOfSpans")?, state)?;
            match parts.finish(state) {
                Ok(span) => spans.push(span),
                Err(reason) => state.issues.reject(reason),
            }
        }
    }
    Ok(spans)
}

fn read_span(mut reader: Reader<'_>, state: &mut DecodeState) -> Result<Parts, DecodeError> {
    const MESSAGE: &str = "zipkin Span";
    let mut parts = Parts::default();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => parts.ids.trace = trace_id(field.bytes(MESSAGE)?),
            2 => parts.ids.parent = IdField::of_span(field.bytes(MESSAGE)?),
            3 => parts.ids.span = IdField::of_span(field.bytes(MESSAGE)?),
            4 => parts.span.kind = kind(field.int32(MESSAGE)?),
            5 => parts.span.name = read_text(field.bytes(MESSAGE)?, state),
            6 => parts.span.start_ns = nanos(field.fixed64(MESSAGE)?, state),
            7 => parts.duration_ns = nanos(field.varint(MESSAGE)?, state),
            8 => parts.local = read_endpoint(field.message(MESSAGE)?, state)?,
            9 => parts.remote = read_endpoint(field.message(MESSAGE)?, state)?,
            10 => {
                state.charge::<Event>()?;
                let event = read_annotation(field.message(MESSAGE)?, state)?;
                parts.span.events.push(event);
            }
            11 => {
                state.charge::<KeyValue>()?;
                let tag = read_tag(field.message(MESSAGE)?, state)?;
                parts.tags.push(tag);
            }
            13 => parts.is_shared = field.varint(MESSAGE)? != 0,
            _ => {}
        }
    }
    Ok(parts)
}

/// A trace id of 16 bytes, or of 8 as tracers with short ids have it.
fn trace_id(bytes: &[u8]) -> IdField<TraceId> {
    match SpanId::from_slice(bytes) {
        Some(low) => TraceId::from_u128(u128::from(u64::from_be_bytes(*low.as_bytes())))
            .map_or(IdField::Absent, IdField::Valid),
        None => IdField::of_trace(bytes),
    }
}

fn kind(number: i32) -> SpanKind {
    match number {
        1 => SpanKind::Client,
        2 => SpanKind::Server,
        3 => SpanKind::Producer,
        4 => SpanKind::Consumer,
        // Zipkin leaves the kind out for local work.
        _ => SpanKind::Unspecified,
    }
}

fn nanos(micros: u64, state: &mut DecodeState) -> UnixNanos {
    micros.checked_mul(NANOS_PER_MICRO).unwrap_or_else(|| {
        state.issues.warn(WarnReason::InvalidTime);
        0
    })
}

fn read_endpoint(mut reader: Reader<'_>, state: &mut DecodeState) -> Result<Endpoint, DecodeError> {
    const MESSAGE: &str = "zipkin Endpoint";
    let mut endpoint = Endpoint::default();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => endpoint.service = read_text(field.bytes(MESSAGE)?, state),
            // Bytes of another length are no address.
            2 => {
                if let Ok(four) = <[u8; 4]>::try_from(field.bytes(MESSAGE)?) {
                    endpoint.address = Ipv4Addr::from(four).to_string();
                }
            }
            3 => {
                if let Ok(sixteen) = <[u8; 16]>::try_from(field.bytes(MESSAGE)?) {
                    endpoint.address = Ipv6Addr::from(sixteen).to_string();
                }
            }
            4 => endpoint.port = i64::from(field.int32(MESSAGE)?),
            _ => {}
        }
    }
    Ok(endpoint)
}

fn read_annotation(mut reader: Reader<'_>, state: &mut DecodeState) -> Result<Event, DecodeError> {
    const MESSAGE: &str = "zipkin Annotation";
    let mut event = Event::default();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => event.time_ns = nanos(field.fixed64(MESSAGE)?, state),
            2 => event.name = read_text(field.bytes(MESSAGE)?, state),
            _ => {}
        }
    }
    Ok(event)
}

/// An entry of a map, which goes over the wire as a message of key and value.
fn read_tag(mut reader: Reader<'_>, state: &mut DecodeState) -> Result<KeyValue, DecodeError> {
    const MESSAGE: &str = "zipkin tag";
    let mut key = String::new();
    let mut value = String::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => key = read_text(field.bytes(MESSAGE)?, state),
            2 => value = read_text(field.bytes(MESSAGE)?, state),
            _ => {}
        }
    }
    Ok(KeyValue {
        key,
        value: Value::String(value),
    })
}
