//! Texts, attributes and values.

use crate::attributes::{Attributes, KeyValue};
use crate::value::Value;

use super::super::error::DecodeError;
use super::super::issues::WarnReason;
use super::super::limits::VALUE_DEPTH_MAX;
use super::super::state::DecodeState;
use super::wire::{Field, Reader};

/// A text; what is not UTF-8 in it becomes U+FFFD, so that one bad string does not lose the
/// request.
pub(crate) fn read_text(bytes: &[u8], state: &mut DecodeState) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    state.issues.warn(WarnReason::InvalidText);
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads the `KeyValue` of a field into the attributes of an item.
pub(super) fn push_attribute(
    field: &Field<'_>,
    message: &'static str,
    attributes: &mut Vec<KeyValue>,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    let attribute = read_attribute(field.message(message)?, 1, state)?;
    attributes.push(attribute);
    Ok(())
}

/// Reads a `KeyValue` whose value stands at this depth, counted from one.
pub(super) fn read_attribute(
    mut reader: Reader<'_>,
    depth: usize,
    state: &mut DecodeState,
) -> Result<KeyValue, DecodeError> {
    const MESSAGE: &str = "KeyValue";
    state.charge::<KeyValue>()?;
    let mut key = String::new();
    let mut value = Value::Empty;
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => key = read_text(field.bytes(MESSAGE)?, state),
            2 => read_value(field.message(MESSAGE)?, depth, &mut value, state)?,
            3 => state.issues.warn(WarnReason::StringTableIndex),
            _ => {}
        }
    }
    Ok(KeyValue { key, value })
}

/// Reads an `AnyValue` at this depth, counted from one. A value that is too deep is left
/// unread and noted in the state.
pub(super) fn read_value(
    mut reader: Reader<'_>,
    depth: usize,
    value: &mut Value,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    const MESSAGE: &str = "AnyValue";
    if depth > VALUE_DEPTH_MAX {
        state.note_too_deep();
        return Ok(());
    }
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => *value = Value::String(read_text(field.bytes(MESSAGE)?, state)),
            2 => *value = Value::Bool(field.varint(MESSAGE)? != 0),
            3 => *value = Value::Int(field.varint(MESSAGE)?.cast_signed()),
            4 => *value = Value::Double(f64::from_bits(field.fixed64(MESSAGE)?)),
            5 => read_array(field.message(MESSAGE)?, depth, value, state)?,
            6 => read_map(field.message(MESSAGE)?, depth, value, state)?,
            7 => *value = Value::Bytes(field.bytes(MESSAGE)?.to_vec()),
            8 => state.issues.warn(WarnReason::StringTableIndex),
            _ => {}
        }
    }
    Ok(())
}

/// Reads an `ArrayValue`; one that comes twice is appended to, as protobuf merges messages.
fn read_array(
    mut reader: Reader<'_>,
    depth: usize,
    value: &mut Value,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    let mut items = match std::mem::take(value) {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            state.charge::<Value>()?;
            let mut item = Value::Empty;
            read_value(field.message("ArrayValue")?, depth + 1, &mut item, state)?;
            items.push(item);
        }
    }
    *value = Value::Array(items);
    Ok(())
}

/// Reads a `KeyValueList`, merged like an array.
fn read_map(
    mut reader: Reader<'_>,
    depth: usize,
    value: &mut Value,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    let mut entries = match std::mem::take(value) {
        Value::Map(entries) => Vec::from(entries),
        _ => Vec::new(),
    };
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            let entry = read_attribute(field.message("KeyValueList")?, depth + 1, state)?;
            entries.push(entry);
        }
    }
    *value = Value::Map(Attributes::from(entries));
    Ok(())
}
