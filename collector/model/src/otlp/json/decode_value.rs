//! Scalars as the protobuf JSON mapping writes them, attributes and values.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::attributes::{Attributes, KeyValue};
use crate::id::{ParseIdError, SpanId, TraceId};
use crate::value::Value;

use super::super::issues::WarnReason;
use super::super::limits::VALUE_DEPTH_MAX;
use super::super::state::IdField;
use super::fault::Fault;
use super::number;
use super::read::Reader;

/// Takes base64 with and without padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// An integer as number or string; `None` for `null`.
fn integer<T: TryFrom<i128>>(
    reader: &mut Reader<'_>,
    expected: &'static str,
) -> Result<Option<T>, Fault> {
    let in_range = |number: Option<i128>| number.and_then(|number| T::try_from(number).ok());
    let number = match reader.peek() {
        Some(b'n') => return reader.null().map(|_| None),
        Some(b'"') => {
            let text = reader.string()?.unwrap_or_default();
            in_range(number::integer(&text).filter(|_| number::is_number(&text)))
        }
        _ => in_range(number::integer(reader.number()?)),
    };
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(reader.fault(format!("expected {expected}"))),
    }
}

/// A `uint64` or `fixed64`, a time among them; zero for `null`.
pub(super) fn uint64(reader: &mut Reader<'_>) -> Result<u64, Fault> {
    Ok(integer(reader, "an unsigned integer of 64 bits")?.unwrap_or_default())
}

/// A `uint32` or `fixed32`; zero for `null`.
pub(super) fn uint32(reader: &mut Reader<'_>) -> Result<u32, Fault> {
    Ok(integer(reader, "an unsigned integer of 32 bits")?.unwrap_or_default())
}

/// The number of an enum; zero for `null`. OTLP forbids the names that protobuf's mapping
/// allows.
pub(super) fn enumeration(reader: &mut Reader<'_>) -> Result<i32, Fault> {
    if reader.peek() == Some(b'"') {
        return Err(reader.fault("expected the number of an enum value, found a string"));
    }
    Ok(integer(reader, "the number of an enum value")?.unwrap_or_default())
}

fn double(reader: &mut Reader<'_>) -> Result<Option<f64>, Fault> {
    let number = match reader.peek() {
        Some(b'n') => return reader.null().map(|_| None),
        Some(b'"') => match &*reader.string()?.unwrap_or_default() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            text if number::is_number(text) => number::double(text),
            _ => None,
        },
        _ => number::double(reader.number()?),
    };
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(reader.fault("expected a double")),
    }
}

fn bytes(reader: &mut Reader<'_>) -> Result<Option<Vec<u8>>, Fault> {
    let Some(text) = reader.string()? else {
        return Ok(None);
    };
    let standard: Vec<u8> = text
        .bytes()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    match BASE64.decode(standard) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) => Err(reader.fault(format!("expected bytes in base64: {error}"))),
    }
}

/// A trace id in hex.
pub(super) fn trace_id(reader: &mut Reader<'_>) -> Result<IdField<TraceId>, Fault> {
    Ok(id(&reader.string()?.unwrap_or_default()))
}

/// A span id in hex.
pub(super) fn span_id(reader: &mut Reader<'_>) -> Result<IdField<SpanId>, Fault> {
    Ok(id(&reader.string()?.unwrap_or_default()))
}

fn id<T: std::str::FromStr<Err = ParseIdError>>(text: &str) -> IdField<T> {
    match text.parse() {
        Ok(id) => IdField::Valid(id),
        Err(ParseIdError::Zero) => IdField::Absent,
        Err(_) if text.is_empty() => IdField::Absent,
        Err(_) => IdField::Invalid,
    }
}

/// A list of `KeyValue` whose values stand at this depth, counted from one.
pub(super) fn attributes(reader: &mut Reader<'_>, depth: usize) -> Result<Vec<KeyValue>, Fault> {
    let mut attributes = Vec::new();
    reader.array(|reader| {
        attributes.push(attribute(reader, depth)?);
        Ok(())
    })?;
    Ok(attributes)
}

/// The attributes of a resource or scope, and how many were left out for their depth.
pub(super) fn shared_attributes(reader: &mut Reader<'_>) -> Result<(Vec<KeyValue>, u32), Fault> {
    let mut attributes = Vec::new();
    let mut left_out = 0;
    reader.array(|reader| {
        let attribute = attribute(reader, 1)?;
        reader
            .state
            .push_shared_attribute(attribute, &mut attributes, &mut left_out);
        Ok(())
    })?;
    Ok((attributes, left_out))
}

fn attribute(reader: &mut Reader<'_>, depth: usize) -> Result<KeyValue, Fault> {
    reader.state.charge::<KeyValue>()?;
    let mut key = String::new();
    let mut value = Value::Empty;
    reader.object(|reader, field| {
        match field {
            "key" => key = reader.text()?,
            "value" => value = any_value(reader, depth)?.unwrap_or_default(),
            "keyStrindex" => ignore_string_index(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(KeyValue { key, value })
}

fn ignore_string_index(reader: &mut Reader<'_>) -> Result<(), Fault> {
    reader.state.issues.warn(WarnReason::StringTableIndex);
    reader.skip()
}

/// An `AnyValue` at this depth, counted from one; `None` for `null`. A value that is too
/// deep is skipped and noted in the state.
pub(super) fn any_value(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Value>, Fault> {
    if depth > VALUE_DEPTH_MAX {
        reader.state.note_too_deep();
        return reader.skip().map(|()| None);
    }
    let mut value = Value::Empty;
    let present = reader.object(|reader, field| {
        let read = match field {
            "stringValue" => reader
                .string()?
                .map(|text| Value::String(text.into_owned())),
            "boolValue" => reader.boolean()?.map(Value::Bool),
            "intValue" => integer(reader, "an integer of 64 bits")?.map(Value::Int),
            "doubleValue" => double(reader)?.map(Value::Double),
            "bytesValue" => bytes(reader)?.map(Value::Bytes),
            "arrayValue" => array(reader, depth)?,
            "kvlistValue" => map(reader, depth)?,
            "stringValueStrindex" => return ignore_string_index(reader),
            _ => return reader.skip(),
        };
        value = read.unwrap_or_default();
        Ok(())
    })?;
    Ok(present.then_some(value))
}

fn array(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Value>, Fault> {
    let mut items = Vec::new();
    let present = reader.object(|reader, field| {
        if field != "values" {
            return reader.skip();
        }
        items.clear();
        reader.array(|reader| {
            reader.state.charge::<Value>()?;
            items.push(any_value(reader, depth + 1)?.unwrap_or_default());
            Ok(())
        })
    })?;
    Ok(present.then_some(Value::Array(items)))
}

fn map(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Value>, Fault> {
    let mut entries = Vec::new();
    let present = reader.object(|reader, field| {
        if field != "values" {
            return reader.skip();
        }
        entries = attributes(reader, depth + 1)?;
        Ok(())
    })?;
    Ok(present.then(|| Value::Map(Attributes::from(entries))))
}
