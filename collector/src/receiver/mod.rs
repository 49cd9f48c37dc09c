//! Protocol in, batches out, rejecting item by item. A sender is answered only after the wal
//! has its request; protocol types do not leave this room.
//!
//! ```text
//!  gRPC frame ─┐
//!              ├─▶ body (limits, permit) ─▶ decode (decompress, OTLP) ─▶ take (wal) ─▶ answer
//!  HTTP body ──┘
//! ```
//! - `otlp_http`, `otlp_grpc`, `zipkin`: the transports; all are routers over HTTP bodies, so that
//!   one way of reading, limiting and answering serves all.
//! - `content`: what the headers say of a body.
//! - `body`: reads a body within its limits, with a permit for every byte.
//! - `decompress`: gzip and zstd within limits.
//! - `decode`: from bytes to what is stored.
//! - `take`: the way into the store.
//! - `answer`, `failure`, `message`: what a sender is told.

mod answer;
mod body;
mod content;
mod decode;
mod decompress;
mod failure;
mod message;
mod otlp_grpc;
mod otlp_http;
mod take;
#[cfg(test)]
mod tests;
mod zipkin;
#[cfg(test)]
mod zipkin_tests;

pub use failure::{Failure, FailureKind};
pub use take::{Imported, Receiver, ReceiverOptions};
