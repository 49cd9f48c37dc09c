//! From `tracing` to OpenTelemetry: events become log records here, spans in `tracing-opentelemetry`.

mod log;
mod unsampled;

pub(crate) use log::LogLayer;
pub(crate) use unsampled::SkipUnsampled;

// A method path would do, were it general enough in its lifetimes.
pub(crate) fn is_span(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.is_span()
}
