//! Layers for any HTTP service or client that is a `tower::Service`.
//!
//! Spans have the names of the semantic conventions and end when the answer's body ends or is
//! dropped; the context travels in the headers.

pub use crate::http::{TraceLayer, Traced, TracedBody};

use crate::http::Kind;

/// The layer of a service: a SERVER span for each request, which continues the caller's trace.
pub fn server() -> TraceLayer {
    TraceLayer::server(Kind::Http)
}

/// The layer of a client: a CLIENT span for each request, whose context the request carries.
pub fn client() -> TraceLayer {
    TraceLayer::client(Kind::Http)
}
