//! OTLP/JSON, both ways: the protobuf JSON mapping with OTLP's deviations
//! (opentelemetry-proto, `docs/specification.md`, "JSON Protobuf Encoding").
//!
//! The decoder reads the text once, from front to back, into the model's types. It accepts
//! all that the mapping allows: ids in hex of any case; integers as numbers or strings, also
//! such as `1e3`; doubles as numbers, strings, `"NaN"`, `"Infinity"` and `"-Infinity"`; bytes
//! in either base64 alphabet, padded or not; `null` for what is absent; unknown fields. Names
//! of enum values are refused, as OTLP asks. Of a repeated key the last one counts.
//!
//! It has its own reader of JSON, because one bad string shall not lose a request: invalid
//! UTF-8 and lone surrogates become U+FFFD. Nesting is bounded per item and costs no stack
//! where it is skipped, floats are read exactly, and errors know their byte and path.

mod decode;
mod decode_log;
mod decode_span;
mod decode_value;
mod encode;
pub(crate) mod fault;
pub(crate) mod number;
pub(crate) mod read;
#[cfg(test)]
mod tests;
mod text;
mod write;

pub use decode::{Document, decode_document, decode_document_start, decode_logs, decode_traces};
pub use encode::{attributes_to_json, encode_document, encode_logs, encode_traces};
