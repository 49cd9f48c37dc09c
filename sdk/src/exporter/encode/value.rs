//! Attributes and values, with the limits on their number and length.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, KeyValue, Value};

use super::wire;

/// Lists and maps within values are followed this far; deeper ones are sent empty.
const DEPTH_MAX: usize = 16;

/// How many attributes of one owner are sent, and how many characters of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limit {
    pub(super) count: usize,
    pub(super) chars: Option<usize>,
}

impl Limit {
    /// The beginning of `text` that may be sent.
    fn cut(self, text: &str) -> &str {
        let Some(chars) = self.chars else {
            return text;
        };
        // As many bytes are as many characters at most.
        if text.len() <= chars {
            return text;
        }
        let end = text.char_indices().nth(chars).map_or(text.len(), |it| it.0);
        text.get(..end).unwrap_or(text)
    }
}

/// Writes attributes as `field` of their owner; gives the number of those over the limit.
pub(super) fn attributes(out: &mut Vec<u8>, field: u32, all: &[KeyValue], limit: Limit) -> u32 {
    for it in all.iter().take(limit.count) {
        pair(out, field, it.key.as_str(), |out| {
            value(out, &it.value, limit);
        });
    }
    over(all.len(), limit)
}

/// How many of `count` are over the limit.
pub(super) fn over(count: usize, limit: Limit) -> u32 {
    u32::try_from(count.saturating_sub(limit.count)).unwrap_or(u32::MAX)
}

/// Writes a key with its value.
pub(super) fn pair(out: &mut Vec<u8>, field: u32, key: &str, value: impl FnOnce(&mut Vec<u8>)) {
    wire::message(out, field, |out| {
        wire::bytes(out, 1, key.as_bytes());
        wire::message(out, 2, value);
    });
}

fn text(out: &mut Vec<u8>, text: &str, limit: Limit) {
    wire::bytes_always(out, 1, limit.cut(text).as_bytes());
}

fn flag(out: &mut Vec<u8>, value: bool) {
    wire::number_always(out, 2, u64::from(value));
}

fn integer(out: &mut Vec<u8>, value: i64) {
    wire::number_always(out, 3, value.cast_unsigned());
}

fn double(out: &mut Vec<u8>, value: f64) {
    wire::fixed_64_always(out, 4, value.to_bits());
}

/// The content of an `AnyValue`.
pub(super) fn value(out: &mut Vec<u8>, value: &Value, limit: Limit) {
    match value {
        Value::Bool(it) => flag(out, *it),
        Value::I64(it) => integer(out, *it),
        Value::F64(it) => double(out, *it),
        Value::String(it) => text(out, it.as_str(), limit),
        Value::Array(array) => wire::message(out, 5, |out| match array {
            Array::Bool(all) => list(out, all, |out, it| flag(out, *it)),
            Array::I64(all) => list(out, all, |out, it| integer(out, *it)),
            Array::F64(all) => list(out, all, |out, it| double(out, *it)),
            Array::String(all) => list(out, all, |out, it| text(out, it.as_str(), limit)),
            _ => {}
        }),
        _ => {}
    }
}

fn list<T>(out: &mut Vec<u8>, all: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    for it in all {
        wire::message(out, 1, |out| write(out, it));
    }
}

/// The same of the values that records have.
pub(super) fn any_value(out: &mut Vec<u8>, value: &AnyValue, limit: Limit) {
    nested(out, value, limit, DEPTH_MAX);
}

fn nested(out: &mut Vec<u8>, value: &AnyValue, limit: Limit, depth: usize) {
    match value {
        AnyValue::Int(it) => integer(out, *it),
        AnyValue::Double(it) => double(out, *it),
        AnyValue::Boolean(it) => flag(out, *it),
        AnyValue::String(it) => text(out, it.as_str(), limit),
        AnyValue::Bytes(it) => {
            let end = limit.chars.map_or(it.len(), |max| max.min(it.len()));
            wire::bytes_always(out, 7, it.get(..end).unwrap_or_default());
        }
        AnyValue::ListAny(all) => wire::message(out, 5, |out| {
            if depth > 0 {
                list(out, all, |out, it| nested(out, it, limit, depth - 1));
            }
        }),
        AnyValue::Map(all) => wire::message(out, 6, |out| {
            for (key, it) in all.iter().filter(|_| depth > 0) {
                pair(out, 1, key.as_str(), |out| {
                    nested(out, it, limit, depth - 1);
                });
            }
        }),
        _ => {}
    }
}
