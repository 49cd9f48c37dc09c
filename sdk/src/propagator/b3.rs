//! B3, the headers of Zipkin: both forms are read, the single one wins; one form is written.

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanId, TraceContextExt, TraceId};

use super::{Received, lower_hex, only, remote_plain, span_id, trace_id};

const SINGLE: &str = "b3";
const TRACE: &str = "x-b3-traceid";
const SPAN: &str = "x-b3-spanid";
const SAMPLED: &str = "x-b3-sampled";
const FLAGS: &str = "x-b3-flags";

#[derive(Debug)]
pub(super) struct B3 {
    multi: bool,
    fields: Vec<String>,
}

impl B3 {
    pub(super) fn single() -> Self {
        Self::new(false, &[SINGLE])
    }

    pub(super) fn multi() -> Self {
        Self::new(true, &[TRACE, SPAN, SAMPLED, FLAGS])
    }

    fn new(multi: bool, fields: &[&str]) -> Self {
        Self {
            multi,
            fields: fields.iter().map(|it| (*it).to_owned()).collect(),
        }
    }
}

impl TextMapPropagator for B3 {
    /// The id of the parent is never sent: a server's span is its own here.
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let span = context.span();
        let span = span.span_context();
        if !span.is_valid() {
            return;
        }
        let debug = Received::of(context, span).is_some_and(|it| it.debug);
        let sampled = if span.is_sampled() { "1" } else { "0" };
        let (trace, id) = (span.trace_id().to_string(), span.span_id().to_string());
        if !self.multi {
            let decision = if debug { "d" } else { sampled };
            injector.set(SINGLE, format!("{trace}-{id}-{decision}"));
            return;
        }
        injector.set(TRACE, trace);
        injector.set(SPAN, id);
        // Debug implies sampled, and then nothing else is said.
        if debug {
            injector.set(FLAGS, "1".to_owned());
        } else {
            injector.set(SAMPLED, sampled.to_owned());
        }
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        let found = only(extractor, SINGLE)
            .and_then(parse_single)
            .or_else(|| parse_multi(extractor));
        found.map_or_else(
            || context.clone(),
            |(ids, decision)| {
                let debug = decision == Decision::Debug;
                remote_plain(context, ids, decision != Decision::Deny, debug)
            },
        )
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// Also where nothing is said: the decision is left to us, and a trace kept is none lost.
    Accept,
    Deny,
    Debug,
}

impl Decision {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "1" | "true" => Some(Self::Accept),
            "0" | "false" => Some(Self::Deny),
            "d" => Some(Self::Debug),
            _ => None,
        }
    }
}

type Found = ((TraceId, SpanId), Decision);

fn ids(trace: &str, span: &str) -> Option<(TraceId, SpanId)> {
    // 16 digits are a trace id of 64 bits, padded on the left.
    let trace = lower_hex(trace, 32).or_else(|| lower_hex(trace, 16))?;
    Some((trace_id(trace)?, span_id(lower_hex(span, 16)?)?))
}

/// `trace-span`, `trace-span-decision` or `trace-span-decision-parent`.
fn parse_single(text: &str) -> Option<Found> {
    let mut parts = text.split('-');
    let ids = ids(parts.next()?, parts.next()?)?;
    let decision = parts
        .next()
        .map_or(Some(Decision::Accept), Decision::parse)?;
    if let Some(parent) = parts.next() {
        lower_hex(parent, 16)?;
    }
    parts.next().is_none().then_some((ids, decision))
}

fn parse_multi(carrier: &dyn Extractor) -> Option<Found> {
    let ids = ids(only(carrier, TRACE)?, only(carrier, SPAN)?)?;
    if only(carrier, FLAGS) == Some("1") {
        return Some((ids, Decision::Debug));
    }
    let decision = only(carrier, SAMPLED).map_or(Some(Decision::Accept), Decision::parse)?;
    Some((ids, decision))
}
