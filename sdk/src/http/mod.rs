//! Layers for services over HTTP and gRPC, both ways: a span per request that ends with the body.
//!
//! `axum`, `tower` and `grpc` are the doors to this room.

mod body;
pub(crate) mod headers;
mod layer;
mod span;

pub use body::TracedBody;
pub use layer::{TraceLayer, Traced};
pub(crate) use span::carry_on;

/// Which conventions name the span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Http,
    Grpc,
}

/// Which side of the request is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Client,
}
