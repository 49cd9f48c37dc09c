//! Single messages without the request around them, for storage.

use std::sync::Arc;

use crate::attributes::Attributes;
use crate::log::LogRecord;
use crate::resource::Resource;
use crate::scope::Scope;
use crate::span::Span;
use crate::value::Value;

use super::super::error::DecodeError;
use super::super::issues::RejectReason;
use super::super::state::DecodeState;
use super::decode::{read_resource, read_scope};
use super::decode_log::read_log_record;
use super::decode_span::read_span;
use super::decode_value::{read_attribute, read_text, read_value};
use super::wire::Reader;

/// Decodes one `Span` message.
///
/// # Errors
/// Where the bytes are no span, or one that is unusable.
pub fn decode_span(message: &[u8]) -> Result<Span, DecodeError> {
    let mut state = DecodeState::new(message.len());
    read_span(Reader::new(message), &mut state)?.map_err(DecodeError::Item)
}

/// Decodes one `LogRecord` message.
///
/// # Errors
/// Where the bytes are no log record, or one that is unusable.
pub fn decode_log_record(message: &[u8]) -> Result<LogRecord, DecodeError> {
    let mut state = DecodeState::new(message.len());
    read_log_record(Reader::new(message), &mut state)?.map_err(DecodeError::Item)
}

/// Decodes what [`encode_resource`](super::encode_resource) wrote: a `ResourceSpans` without
/// spans, because a resource's schema URL stands there and not in `Resource`.
///
/// # Errors
/// Where the bytes are no such message.
pub fn decode_resource(message: &[u8]) -> Result<Arc<Resource>, DecodeError> {
    const MESSAGE: &str = "ResourceSpans";
    let mut state = DecodeState::new(message.len());
    let mut resource = Resource::default();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => read_resource(field.message(MESSAGE)?, &mut resource, &mut state)?,
            3 => resource.schema_url = read_text(field.bytes(MESSAGE)?, &mut state),
            _ => {}
        }
    }
    Ok(Arc::new(resource))
}

/// Decodes what [`encode_scope`](super::encode_scope) wrote: a `ScopeSpans` without spans,
/// because a scope's schema URL stands there.
///
/// # Errors
/// Where the bytes are no such message.
pub fn decode_scope(message: &[u8]) -> Result<Arc<Scope>, DecodeError> {
    const MESSAGE: &str = "ScopeSpans";
    let mut state = DecodeState::new(message.len());
    let mut scope = Scope::default();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => read_scope(field.message(MESSAGE)?, &mut scope, &mut state)?,
            3 => scope.schema_url = read_text(field.bytes(MESSAGE)?, &mut state),
            _ => {}
        }
    }
    Ok(Arc::new(scope))
}

/// Decodes one `KeyValueList` message.
///
/// # Errors
/// Where the bytes are no such message, or a value in it nests too deep.
pub fn decode_attributes(message: &[u8]) -> Result<Attributes, DecodeError> {
    let mut state = DecodeState::new(message.len());
    let mut entries = Vec::new();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            let attribute = read_attribute(field.message("KeyValueList")?, 1, &mut state)?;
            entries.push(attribute);
        }
    }
    refuse_too_deep(&mut state)?;
    Ok(Attributes::from(entries))
}

/// Decodes one `AnyValue` message.
///
/// # Errors
/// Where the bytes are no such message, or the value nests too deep.
pub fn decode_value(message: &[u8]) -> Result<Value, DecodeError> {
    let mut state = DecodeState::new(message.len());
    let mut value = Value::Empty;
    read_value(Reader::new(message), 1, &mut value, &mut state)?;
    refuse_too_deep(&mut state)?;
    Ok(value)
}

fn refuse_too_deep(state: &mut DecodeState) -> Result<(), DecodeError> {
    if state.take_too_deep() {
        Err(DecodeError::Item(RejectReason::NestedTooDeep))
    } else {
        Ok(())
    }
}
