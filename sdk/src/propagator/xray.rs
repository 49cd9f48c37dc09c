//! `X-Amzn-Trace-Id`, the header of AWS X-Ray.

use opentelemetry::Context;
use opentelemetry::propagation::text_map_propagator::FieldIter;
use opentelemetry::propagation::{Extractor, Injector, TextMapPropagator};
use opentelemetry::trace::{SpanId, TraceContextExt, TraceId};

use super::{lower_hex, only, remote_plain, span_id, trace_id};

const NAME: &str = "x-amzn-trace-id";

#[derive(Debug)]
pub(super) struct XRay {
    fields: [String; 1],
}

impl Default for XRay {
    fn default() -> Self {
        Self {
            fields: [NAME.to_owned()],
        }
    }
}

impl TextMapPropagator for XRay {
    fn inject_context(&self, context: &Context, injector: &mut dyn Injector) {
        let span = context.span();
        let span = span.span_context();
        if !span.is_valid() {
            return;
        }
        let trace = span.trace_id().to_string();
        // The first 4 bytes stand for the time of the trace's begin.
        let (time, rest) = trace.split_at(8);
        let sampled = u8::from(span.is_sampled());
        injector.set(
            NAME,
            format!(
                "Root=1-{time}-{rest};Parent={};Sampled={sampled}",
                span.span_id()
            ),
        );
    }

    fn extract_with_context(&self, context: &Context, extractor: &dyn Extractor) -> Context {
        only(extractor, NAME).and_then(parse).map_or_else(
            || context.clone(),
            |(ids, sampled)| remote_plain(context, ids, sampled, false),
        )
    }

    fn fields(&self) -> FieldIter<'_> {
        FieldIter::new(&self.fields)
    }
}

/// `Root=1-time-rest;Parent=span;Sampled=1` in any order, with other fields among them. A decision
/// that is left open, or missing, is ours: the trace is kept.
fn parse(text: &str) -> Option<((TraceId, SpanId), bool)> {
    let (mut trace, mut span, mut sampled) = (None, None, true);
    for field in text.split(';') {
        let (key, value) = field.trim().split_once('=')?;
        match key {
            "Root" => trace = Some(root(value)?),
            "Parent" => span = Some(span_id(lower_hex(value, 16)?)?),
            "Sampled" => {
                sampled = match value {
                    "0" => false,
                    "1" | "?" => true,
                    _ => return None,
                }
            }
            _ => {}
        }
    }
    Some(((trace?, span?), sampled))
}

fn root(value: &str) -> Option<TraceId> {
    let mut parts = value.split('-');
    let (version, time, rest) = (parts.next()?, parts.next()?, parts.next()?);
    if version != "1" || parts.next().is_some() {
        return None;
    }
    trace_id((lower_hex(time, 8)? << 96) | lower_hex(rest, 24)?)
}
