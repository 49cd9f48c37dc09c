//! Spans as `ExportTraceServiceRequest`.

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::{Event, Link, SpanId, SpanKind, Status};
use opentelemetry_sdk::trace::SpanData;

use super::value::{self, Limit};
use super::{nanos, wire};
use crate::config::Limits;

/// The flag that says that the next one is known.
const HAS_IS_REMOTE: u32 = 0x100;
/// The flag of a parent, or of a linked span, in another process.
const IS_REMOTE: u32 = 0x200;

/// A group is a scope.
pub(super) fn scope_of(span: &SpanData) -> &InstrumentationScope {
    &span.instrumentation_scope
}

pub(super) fn span(out: &mut Vec<u8>, span: &SpanData, limits: &Limits) {
    let limit = Limit {
        count: limits.span_attributes,
        chars: limits.span_value_chars,
    };
    let context = &span.span_context;
    wire::bytes(out, 1, &context.trace_id().to_bytes());
    wire::bytes(out, 2, &context.span_id().to_bytes());
    wire::bytes(out, 3, context.trace_state().header().as_bytes());
    if span.parent_span_id != SpanId::INVALID {
        wire::bytes(out, 4, &span.parent_span_id.to_bytes());
    }
    wire::bytes(out, 5, span.name.as_bytes());
    wire::number(out, 6, kind(&span.span_kind));
    wire::fixed_64(out, 7, nanos(span.start_time));
    wire::fixed_64(out, 8, nanos(span.end_time));
    let over = value::attributes(out, 9, &span.attributes, limit);
    let dropped = span.dropped_attributes_count.saturating_add(over);
    wire::number(out, 10, u64::from(dropped));
    for it in &span.events.events {
        wire::message(out, 11, |out| event(out, it, limits));
    }
    wire::number(out, 12, u64::from(span.events.dropped_count));
    for it in &span.links.links {
        wire::message(out, 13, |out| link(out, it, limits));
    }
    wire::number(out, 14, u64::from(span.links.dropped_count));
    wire::message(out, 15, |out| status(out, &span.status));
    let flags = u32::from(context.trace_flags().to_u8());
    wire::fixed_32(out, 16, with_remote(flags, span.parent_span_is_remote));
}

fn kind(kind: &SpanKind) -> u64 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

fn with_remote(flags: u32, remote: bool) -> u32 {
    flags | HAS_IS_REMOTE | if remote { IS_REMOTE } else { 0 }
}

fn event(out: &mut Vec<u8>, event: &Event, limits: &Limits) {
    let limit = Limit {
        count: limits.event_attributes,
        chars: limits.span_value_chars,
    };
    wire::fixed_64(out, 1, nanos(event.timestamp));
    wire::bytes(out, 2, event.name.as_bytes());
    let over = value::attributes(out, 3, &event.attributes, limit);
    let dropped = event.dropped_attributes_count.saturating_add(over);
    wire::number(out, 4, u64::from(dropped));
}

fn link(out: &mut Vec<u8>, link: &Link, limits: &Limits) {
    let limit = Limit {
        count: limits.link_attributes,
        chars: limits.span_value_chars,
    };
    let context = &link.span_context;
    wire::bytes(out, 1, &context.trace_id().to_bytes());
    wire::bytes(out, 2, &context.span_id().to_bytes());
    wire::bytes(out, 3, context.trace_state().header().as_bytes());
    let over = value::attributes(out, 4, &link.attributes, limit);
    let dropped = link.dropped_attributes_count.saturating_add(over);
    wire::number(out, 5, u64::from(dropped));
    let flags = u32::from(context.trace_flags().to_u8());
    wire::fixed_32(out, 6, with_remote(flags, context.is_remote()));
}

fn status(out: &mut Vec<u8>, status: &Status) {
    match status {
        Status::Unset => {}
        Status::Ok => wire::number(out, 3, 1),
        Status::Error { description } => {
            wire::bytes(out, 2, description.as_bytes());
            wire::number(out, 3, 2);
        }
    }
}
