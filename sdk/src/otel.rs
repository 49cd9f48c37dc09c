//! The OpenTelemetry crates that this SDK is built on: use these and there is one version in the tree.

pub use opentelemetry;
pub use opentelemetry_sdk;
pub use tracing_opentelemetry;
