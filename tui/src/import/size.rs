//! About how many bytes an item takes once encoded. Encoding it to know would cost as much
//! as the import itself.

use spanwalk_model::{Attributes, LogRecord, Span, Value};

/// Tags, lengths, ids and times of an item.
const FIXED_BYTES: usize = 64;

/// Tags and lengths of a part.
const PART_BYTES: usize = 16;

/// The size of a span, about.
pub(super) fn span_bytes(span: &Span) -> usize {
    let events: usize = span
        .events
        .iter()
        .map(|event| PART_BYTES + event.name.len() + attributes_bytes(&event.attributes))
        .sum();
    let links: usize = span
        .links
        .iter()
        .map(|link| 2 * PART_BYTES + link.trace_state.len() + attributes_bytes(&link.attributes))
        .sum();
    let texts = span.name.len() + span.trace_state.len() + span.status.message.len();
    FIXED_BYTES + texts + attributes_bytes(&span.attributes) + events + links
}

/// The size of a log record, about.
pub(super) fn log_record_bytes(record: &LogRecord) -> usize {
    let body = record.body.as_ref().map_or(0, value_bytes);
    let texts = record.severity_text.len() + record.event_name.len();
    FIXED_BYTES + texts + body + attributes_bytes(&record.attributes)
}

fn attributes_bytes(attributes: &Attributes) -> usize {
    attributes
        .iter()
        .map(|entry| PART_BYTES + entry.key.len() + value_bytes(&entry.value))
        .sum()
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => PART_BYTES,
        Value::String(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Array(items) => items
            .iter()
            .map(|item| PART_BYTES + value_bytes(item))
            .sum(),
        Value::Map(entries) => attributes_bytes(entries),
    }
}
