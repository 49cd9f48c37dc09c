//! Takes ended spans from OpenTelemetry's SDK into the queue.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use super::worker::Exporter;

/// How long `force_flush` of OpenTelemetry's provider waits.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Never blocks and never fails: what does not fit is dropped and counted by the queue.
#[derive(Debug, Clone)]
pub(crate) struct Processor(pub(crate) Arc<Exporter>);

impl SpanProcessor for Processor {
    fn on_start(&self, _span: &mut Span, _cx: &Context) {}

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.0.spans.push(span);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.flush(FLUSH_TIMEOUT);
        Ok(())
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.flush(timeout);
        Ok(())
    }
}
