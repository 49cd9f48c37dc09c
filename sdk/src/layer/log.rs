//! Each `tracing` event becomes one log record with the ids of the span it was written in.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use opentelemetry::logs::{AnyValue, LogRecord, Logger, LoggerProvider, Severity};
use opentelemetry::trace::{SpanContext, TraceContextExt};
use opentelemetry::{Context as OtelContext, Key};
use opentelemetry_sdk::logs::{SdkLogRecord, SdkLogger, SdkLoggerProvider};
use tracing::dispatcher::WeakDispatch;
use tracing::field::{Field, Visit};
use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_opentelemetry::get_otel_context;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::exporter::queue::Queue;

/// Writes events straight into the queue of the exporter.
pub(crate) struct LogLayer {
    /// Makes empty records; it has nowhere to send them.
    logger: SdkLogger,
    queue: Arc<Queue<SdkLogRecord>>,
    /// The way from the id of a span to its OpenTelemetry context; known once a subscriber is set.
    dispatch: OnceLock<WeakDispatch>,
}

impl LogLayer {
    pub(crate) fn new(queue: Arc<Queue<SdkLogRecord>>) -> Self {
        Self {
            logger: SdkLoggerProvider::builder().build().logger("spanwalk-sdk"),
            queue,
            dispatch: OnceLock::new(),
        }
    }

    /// The ids of the span that the event names itself, as in `info!(parent: &span, …)`.
    fn named_span(&self, event: &Event<'_>) -> Option<SpanContext> {
        let dispatch = self.dispatch.get()?.upgrade()?;
        let context = get_otel_context(event.parent()?, &dispatch)?;
        Some(context.span().span_context().clone()).filter(SpanContext::is_valid)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LogLayer {
    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        // A second subscriber would be another registry, whose ids mean nothing here.
        self.dispatch.get_or_init(|| subscriber.downgrade());
    }

    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        if OtelContext::is_current_telemetry_suppressed() {
            return;
        }
        let metadata = event.metadata();
        let mut record = self.logger.create_log_record();
        let now = SystemTime::now();
        record.set_timestamp(now);
        record.set_observed_timestamp(now);
        record.set_target(metadata.target());
        let (number, text) = severity(*metadata.level());
        record.set_severity_number(number);
        record.set_severity_text(text);
        if let Some(file) = metadata.file() {
            record.add_attribute("code.file.path", file);
        }
        if let Some(line) = metadata.line() {
            record.add_attribute("code.line.number", i64::from(line));
        }
        event.record(&mut Fields(&mut record));
        if let Some(span) = self.named_span(event).or_else(active_span) {
            record.set_trace_context(span.trace_id(), span.span_id(), Some(span.trace_flags()));
        }
        self.queue.push(record);
    }
}

/// The span that is active on this thread.
fn active_span() -> Option<SpanContext> {
    OtelContext::map_current(|context| {
        context
            .has_active_span()
            .then(|| context.span().span_context().clone())
            .filter(SpanContext::is_valid)
    })
}

fn severity(level: Level) -> (Severity, &'static str) {
    match level {
        Level::ERROR => (Severity::Error, "ERROR"),
        Level::WARN => (Severity::Warn, "WARN"),
        Level::INFO => (Severity::Info, "INFO"),
        Level::DEBUG => (Severity::Debug, "DEBUG"),
        Level::TRACE => (Severity::Trace, "TRACE"),
    }
}

/// The fields of one event; `message` is the body.
struct Fields<'a>(&'a mut SdkLogRecord);

impl Fields<'_> {
    fn add(&mut self, field: &Field, value: AnyValue) {
        if field.name() == "message" {
            self.0.set_body(value);
        } else {
            self.0
                .add_attribute(Key::from_static_str(field.name()), value);
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned().into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        let value = i64::try_from(value).map_or_else(|_| value.to_string().into(), AnyValue::from);
        self.add(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value.into());
    }
}
