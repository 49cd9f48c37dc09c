//! From `tracing` to OpenTelemetry: events become log records here, spans in `tracing-opentelemetry`.

mod log;
mod unsampled;

pub(crate) use log::LogLayer;
pub(crate) use unsampled::{SkipUnsampled, saw_unsampled};

/// What the transport of telemetry says of itself is never exported.
pub(crate) const MUTED: &str = "hyper=off,hyper_util=off,h2=off,tonic=off,tower=off,reqwest=off,opentelemetry=off,opentelemetry_sdk=off";

// A method path would do, were it general enough in its lifetimes.
pub(crate) fn is_span(metadata: &tracing::Metadata<'_>) -> bool {
    metadata.is_span()
}
