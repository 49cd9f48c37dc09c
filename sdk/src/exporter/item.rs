//! What waits in a queue, and how much memory it takes.

use opentelemetry::logs::AnyValue;
use opentelemetry::{Array, KeyValue, Value};
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

/// Lists within lists are followed this far.
const DEPTH_MAX: usize = 8;

/// About how many bytes an item takes, on the heap and off it. Cheap: it is asked on the service's
/// threads.
pub(crate) trait Weighed {
    fn weight_bytes(&self) -> usize;
}

impl Weighed for SpanData {
    fn weight_bytes(&self) -> usize {
        let events = self.events.events.iter();
        let links = self.links.links.iter();
        size_of::<Self>()
            + self.name.len()
            + attributes(&self.attributes)
            + events
                .map(|it| 64 + it.name.len() + attributes(&it.attributes))
                .sum::<usize>()
            + links
                .map(|it| 64 + attributes(&it.attributes))
                .sum::<usize>()
    }
}

impl Weighed for SdkLogRecord {
    fn weight_bytes(&self) -> usize {
        let fields = self.attributes_iter();
        size_of::<Self>()
            + self.body().map_or(0, |it| any_value(it, DEPTH_MAX))
            + fields
                .map(|(key, value)| key.as_str().len() + any_value(value, DEPTH_MAX))
                .sum::<usize>()
    }
}

fn attributes(attributes: &[KeyValue]) -> usize {
    let one = |it: &KeyValue| size_of::<KeyValue>() + value(&it.value);
    attributes.iter().map(one).sum()
}

fn value(value: &Value) -> usize {
    match value {
        Value::String(text) => text.as_str().len(),
        Value::Array(Array::String(texts)) => texts.iter().map(|it| 24 + it.as_str().len()).sum(),
        Value::Array(Array::I64(values)) => values.len() * 8,
        Value::Array(Array::F64(values)) => values.len() * 8,
        Value::Array(Array::Bool(values)) => values.len(),
        _ => 0,
    }
}

fn any_value(value: &AnyValue, depth: usize) -> usize {
    let inner = match value {
        AnyValue::String(text) => text.as_str().len(),
        AnyValue::Bytes(bytes) => bytes.len(),
        AnyValue::ListAny(values) if depth > 0 => {
            values.iter().map(|it| any_value(it, depth - 1)).sum()
        }
        AnyValue::Map(values) if depth > 0 => values
            .iter()
            .map(|(key, it)| key.as_str().len() + any_value(it, depth - 1))
            .sum(),
        _ => 0,
    };
    size_of::<AnyValue>() + inner
}
