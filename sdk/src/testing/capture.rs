//! A subscriber for one test, with queues that nobody empties but the test.

use std::sync::Arc;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Dispatch;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use super::trace::{LogRecord, Span, Trace};
use crate::exporter::processor::Processor;
use crate::exporter::{Exporter, Sizes};
use crate::layer::LogLayer;

/// What one test may make; more is dropped, and the test is told.
const SIZES: Sizes = Sizes {
    queue_count: 1_000_000,
    queue_bytes: usize::MAX,
    batch_count: usize::MAX,
    batch_bytes: usize::MAX,
};

/// Everything that was captured.
#[derive(Debug, Default)]
pub struct Captured {
    /// Ended spans in the order in which they ended.
    pub spans: Vec<Span>,
    /// Records in the order in which they were written.
    pub records: Vec<LogRecord>,
}

/// Captures spans and records as long as it lives: of this thread, and of the tasks that run on it.
///
/// Tests on a runtime of one thread, as `#[tokio::test]` is by default, need nothing else. What other
/// threads do is captured within [`Capture::on_thread`].
#[must_use = "capturing ends when this is dropped"]
pub struct Capture {
    exporter: Arc<Exporter>,
    _here: DefaultGuard,
    dispatch: Dispatch,
    tracers: SdkTracerProvider,
}

impl std::fmt::Debug for Capture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Capture").finish_non_exhaustive()
    }
}

impl Capture {
    /// Begins to capture on this thread, and lets context travel in the W3C's formats.
    pub fn start() -> Self {
        let exporter = Arc::new(Exporter::with_sizes(SIZES));
        let tracers = SdkTracerProvider::builder()
            .with_span_processor(Processor(Arc::clone(&exporter)))
            .build();
        let spans = tracing_opentelemetry::layer()
            .with_tracer(tracers.tracer("spanwalk-sdk"))
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(crate::layer::is_span).and(heard()));
        let records = LogLayer::new(Arc::clone(&exporter.records)).with_filter(heard());
        let dispatch = Dispatch::new(Registry::default().with(spans).with(records));
        let formats = [
            crate::propagator::Format::TraceContext,
            crate::propagator::Format::Baggage,
        ];
        opentelemetry::global::set_text_map_propagator(crate::propagator::composite(&formats));
        Self {
            exporter,
            _here: tracing::dispatcher::set_default(&dispatch),
            dispatch,
            tracers,
        }
    }

    /// Runs `work`, on whatever thread this is called, with what it does captured.
    pub fn on_thread<T>(&self, work: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch, work)
    }

    /// A tracer for code that speaks to OpenTelemetry itself.
    pub fn tracer(&self) -> opentelemetry_sdk::trace::Tracer {
        self.tracers.tracer("spanwalk-sdk")
    }

    /// Takes everything that was captured so far: spans that have ended, and records.
    ///
    /// # Panics
    /// When more was made than can be captured: a test must not pass on half of it.
    pub fn take(&self) -> Captured {
        let stats = self.exporter.stats();
        assert!(
            stats.spans.dropped == 0 && stats.records.dropped == 0,
            "more spans or records than a test can capture: {stats:?}"
        );
        Captured {
            spans: self
                .exporter
                .spans
                .take()
                .into_iter()
                .map(Span::of)
                .collect(),
            records: self
                .exporter
                .records
                .take()
                .iter()
                .map(LogRecord::of)
                .collect(),
        }
    }

    /// Takes everything as one trace: with what links lead to, and with all records.
    pub fn trace(&self) -> Trace {
        let Captured { spans, records } = self.take();
        Trace::new(spans, records)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Nobody empties the queues: who waits for that must not wait.
        self.exporter.spans.end();
        self.exporter.records.end();
    }
}

/// Everything but what the transport says of itself, as in a service.
fn heard() -> EnvFilter {
    EnvFilter::new(format!("trace,{}", crate::layer::MUTED))
}
