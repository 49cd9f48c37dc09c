//! From ended spans and written records to OTLP requests, on a thread of its own.
//!
//! Spans and records have a lane each: a bounded [`queue`] in memory, [`encode`] straight to the
//! bytes of a request, the [`send`]er, and a bounded [`spool`] on disk for the time in which the
//! collector is away. The thread has its own runtime, so that no runtime of the service is needed
//! to send, flush or stop, and no subscriber, so that sending makes no telemetry.

mod backoff;
mod console;
mod encode;
mod grpc;
mod http;
mod item;
mod lane;
#[cfg(test)]
mod lane_tests;
pub(crate) mod processor;
pub(crate) mod queue;
pub(crate) mod send;
mod spool;
mod worker;

pub(crate) use encode::{Encode, Encoder};
pub(crate) use lane::TARGET;
pub(crate) use queue::Sizes;
pub(crate) use worker::{Exporter, start};

/// What one request holds at most, before compression; OTLP's own limit.
const REQUEST_BYTES_MAX: usize = 64 << 20;
/// What is read of an answer at most; OTLP's own limit.
const ANSWER_BYTES_MAX: usize = 4 << 20;

/// One request: its bytes before compression, and how many items it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) bytes: bytes::Bytes,
    pub(crate) count: u64,
}
