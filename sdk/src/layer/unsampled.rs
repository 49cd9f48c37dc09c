//! Keeps the cost of spans within an unsampled trace near nothing: nobody will ever see them.

use std::sync::atomic::{AtomicBool, Ordering};

use opentelemetry::Context as OtelContext;
use opentelemetry::trace::TraceContextExt;
use tracing::subscriber::Interest;
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// Whether this process has ever seen a trace that is not kept.
static SEEN: AtomicBool = AtomicBool::new(false);

/// Tells that a trace is not kept. Until the first one, filters answer once per callsite and not
/// once per span, which is what most processes that keep everything pay for.
pub(crate) fn saw_unsampled() {
    if SEEN.load(Ordering::Relaxed) || SEEN.swap(true, Ordering::Relaxed) {
        return;
    }
    // Elsewhere: whoever asked the sampler may hold locks. Without a thread the spans of such traces
    // cost what they cost everywhere.
    let asked = std::thread::Builder::new()
        .name("spanwalk-interest".to_owned())
        .spawn(tracing::callsite::rebuild_interest_cache);
    drop(asked);
}

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
        } else if may_travel(metadata) || !SEEN.load(Ordering::Relaxed) {
            Interest::always()
        } else {
            Interest::sometimes()
        }
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_opentelemetry::OpenTelemetrySpanExt;
    use tracing_subscriber::filter::FilterExt;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{EnvFilter, Layer, Registry};

    use super::*;
    use crate::Sampler;

    fn within(sampler: Sampler, work: impl FnOnce()) {
        let tracers = SdkTracerProvider::builder().with_sampler(sampler).build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer("test"))
            .with_filter(SkipUnsampled.and(EnvFilter::new("info")));
        tracing::subscriber::with_default(Registry::default().with(layer), work);
    }

    fn sampled(context: &OtelContext) -> Option<bool> {
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| span.is_sampled())
    }

    #[test]
    fn inside_an_unsampled_span_only_what_may_travel_is_made() {
        within(Sampler::never(), || {
            tracing::info_span!("request").in_scope(|| {
                let root = OtelContext::current();
                assert_eq!(sampled(&root), Some(false));
                let inner = tracing::info_span!("inner");
                assert_eq!(sampled(&inner.context()), None, "nobody made it");
                inner.in_scope(|| {
                    let current = OtelContext::current();
                    let ids = |it: &OtelContext| it.span().span_context().span_id();
                    assert_eq!(ids(&current), ids(&root), "the request is still known");
                    let call = tracing::info_span!("call", otel.kind = "client").context();
                    assert_eq!(
                        sampled(&call),
                        Some(false),
                        "the next service has to learn it"
                    );
                    let trace = |it: &OtelContext| it.span().span_context().trace_id();
                    assert_eq!(trace(&call), trace(&root));
                });
                let job = crate::task::job("report");
                let trace = job.context().span().span_context().trace_id();
                assert_ne!(trace, root.span().span_context().trace_id());
            });
        });
    }

    #[test]
    fn sampled_spans_are_all_made() {
        within(Sampler::always(), || {
            tracing::info_span!("request").in_scope(|| {
                let inner = tracing::info_span!("inner");
                assert_eq!(sampled(&inner.context()), Some(true));
            });
        });
    }
}
