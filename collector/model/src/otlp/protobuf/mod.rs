//! OTLP protobuf, both ways, field numbers of opentelemetry-proto 1.11.
//!
//! The decoder is our own walker over the borrowed bytes in place of generated code: it
//! replaces invalid text and rejects single items, where generated code loses the request,
//! and it builds the model's types without a second tree of messages between.

mod count;
mod decode;
mod decode_bare;
mod decode_log;
mod decode_span;
pub(crate) mod decode_value;
mod encode;
mod encode_bare;
#[cfg(test)]
mod tests;
pub(crate) mod wire;
mod write;

pub use count::{count_data_points, count_profiles};
pub use decode::{decode_logs, decode_traces};
pub use decode_bare::{
    decode_attributes, decode_log_record, decode_resource, decode_scope, decode_span, decode_value,
};
pub use encode::{encode_logs, encode_traces};
pub use encode_bare::{
    encode_attributes, encode_log_record, encode_resource, encode_scope, encode_span, encode_value,
};
