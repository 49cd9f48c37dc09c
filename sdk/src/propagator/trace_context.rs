//! `traceparent` and `tracestate` by the W3C Trace Context recommendation, level 2.

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanId, TraceContextExt, TraceId, TraceState};

use super::{Received, lower_hex, only, remote, span_id, trace_id, trace_state};

const PARENT: &str = "traceparent";
const STATE: &str = "tracestate";
const SAMPLED: u128 = 1;
const RANDOM: u128 = 2;
/// The length of version 00, and of what is read of a later one.
const LENGTH: usize = 55;

#[derive(Debug)]
pub(super) struct TraceContext {
    fields: [String; 2],
}

impl Default for TraceContext {
    fn default() -> Self {
        Self {
            fields: [PARENT.to_owned(), STATE.to_owned()],
        }
    }
}

impl TextMapPropagator for TraceContext {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let span = context.span();
        let span = span.span_context();
        if !span.is_valid() {
            return;
        }
        let received = Received::of(context, span);
        // Ids that are made here are random; of others it is known only from who made them.
        let random = received.as_ref().is_none_or(|it| it.random);
        let flags = u8::from(span.is_sampled()) | (u8::from(random) << 1);
        injector.set(
            PARENT,
            format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id()),
        );
        let mut state = span.trace_state().header();
        if state.is_empty() {
            state = received.and_then(|it| it.state).unwrap_or_default();
        }
        if !state.is_empty() {
            injector.set(STATE, state);
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let Some(parent) = only(extractor, PARENT).and_then(Parent::parse) else {
            return context.clone();
        };
        let members = extractor
            .get_all(STATE)
            .and_then(|headers| trace_state::parse(&headers))
            .unwrap_or_default();
        let printed = trace_state::print(&members);
        let (state, kept) = match TraceState::from_key_value(members) {
            Ok(state) => (state, None),
            Err(_) => (TraceState::NONE, Some(printed)),
        };
        let received = Received {
            trace_id: parent.trace_id,
            random: parent.random,
            debug: false,
            state: kept,
        };
        let ids = (parent.trace_id, parent.span_id);
        remote(context, ids, parent.sampled, state, received)
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

struct Parent {
    trace_id: TraceId,
    span_id: SpanId,
    sampled: bool,
    random: bool,
}

impl Parent {
    /// One invalid part makes the whole header invalid.
    fn parse(text: &str) -> Option<Self> {
        let version = lower_hex(text.get(..2)?, 2)?;
        if version == 0xff || (version == 0 && text.len() != LENGTH) {
            return None;
        }
        // Later versions may hold more, after another dash.
        if !matches!(text.as_bytes().get(LENGTH), None | Some(b'-')) {
            return None;
        }
        let mut parts = text.get(..LENGTH)?.split('-').skip(1);
        let trace_id = trace_id(lower_hex(parts.next()?, 32)?)?;
        let span_id = span_id(lower_hex(parts.next()?, 16)?)?;
        let flags = lower_hex(parts.next()?, 2)?;
        if parts.next().is_some() {
            return None;
        }
        Some(Self {
            trace_id,
            span_id,
            sampled: flags & SAMPLED != 0,
            random: flags & RANDOM != 0,
        })
    }
}
