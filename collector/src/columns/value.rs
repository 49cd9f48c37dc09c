//! One value as bytes that say themselves what they are: for what has no column of its kind.

use spanwalk_model::{Attributes, KeyValue, Value};

use super::bytes::{Bad, Source, put_blob, put_varint, unzigzag, zigzag};
use super::format::VALUE_DEPTH_MAX;

const EMPTY: u8 = 0;
const STRING: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INT: u8 = 4;
const DOUBLE: u8 = 5;
const BYTES: u8 = 6;
const ARRAY: u8 = 7;
const MAP: u8 = 8;

/// What stands in the place of a value that is nested too deeply.
pub(super) const CUT_TEXT: &str = "(nested too deeply to keep)";

/// Appends a value; returns how many values within it were nested too deeply and replaced.
pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) -> u64 {
    put_nested(out, value, 0)
}

/// Appends attributes as a list; returns as [`put_value`] does.
pub(super) fn put_attributes(out: &mut Vec<u8>, attributes: &Attributes) -> u64 {
    put_entries(out, attributes, 0)
}

fn put_nested(out: &mut Vec<u8>, value: &Value, depth: usize) -> u64 {
    match value {
        Value::Array(_) | Value::Map(_) if depth >= VALUE_DEPTH_MAX => {
            out.push(STRING);
            put_blob(out, CUT_TEXT.as_bytes());
            return 1;
        }
        Value::Empty => out.push(EMPTY),
        Value::String(text) => {
            out.push(STRING);
            put_blob(out, text.as_bytes());
        }
        Value::Bool(flag) => out.push(if *flag { TRUE } else { FALSE }),
        Value::Int(number) => {
            out.push(INT);
            put_varint(out, zigzag(*number));
        }
        Value::Double(number) => {
            out.push(DOUBLE);
            out.extend_from_slice(&number.to_bits().to_le_bytes());
        }
        Value::Bytes(bytes) => {
            out.push(BYTES);
            put_blob(out, bytes);
        }
        Value::Array(values) => {
            out.push(ARRAY);
            put_varint(out, values.len() as u64);
            return values
                .iter()
                .map(|value| put_nested(out, value, depth + 1))
                .sum();
        }
        Value::Map(entries) => {
            out.push(MAP);
            return put_entries(out, entries, depth + 1);
        }
    }
    0
}

fn put_entries(out: &mut Vec<u8>, entries: &Attributes, depth: usize) -> u64 {
    put_varint(out, entries.len() as u64);
    let mut cut_count = 0;
    for entry in entries {
        put_blob(out, entry.key.as_bytes());
        cut_count += put_nested(out, &entry.value, depth);
    }
    cut_count
}

/// Reads a value.
pub(super) fn read_value(source: &mut Source<'_>) -> Result<Value, Bad> {
    read_nested(source, 0)
}

/// Reads what [`put_attributes`] wrote.
pub(super) fn read_attributes(source: &mut Source<'_>) -> Result<Attributes, Bad> {
    read_entries(source, 0)
}

fn read_nested(source: &mut Source<'_>, depth: usize) -> Result<Value, Bad> {
    if depth > VALUE_DEPTH_MAX {
        return Err(Bad("a value is nested too deeply"));
    }
    Ok(match source.byte()? {
        EMPTY => Value::Empty,
        STRING => Value::String(source.text()?.to_owned()),
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        INT => Value::Int(unzigzag(source.varint()?)),
        DOUBLE => Value::Double(f64::from_bits(u64::from_le_bytes(source.chunk()?))),
        BYTES => Value::Bytes(source.blob()?.to_vec()),
        ARRAY => {
            let count = source.count()?;
            let mut values = Vec::new();
            for _ in 0..count {
                values.push(read_nested(source, depth + 1)?);
            }
            Value::Array(values)
        }
        MAP => Value::Map(read_entries(source, depth + 1)?),
        _ => return Err(Bad("a value is of an unknown kind")),
    })
}

fn read_entries(source: &mut Source<'_>, depth: usize) -> Result<Attributes, Bad> {
    let count = source.count()?;
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(KeyValue {
            key: source.text()?.to_owned(),
            value: read_nested(source, depth)?,
        });
    }
    Ok(entries.into())
}
