//! From `tracing` to OpenTelemetry: events become log records here, spans in `tracing-opentelemetry`.

mod log;

pub(crate) use log::LogLayer;
