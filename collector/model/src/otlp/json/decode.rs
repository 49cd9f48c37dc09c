//! Documents: groups of resource and scope with their items.

use std::sync::Arc;

use crate::attributes::Attributes;
use crate::batch::{LogBatch, ResourceItems, ScopeItems, SpanBatch};
use crate::log::LogRecord;
use crate::resource::{EntityRef, Resource};
use crate::scope::Scope;
use crate::span::Span;

use super::super::error::DecodeError;
use super::super::issues::{Decoded, Issues, RejectReason};
use super::super::state::without_empty;
use super::decode_log::log_record;
use super::decode_span::span;
use super::decode_value::{shared_attributes, uint32};
use super::fault::Fault;
use super::read::Reader;

/// Decodes `{"resourceSpans":[…]}`.
///
/// # Errors
/// Where the bytes are no such document. Faults of single spans are in the result.
pub fn decode_traces(text: &[u8]) -> Result<Decoded<Span>, DecodeError> {
    decode_one(text, "resourceSpans", |reader, groups| {
        resource_items(reader, "scopeSpans", "spans", span, groups)
    })
}

/// Decodes `{"resourceLogs":[…]}`.
///
/// # Errors
/// Where the bytes are no such document. Faults of single records are in the result.
pub fn decode_logs(text: &[u8]) -> Result<Decoded<LogRecord>, DecodeError> {
    decode_one(text, "resourceLogs", |reader, groups| {
        resource_items(reader, "scopeLogs", "logRecords", log_record, groups)
    })
}

/// What one document of any signal holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Whether it has a key of OTLP, or no key at all as an exporter writes for nothing.
    pub is_otlp: bool,
    /// Its usable spans.
    pub spans: SpanBatch,
    /// Its usable log records.
    pub logs: LogBatch,
    /// How many metrics it holds; they are not read further.
    pub metric_count: u64,
    /// What was rejected or mended.
    pub issues: Issues,
}

/// Decodes a document of any signal, as files hold them: spans, log records or both.
///
/// # Errors
/// Where the bytes are no JSON object, or a known field has a wrong kind.
pub fn decode_document(text: &[u8]) -> Result<Document, DecodeError> {
    match decode_document_start(text) {
        (document, None) => Ok(document),
        (_, Some(error)) => Err(error),
    }
}

/// Decodes a document of any signal as far as it can be read: what stands before an error
/// comes with it, as when a file was cut.
pub fn decode_document_start(text: &[u8]) -> (Document, Option<DecodeError>) {
    let mut reader = Reader::new(text);
    let mut document = Document::default();
    let result = read_document(&mut reader, &mut document);
    document.spans = without_empty(document.spans);
    document.logs = without_empty(document.logs);
    document.issues = reader.state.issues;
    (document, result.err().map(Fault::into_error))
}

fn read_document(reader: &mut Reader<'_>, document: &mut Document) -> Result<(), Fault> {
    let mut has_known_key = false;
    let mut has_key = false;
    let result = reader.object(|reader, field| {
        let known = ["resourceSpans", "resourceLogs", "resourceMetrics"];
        has_known_key |= known.contains(&field);
        has_key = true;
        match field {
            "resourceSpans" => {
                resource_items(reader, "scopeSpans", "spans", span, &mut document.spans)
            }
            "resourceLogs" => {
                let logs = &mut document.logs;
                resource_items(reader, "scopeLogs", "logRecords", log_record, logs)
            }
            "resourceMetrics" => {
                document.metric_count = count_metrics(reader)?;
                Ok(())
            }
            _ => reader.skip(),
        }
    });
    document.is_otlp = has_known_key || !has_key;
    if !result? {
        return Err(reader.fault("expected an object, found null"));
    }
    reader.end()
}

fn decode_one<T>(
    text: &[u8],
    key: &str,
    read: impl Fn(&mut Reader<'_>, &mut Vec<ResourceItems<T>>) -> Result<(), Fault>,
) -> Result<Decoded<T>, DecodeError> {
    let mut reader = Reader::new(text);
    let mut groups = Vec::new();
    let mut read_all = || {
        let present = reader.object(|reader, field| {
            if field != key {
                return reader.skip();
            }
            read(reader, &mut groups)
        })?;
        if !present {
            return Err(reader.fault("expected an object, found null"));
        }
        reader.end()
    };
    read_all().map_err(Fault::into_error)?;
    Ok(reader.state.finish(groups))
}

/// Reads one item, or says why it is rejected.
type ReadItem<T> = fn(&mut Reader<'_>) -> Result<Result<T, RejectReason>, Fault>;

/// The resources of a document; spans and log records differ in the keys only. They replace
/// what `groups` held. Where reading stops, what was read until then is in `groups`.
fn resource_items<T>(
    reader: &mut Reader<'_>,
    scopes_key: &str,
    items_key: &str,
    read_item: ReadItem<T>,
    groups: &mut Vec<ResourceItems<T>>,
) -> Result<(), Fault> {
    groups.clear();
    reader.array(|reader| {
        reader.state.charge::<(ResourceItems<T>, Resource)>()?;
        let mut resource = Resource::default();
        let mut schema_url = String::new();
        let mut scopes = Vec::new();
        let result = reader.object(|reader, field| {
            match field {
                "resource" => resource = read_resource(reader)?,
                "schemaUrl" => schema_url = reader.text()?,
                key if key == scopes_key => {
                    scope_items(reader, items_key, read_item, &mut scopes)?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        });
        resource.schema_url = schema_url;
        groups.push(ResourceItems {
            resource: Arc::new(resource),
            scopes,
        });
        result.map(|_| ())
    })
}

fn scope_items<T>(
    reader: &mut Reader<'_>,
    items_key: &str,
    read_item: ReadItem<T>,
    groups: &mut Vec<ScopeItems<T>>,
) -> Result<(), Fault> {
    groups.clear();
    reader.array(|reader| {
        reader.state.charge::<(ScopeItems<T>, Scope)>()?;
        let mut scope = Scope::default();
        let mut schema_url = String::new();
        let mut items = Vec::new();
        let result = reader.object(|reader, field| {
            match field {
                "scope" => scope = read_scope(reader)?,
                "schemaUrl" => schema_url = reader.text()?,
                key if key == items_key => read_items(reader, read_item, &mut items)?,
                _ => reader.skip()?,
            }
            Ok(())
        });
        scope.schema_url = schema_url;
        if !items.is_empty() {
            groups.push(ScopeItems {
                scope: Arc::new(scope),
                items,
            });
        }
        result.map(|_| ())
    })
}

fn read_items<T>(
    reader: &mut Reader<'_>,
    read_item: ReadItem<T>,
    items: &mut Vec<T>,
) -> Result<(), Fault> {
    items.clear();
    reader.array(|reader| {
        match read_item(reader)? {
            Ok(item) => {
                reader.state.charge::<T>()?;
                items.push(item);
            }
            Err(reason) => reader.state.issues.reject(reason),
        }
        Ok(())
    })
}

fn read_resource(reader: &mut Reader<'_>) -> Result<Resource, Fault> {
    let mut resource = Resource::default();
    let mut left_out = 0;
    reader.object(|reader, field| {
        match field {
            "attributes" => {
                let (attributes, count) = shared_attributes(reader)?;
                resource.attributes = Attributes::from(attributes);
                left_out = count;
            }
            "droppedAttributesCount" => resource.dropped_attributes_count = uint32(reader)?,
            "entityRefs" => resource.entity_refs = entity_refs(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    resource.dropped_attributes_count = resource.dropped_attributes_count.saturating_add(left_out);
    Ok(resource)
}

fn read_scope(reader: &mut Reader<'_>) -> Result<Scope, Fault> {
    let mut scope = Scope::default();
    let mut left_out = 0;
    reader.object(|reader, field| {
        match field {
            "name" => scope.name = reader.text()?,
            "version" => scope.version = reader.text()?,
            "attributes" => {
                let (attributes, count) = shared_attributes(reader)?;
                scope.attributes = Attributes::from(attributes);
                left_out = count;
            }
            "droppedAttributesCount" => scope.dropped_attributes_count = uint32(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    scope.dropped_attributes_count = scope.dropped_attributes_count.saturating_add(left_out);
    Ok(scope)
}

fn entity_refs(reader: &mut Reader<'_>) -> Result<Vec<EntityRef>, Fault> {
    let mut entities = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<EntityRef>()?;
        let mut entity = EntityRef::default();
        reader.object(|reader, field| {
            match field {
                "schemaUrl" => entity.schema_url = reader.text()?,
                "type" => entity.kind = reader.text()?,
                "idKeys" => entity.id_keys = texts(reader)?,
                "descriptionKeys" => entity.description_keys = texts(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        entities.push(entity);
        Ok(())
    })?;
    Ok(entities)
}

fn texts(reader: &mut Reader<'_>) -> Result<Vec<String>, Fault> {
    let mut texts = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<String>()?;
        texts.push(reader.text()?);
        Ok(())
    })?;
    Ok(texts)
}

/// How many metrics the resources hold.
fn count_metrics(reader: &mut Reader<'_>) -> Result<u64, Fault> {
    let mut count = 0;
    reader.array(|reader| {
        in_list(reader, "scopeMetrics", &mut |reader| {
            in_list(reader, "metrics", &mut |reader| {
                count += 1;
                reader.skip()
            })
        })
    })?;
    Ok(count)
}

/// Calls `item` at each value of the list that stands in the object under this key.
fn in_list(
    reader: &mut Reader<'_>,
    key: &str,
    item: &mut dyn FnMut(&mut Reader<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    reader.object(|reader, field| {
        if field == key {
            reader.array(|reader| item(reader))
        } else {
            reader.skip()
        }
    })?;
    Ok(())
}
