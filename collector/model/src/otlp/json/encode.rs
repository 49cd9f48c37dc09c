//! Documents, the inverse of decoding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::attributes::{Attributes, KeyValue};
use crate::batch::ResourceItems;
use crate::log::LogRecord;
use crate::resource::Resource;
use crate::scope::Scope;
use crate::span::{Event, Link, Span, Status};
use crate::value::Value;

use super::write::{Fields, Writer, non_finite};

/// Encodes spans as `{"resourceSpans":[…]}`.
pub fn encode_traces(groups: &[ResourceItems<Span>]) -> String {
    written(|fields| put_traces(groups, fields))
}

/// Encodes log records as `{"resourceLogs":[…]}`.
pub fn encode_logs(groups: &[ResourceItems<LogRecord>]) -> String {
    written(|fields| put_logs(groups, fields))
}

/// Encodes spans and log records as one object, `{"resourceSpans":[…],"resourceLogs":[…]}`.
pub fn encode_document(spans: &[ResourceItems<Span>], logs: &[ResourceItems<LogRecord>]) -> String {
    written(|fields| {
        put_traces(spans, fields);
        put_logs(logs, fields);
    })
}

fn written(fill: impl FnOnce(&mut Fields<'_>)) -> String {
    let mut writer = Writer::default();
    writer.object(fill);
    writer.into_string()
}

fn put_traces(groups: &[ResourceItems<Span>], fields: &mut Fields<'_>) {
    fields.present_list("resourceSpans", groups, |writer, group| {
        put_group(group, "scopeSpans", "spans", put_span, writer);
    });
}

fn put_logs(groups: &[ResourceItems<LogRecord>], fields: &mut Fields<'_>) {
    fields.present_list("resourceLogs", groups, |writer, group| {
        put_group(group, "scopeLogs", "logRecords", put_log_record, writer);
    });
}

fn put_group<T>(
    group: &ResourceItems<T>,
    scopes_key: &str,
    items_key: &str,
    put_item: fn(&T, &mut Fields<'_>),
    writer: &mut Writer,
) {
    writer.object(|fields| {
        fields
            .present("resource")
            .object(|fields| put_resource(&group.resource, fields));
        fields.list(scopes_key, &group.scopes, |writer, scope_items| {
            writer.object(|fields| {
                fields
                    .present("scope")
                    .object(|fields| put_scope(&scope_items.scope, fields));
                fields.list(items_key, &scope_items.items, |writer, item| {
                    writer.object(|fields| put_item(item, fields));
                });
                fields.text("schemaUrl", &scope_items.scope.schema_url);
            });
        });
        fields.text("schemaUrl", &group.resource.schema_url);
    });
}

fn put_resource(resource: &Resource, fields: &mut Fields<'_>) {
    put_attributes(&resource.attributes, fields);
    fields.number("droppedAttributesCount", resource.dropped_attributes_count);
    fields.list("entityRefs", &resource.entity_refs, |writer, entity| {
        writer.object(|fields| {
            fields.text("schemaUrl", &entity.schema_url);
            fields.text("type", &entity.kind);
            fields.list("idKeys", &entity.id_keys, |writer, key| writer.string(key));
            fields.list(
                "descriptionKeys",
                &entity.description_keys,
                |writer, key| {
                    writer.string(key);
                },
            );
        });
    });
}

fn put_scope(scope: &Scope, fields: &mut Fields<'_>) {
    fields.text("name", &scope.name);
    fields.text("version", &scope.version);
    put_attributes(&scope.attributes, fields);
    fields.number("droppedAttributesCount", scope.dropped_attributes_count);
}

fn put_span(span: &Span, fields: &mut Fields<'_>) {
    fields.id("traceId", span.trace_id);
    fields.id("spanId", span.span_id);
    fields.text("traceState", &span.trace_state);
    if let Some(parent) = span.parent_span_id {
        fields.id("parentSpanId", parent);
    }
    fields.number("flags", span.flags);
    fields.text("name", &span.name);
    fields.number("kind", span.kind.number());
    fields.uint64("startTimeUnixNano", span.start_ns);
    fields.uint64("endTimeUnixNano", span.end_ns);
    put_attributes(&span.attributes, fields);
    fields.number("droppedAttributesCount", span.dropped_attributes_count);
    fields.list("events", &span.events, |writer, event| {
        writer.object(|fields| put_event(event, fields));
    });
    fields.number("droppedEventsCount", span.dropped_events_count);
    fields.list("links", &span.links, |writer, link| {
        writer.object(|fields| put_link(link, fields));
    });
    fields.number("droppedLinksCount", span.dropped_links_count);
    if span.status != Status::default() {
        fields.present("status").object(|fields| {
            fields.text("message", &span.status.message);
            fields.number("code", span.status.code.number());
        });
    }
}

fn put_event(event: &Event, fields: &mut Fields<'_>) {
    fields.uint64("timeUnixNano", event.time_ns);
    fields.text("name", &event.name);
    put_attributes(&event.attributes, fields);
    fields.number("droppedAttributesCount", event.dropped_attributes_count);
}

fn put_link(link: &Link, fields: &mut Fields<'_>) {
    fields.id("traceId", link.trace_id);
    fields.id("spanId", link.span_id);
    fields.text("traceState", &link.trace_state);
    fields.number("flags", link.flags);
    put_attributes(&link.attributes, fields);
    fields.number("droppedAttributesCount", link.dropped_attributes_count);
}

fn put_log_record(record: &LogRecord, fields: &mut Fields<'_>) {
    fields.uint64("timeUnixNano", record.time_ns);
    fields.uint64("observedTimeUnixNano", record.observed_time_ns);
    fields.number("severityNumber", record.severity.0);
    fields.text("severityText", &record.severity_text);
    if let Some(body) = &record.body {
        put_value(body, fields.present("body"));
    }
    put_attributes(&record.attributes, fields);
    fields.number("droppedAttributesCount", record.dropped_attributes_count);
    fields.number("flags", record.flags);
    if let Some(id) = record.trace_id {
        fields.id("traceId", id);
    }
    if let Some(id) = record.span_id {
        fields.id("spanId", id);
    }
    fields.text("eventName", &record.event_name);
}

fn put_attributes(attributes: &Attributes, fields: &mut Fields<'_>) {
    if !attributes.is_empty() {
        put_key_values("attributes", attributes, fields);
    }
}

fn put_key_values(key: &str, attributes: &Attributes, fields: &mut Fields<'_>) {
    fields.present_list(key, attributes.as_slice(), |writer, entry| {
        writer.object(|fields| {
            fields.present_text("key", &entry.key);
            put_value(&entry.value, fields.present("value"));
        });
    });
}

fn put_value(value: &Value, writer: &mut Writer) {
    writer.object(|fields| match value {
        Value::Empty => {}
        Value::String(text) => fields.present_text("stringValue", text),
        Value::Bool(flag) => fields.present_boolean("boolValue", *flag),
        Value::Int(number) => fields.present_int64("intValue", *number),
        Value::Double(number) => fields.present_double("doubleValue", *number),
        Value::Bytes(bytes) => fields.present_text("bytesValue", &STANDARD.encode(bytes)),
        Value::Array(items) => fields.present("arrayValue").object(|fields| {
            fields.present_list("values", items, |writer, item| put_value(item, writer));
        }),
        Value::Map(entries) => fields
            .present("kvlistValue")
            .object(|fields| put_key_values("values", entries, fields)),
    });
}

/// The attributes as OTLP/JSON key-values, for answers that are built as a tree.
pub fn attributes_to_json(attributes: &Attributes) -> serde_json::Value {
    attributes
        .iter()
        .map(|KeyValue { key, value }| json!({ "key": key, "value": value_to_json(value) }))
        .collect()
}

fn value_to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Empty => json!({}),
        Value::String(text) => json!({ "stringValue": text }),
        Value::Bool(flag) => json!({ "boolValue": flag }),
        Value::Int(number) => json!({ "intValue": number.to_string() }),
        Value::Double(number) => match non_finite(*number) {
            Some(name) => json!({ "doubleValue": name }),
            None => json!({ "doubleValue": number }),
        },
        Value::Bytes(bytes) => json!({ "bytesValue": STANDARD.encode(bytes) }),
        Value::Array(items) => {
            let values: Vec<serde_json::Value> = items.iter().map(value_to_json).collect();
            json!({ "arrayValue": { "values": values } })
        }
        Value::Map(entries) => json!({ "kvlistValue": { "values": attributes_to_json(entries) } }),
    }
}
