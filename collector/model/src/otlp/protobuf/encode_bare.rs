//! Single messages without the request around them, for storage.

use crate::attributes::Attributes;
use crate::log::LogRecord;
use crate::resource::Resource;
use crate::scope::Scope;
use crate::span::Span;
use crate::value::Value;

use super::encode::{
    write_attributes, write_log_record, write_resource_of_group, write_scope_of_group, write_span,
    write_value,
};
use super::write::Writer;

/// Encodes one `Span` message.
pub fn encode_span(span: &Span) -> Vec<u8> {
    written(|writer| write_span(span, writer))
}

/// Encodes one `LogRecord` message.
pub fn encode_log_record(record: &LogRecord) -> Vec<u8> {
    written(|writer| write_log_record(record, writer))
}

/// Encodes a resource as a `ResourceSpans` without spans, because its schema URL stands
/// there and not in `Resource`.
pub fn encode_resource(resource: &Resource) -> Vec<u8> {
    written(|writer| write_resource_of_group(resource, writer))
}

/// Encodes a scope as a `ScopeSpans` without spans, because its schema URL stands there.
pub fn encode_scope(scope: &Scope) -> Vec<u8> {
    written(|writer| write_scope_of_group(scope, writer))
}

/// Encodes attributes as one `KeyValueList` message.
pub fn encode_attributes(attributes: &Attributes) -> Vec<u8> {
    written(|writer| write_attributes(1, attributes, writer))
}

/// Encodes one `AnyValue` message.
pub fn encode_value(value: &Value) -> Vec<u8> {
    written(|writer| write_value(value, writer))
}

fn written(write: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer);
    writer.into_bytes()
}
