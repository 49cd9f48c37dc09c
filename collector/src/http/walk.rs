//! `GET /api/v1/traces/{trace_id}/walk`: everything that happened, causes before effects.

use axum::response::Response;
use serde::{Serialize, Serializer};
use spanwalk_analysis::error_origin::origin;
use spanwalk_analysis::walk::{EventKind, Walk};
use spanwalk_api::WalkEvent;
use spanwalk_model::trace::Trace;
use spanwalk_model::{LogRecord, SpanId, TraceId};

use super::answer::json;
use super::problem::ApiError;

pub(super) fn answer(trace: &Trace, trace_id: TraceId) -> Result<Response, ApiError> {
    let walk = Walk::of(trace);
    json(&Body {
        trace_id: trace_id.to_hex(),
        start_ns: walk.start_ns(),
        error_origin: origin(trace, &walk).map(|origin| u64::from(origin.position)),
        findings: trace.findings().iter().map(ToString::to_string).collect(),
        events: Events { trace, walk: &walk },
    })
}

/// A `WalkResponse` whose events are made while they are written, because there may be
/// millions.
#[derive(Serialize)]
struct Body<'a> {
    trace_id: String,
    start_ns: u64,
    events: Events<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_origin: Option<u64>,
    findings: Vec<String>,
}

struct Events<'a> {
    trace: &'a Trace,
    walk: &'a Walk,
}

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let positions = 0..self.walk.len();
        serializer.collect_seq(positions.filter_map(|position| self.event(position)))
    }
}

impl Events<'_> {
    fn event(&self, position: u32) -> Option<WalkEvent> {
        let Self { trace, walk } = self;
        let event = walk.event(position)?;
        let span = event.span();
        let mut wire = WalkEvent {
            offset_ns: offset_ns(event.time_ns, walk.start_ns()),
            time_ns: event.time_ns,
            depth: span.map_or(0, |span| trace.depth(span)),
            service: walk.service(trace, position).unwrap_or_default().to_owned(),
            span_id: span
                .and_then(|span| trace.span(span))
                .map(|span| span.item.span_id.to_hex()),
            is_error: walk.is_error(position),
            clock_contradiction: event.clock_contradiction,
            why_here: event.reason.to_string(),
            ..WalkEvent::default()
        };
        let (kind, text) = match event.kind {
            EventKind::SpanStart => ("span_start", trace.name(event.span).to_owned()),
            EventKind::SpanEnd => ("span_end", trace.name(event.span).to_owned()),
            EventKind::SpanEvent => {
                let events = &trace.span(event.span)?.item.events;
                let name = &events.get(event.sub_index as usize)?.name;
                ("event", name.clone())
            }
            EventKind::Log => {
                let record = &trace.log(event.sub_index)?.item;
                record.level().as_str().clone_into(&mut wire.level);
                wire.span_id = record.span_id.map(SpanId::to_hex);
                ("log", log_text(record))
            }
        };
        kind.clone_into(&mut wire.kind);
        wire.text = text;
        if matches!(event.kind, EventKind::SpanStart | EventKind::SpanEnd) {
            let end_ns = trace.span_end_ns(event.span);
            wire.duration_ns = Some(end_ns.saturating_sub(trace.span_start_ns(event.span)));
        }
        Some(wire)
    }
}

/// The body; for a record without one the name of its event.
fn log_text(record: &LogRecord) -> String {
    match record.body {
        Some(_) => record.body_text(),
        None => record.event_name.clone(),
    }
}

/// Zero where the time is not known; otherwise an unknown time would stand half a century
/// before the start.
fn offset_ns(time_ns: u64, start_ns: u64) -> i64 {
    if time_ns == 0 {
        return 0;
    }
    let offset = i128::from(time_ns) - i128::from(start_ns);
    i64::try_from(offset).unwrap_or(if offset < 0 { i64::MIN } else { i64::MAX })
}
