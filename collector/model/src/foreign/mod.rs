//! Batches from the formats of other tracers.
//!
//! - [`jaeger`]: the JSON that Jaeger's UI downloads and its query API answers.
//! - [`zipkin`]: Zipkin's v2 JSON and protobuf.
//!
//! Both are read item by item: a span that cannot be used is left out and counted, and only
//! text that is no such document is an error.

mod atoms;
mod grouping;
pub mod jaeger;
mod jaeger_span;
mod status;
#[cfg(test)]
mod tests;
pub mod zipkin;
mod zipkin_protobuf;
mod zipkin_shared;
mod zipkin_span;
#[cfg(test)]
mod zipkin_tests;
