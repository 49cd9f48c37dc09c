//! From ended spans and written records to OTLP requests, on a thread of its own.
//!
//! The thread has its own runtime, so that no runtime of the service is needed to send, flush or
//! stop, and no subscriber, so that sending makes no telemetry.

pub(crate) mod processor;
pub(crate) mod queue;
mod send;
mod worker;

pub(crate) use send::Protocol;
pub(crate) use worker::start;
