//! Batches from and to OTLP.
//!
//! Both decoders read `ExportTraceServiceRequest` and `TracesData` alike, whose wire forms are
//! the same, and likewise for logs. They reject item by item: a span without usable ids is
//! left out and counted, the others are kept. Only what cannot be read at all is an error.
//!
//! - [`protobuf`]: a walker over the borrowed bytes and its inverse.
//! - [`json`]: OTLP/JSON, as the protobuf JSON mapping with OTLP's deviations describes it.

mod error;
mod issues;
pub mod json;
mod limits;
pub mod protobuf;
mod state;
#[cfg(test)]
pub(crate) mod strategies;

pub use error::DecodeError;
pub use issues::{Decoded, Issues, RejectReason, WarnReason};
pub use limits::VALUE_DEPTH_MAX;
pub(crate) use state::{DecodeState, IdField, LinkParts, SpanIds};
