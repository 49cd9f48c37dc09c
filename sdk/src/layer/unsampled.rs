//! Keeps the cost of spans within an unsampled trace near nothing: nobody will ever see them.

use opentelemetry::Context as OtelContext;
use opentelemetry::trace::TraceContextExt;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// Lets no span through to OpenTelemetry that would be the child of an unsampled one.
///
/// Spans that say their kind (`otel.kind`) are let through: their context may leave the process, and
/// the next service has to learn that this trace is not kept. Inside a span that was not let
/// through, `opentelemetry::Context::current()` is still the one of the last that was.
pub(crate) struct SkipUnsampled;

fn may_travel(metadata: &Metadata<'_>) -> bool {
    metadata.fields().field("otel.kind").is_some()
}

fn inside_unsampled() -> bool {
    OtelContext::map_current(|context| {
        if !context.has_active_span() {
            return false;
        }
        let span = context.span();
        let span = span.span_context();
        span.is_valid() && !span.is_sampled()
    })
}

impl<S: Subscriber> Filter<S> for SkipUnsampled {
    fn enabled(&self, metadata: &Metadata<'_>, _context: &Context<'_, S>) -> bool {
        metadata.is_span() && (may_travel(metadata) || !inside_unsampled())
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        if !metadata.is_span() {
            Interest::never()
        } else if may_travel(metadata) {
            Interest::always()
        } else {
            Interest::sometimes()
        }
    }
}
