//! Context on the wire: how the ids of a request and its baggage travel from service to service.
//!
//! One file per format. What cannot be read is as if it were not there: the request then begins a
//! new trace and never fails. Formats are tried in the order of `OTEL_PROPAGATORS`; a later one that
//! can be read wins.

mod b3;
mod baggage;
mod jaeger;
pub(crate) mod percent;
#[cfg(test)]
mod tests;
mod trace_context;
mod trace_state;
mod xray;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapCompositePropagator, TextMapPropagator};
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};

/// The formats that `OTEL_PROPAGATORS` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    TraceContext,
    Baggage,
    B3,
    B3Multi,
    Jaeger,
    XRay,
}

impl Format {
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "tracecontext" => Self::TraceContext,
            "baggage" => Self::Baggage,
            "b3" => Self::B3,
            "b3multi" => Self::B3Multi,
            "jaeger" => Self::Jaeger,
            "xray" => Self::XRay,
            _ => return None,
        })
    }

    fn propagator(self) -> Box<dyn TextMapPropagator + Send + Sync> {
        match self {
            Self::TraceContext => Box::new(trace_context::TraceContext::default()),
            Self::Baggage => Box::new(baggage::Baggage::default()),
            Self::B3 => Box::new(b3::B3::single()),
            Self::B3Multi => Box::new(b3::B3::multi()),
            Self::Jaeger => Box::new(jaeger::Jaeger::default()),
            Self::XRay => Box::new(xray::XRay::default()),
        }
    }
}

/// All of `formats` as one.
pub(crate) fn composite(formats: &[Format]) -> TextMapCompositePropagator {
    TextMapCompositePropagator::new(formats.iter().map(|it| it.propagator()).collect())
}

/// What a caller said of a trace beyond what a span context holds. Travels beside it, and counts
/// only for the same trace.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Received {
    trace_id: TraceId,
    /// The low 7 bytes of the trace id are random, says who began it.
    random: bool,
    /// B3 and Jaeger: keep this trace whatever samplers say.
    debug: bool,
    /// A trace state that OpenTelemetry's type refuses although it is valid: the type allows one
    /// character less behind the `@` of a key.
    state: Option<String>,
}

impl Received {
    /// What was received of the trace of `span`, if it did not begin here.
    fn of(context: &Context, span: &SpanContext) -> Option<Self> {
        let received = context.get::<Self>()?;
        (received.trace_id == span.trace_id()).then(|| received.clone())
    }
}

/// Puts a remote parent into `context`.
fn remote(
    context: &Context,
    (trace_id, span_id): (TraceId, SpanId),
    sampled: bool,
    state: TraceState,
    received: Received,
) -> Context {
    let flags = TraceFlags::default().with_sampled(sampled);
    let span = SpanContext::new(trace_id, span_id, flags, true, state);
    context.with_remote_span_context(span).with_value(received)
}

/// The same where the format knows nothing but ids, a decision and `debug`.
fn remote_plain(context: &Context, ids: (TraceId, SpanId), sampled: bool, debug: bool) -> Context {
    let received = Received {
        trace_id: ids.0,
        random: false,
        debug,
        state: None,
    };
    remote(context, ids, sampled || debug, TraceState::NONE, received)
}

/// Exactly `digits` lower-case hexadecimal digits.
fn lower_hex(text: &str, digits: usize) -> Option<u128> {
    let lower = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
    (text.len() == digits && text.bytes().all(lower))
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
}

/// At most `digits` hexadecimal digits in any case; missing ones on the left are zeros.
fn short_hex(text: &str, digits: usize) -> Option<u128> {
    ((1..=digits).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit()))
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
}

fn trace_id(number: u128) -> Option<TraceId> {
    (number != 0).then(|| TraceId::from(number))
}

fn span_id(number: u128) -> Option<SpanId> {
    let number = u64::try_from(number).ok()?;
    (number != 0).then(|| SpanId::from(number))
}

/// The only header of this name; none when there are several, since nobody knows which is meant.
fn only<'a>(carrier: &'a dyn Extractor, name: &str) -> Option<&'a str> {
    match carrier.get_all(name).as_deref() {
        Some([one]) => Some(one.trim_matches([' ', '\t'])),
        _ => None,
    }
}
