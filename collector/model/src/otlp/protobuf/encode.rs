//! Requests, the inverse of decoding.

use crate::attributes::{Attributes, KeyValue};
use crate::batch::ResourceItems;
use crate::log::LogRecord;
use crate::resource::{EntityRef, Resource};
use crate::scope::Scope;
use crate::span::{Event, Link, Span, Status};
use crate::value::Value;

use super::write::Writer;

/// Encodes spans as `TracesData`, which is an `ExportTraceServiceRequest` as well.
pub fn encode_traces(groups: &[ResourceItems<Span>]) -> Vec<u8> {
    encode_groups(groups, write_span)
}

/// Encodes log records as `LogsData`, which is an `ExportLogsServiceRequest` as well.
pub fn encode_logs(groups: &[ResourceItems<LogRecord>]) -> Vec<u8> {
    encode_groups(groups, write_log_record)
}

fn encode_groups<T>(groups: &[ResourceItems<T>], write_item: fn(&T, &mut Writer)) -> Vec<u8> {
    let mut writer = Writer::default();
    for group in groups {
        writer.message(1, |writer| {
            write_resource_of_group(&group.resource, writer);
            for scope_items in &group.scopes {
                writer.message(2, |writer| {
                    write_scope_of_group(&scope_items.scope, writer);
                    for item in &scope_items.items {
                        writer.message(2, |writer| write_item(item, writer));
                    }
                });
            }
        });
    }
    writer.into_bytes()
}

/// The fields of `ResourceSpans` or `ResourceLogs` but its items.
pub(super) fn write_resource_of_group(resource: &Resource, writer: &mut Writer) {
    writer.message(1, |writer| {
        write_attributes(1, &resource.attributes, writer);
        writer.uint32(2, resource.dropped_attributes_count);
        for entity in &resource.entity_refs {
            writer.message(3, |writer| write_entity_ref(entity, writer));
        }
    });
    writer.bytes(3, resource.schema_url.as_bytes());
}

fn write_entity_ref(entity: &EntityRef, writer: &mut Writer) {
    writer.bytes(1, entity.schema_url.as_bytes());
    writer.bytes(2, entity.kind.as_bytes());
    for key in &entity.id_keys {
        writer.present_bytes(3, key.as_bytes());
    }
    for key in &entity.description_keys {
        writer.present_bytes(4, key.as_bytes());
    }
}

/// The fields of `ScopeSpans` or `ScopeLogs` but its items.
pub(super) fn write_scope_of_group(scope: &Scope, writer: &mut Writer) {
    writer.message(1, |writer| {
        writer.bytes(1, scope.name.as_bytes());
        writer.bytes(2, scope.version.as_bytes());
        write_attributes(3, &scope.attributes, writer);
        writer.uint32(4, scope.dropped_attributes_count);
    });
    writer.bytes(3, scope.schema_url.as_bytes());
}

/// The fields of a `Span`.
pub(super) fn write_span(span: &Span, writer: &mut Writer) {
    writer.bytes(1, span.trace_id.as_bytes());
    writer.bytes(2, span.span_id.as_bytes());
    writer.bytes(3, span.trace_state.as_bytes());
    if let Some(parent) = &span.parent_span_id {
        writer.bytes(4, parent.as_bytes());
    }
    writer.bytes(5, span.name.as_bytes());
    writer.int32(6, span.kind.number());
    writer.fixed64(7, span.start_ns);
    writer.fixed64(8, span.end_ns);
    write_attributes(9, &span.attributes, writer);
    writer.uint32(10, span.dropped_attributes_count);
    for event in &span.events {
        writer.message(11, |writer| write_event(event, writer));
    }
    writer.uint32(12, span.dropped_events_count);
    for link in &span.links {
        writer.message(13, |writer| write_link(link, writer));
    }
    writer.uint32(14, span.dropped_links_count);
    if span.status != Status::default() {
        writer.message(15, |writer| {
            writer.bytes(2, span.status.message.as_bytes());
            writer.int32(3, span.status.code.number());
        });
    }
    writer.fixed32(16, span.flags);
}

fn write_event(event: &Event, writer: &mut Writer) {
    writer.fixed64(1, event.time_ns);
    writer.bytes(2, event.name.as_bytes());
    write_attributes(3, &event.attributes, writer);
    writer.uint32(4, event.dropped_attributes_count);
}

fn write_link(link: &Link, writer: &mut Writer) {
    writer.bytes(1, link.trace_id.as_bytes());
    writer.bytes(2, link.span_id.as_bytes());
    writer.bytes(3, link.trace_state.as_bytes());
    write_attributes(4, &link.attributes, writer);
    writer.uint32(5, link.dropped_attributes_count);
    writer.fixed32(6, link.flags);
}

/// The fields of a `LogRecord`.
pub(super) fn write_log_record(record: &LogRecord, writer: &mut Writer) {
    writer.fixed64(1, record.time_ns);
    writer.int32(2, record.severity.0);
    writer.bytes(3, record.severity_text.as_bytes());
    if let Some(body) = &record.body {
        writer.message(5, |writer| write_value(body, writer));
    }
    write_attributes(6, &record.attributes, writer);
    writer.uint32(7, record.dropped_attributes_count);
    writer.fixed32(8, record.flags);
    if let Some(id) = &record.trace_id {
        writer.bytes(9, id.as_bytes());
    }
    if let Some(id) = &record.span_id {
        writer.bytes(10, id.as_bytes());
    }
    writer.fixed64(11, record.observed_time_ns);
    writer.bytes(12, record.event_name.as_bytes());
}

/// The attributes, each as a `KeyValue` in the field of this number.
pub(super) fn write_attributes(number: u32, attributes: &Attributes, writer: &mut Writer) {
    for KeyValue { key, value } in attributes {
        writer.message(number, |writer| {
            writer.bytes(1, key.as_bytes());
            writer.message(2, |writer| write_value(value, writer));
        });
    }
}

/// The one field of an `AnyValue`; none for an empty value.
pub(super) fn write_value(value: &Value, writer: &mut Writer) {
    match value {
        Value::Empty => {}
        Value::String(text) => writer.present_bytes(1, text.as_bytes()),
        Value::Bool(flag) => writer.present_varint(2, u64::from(*flag)),
        Value::Int(number) => writer.present_varint(3, number.cast_unsigned()),
        Value::Double(number) => writer.present_fixed64(4, number.to_bits()),
        Value::Array(items) => writer.message(5, |writer| {
            for item in items {
                writer.message(1, |writer| write_value(item, writer));
            }
        }),
        Value::Map(entries) => writer.message(6, |writer| write_attributes(1, entries, writer)),
        Value::Bytes(bytes) => writer.present_bytes(7, bytes),
    }
}
