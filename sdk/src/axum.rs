//! A SERVER span for each request that an axum service answers.
//!
//! The span continues the caller's context, is named by the route, and ends when the answer's body
//! ends or is dropped.

use crate::http::{Kind, TraceLayer};

/// The layer for `Router::layer`.
pub fn server() -> TraceLayer {
    TraceLayer::server(Kind::Http)
}
