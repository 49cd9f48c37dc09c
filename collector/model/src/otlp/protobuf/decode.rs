//! Requests: groups of resource and scope with their items.

use std::sync::Arc;

use crate::batch::{ResourceItems, ScopeItems};
use crate::log::LogRecord;
use crate::resource::{EntityRef, Resource};
use crate::scope::Scope;
use crate::span::Span;

use super::super::error::DecodeError;
use super::super::issues::{Decoded, RejectReason};
use super::super::state::DecodeState;
use super::decode_log::read_log_record;
use super::decode_span::read_span;
use super::decode_value::{read_attribute, read_text};
use super::wire::Reader;

/// Decodes an `ExportTraceServiceRequest` or `TracesData`.
///
/// # Errors
/// Where the bytes are not such a message. Faults of single spans are in the result.
pub fn decode_traces(message: &[u8]) -> Result<Decoded<Span>, DecodeError> {
    decode_groups(message, read_span)
}

/// Decodes an `ExportLogsServiceRequest` or `LogsData`.
///
/// # Errors
/// Where the bytes are not such a message. Faults of single records are in the result.
pub fn decode_logs(message: &[u8]) -> Result<Decoded<LogRecord>, DecodeError> {
    decode_groups(message, read_log_record)
}

/// Reads one item, or says why it is rejected.
type ReadItem<T> = fn(Reader<'_>, &mut DecodeState) -> Result<Result<T, RejectReason>, DecodeError>;

/// `ResourceSpans` and `ResourceLogs` differ in their items only.
fn decode_groups<T>(message: &[u8], read_item: ReadItem<T>) -> Result<Decoded<T>, DecodeError> {
    let mut state = DecodeState::new(message.len());
    let mut groups = Vec::new();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            let group = field.message("TracesData")?;
            let group = read_resource_items(group, read_item, &mut state)?;
            if !group.scopes.is_empty() {
                groups.push(group);
            }
        }
    }
    Ok(state.finish(groups))
}

fn read_resource_items<T>(
    mut reader: Reader<'_>,
    read_item: ReadItem<T>,
    state: &mut DecodeState,
) -> Result<ResourceItems<T>, DecodeError> {
    const MESSAGE: &str = "ResourceSpans";
    state.charge::<(ResourceItems<T>, Resource)>()?;
    let mut resource = Resource::default();
    let mut scopes = Vec::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => read_resource(field.message(MESSAGE)?, &mut resource, state)?,
            2 => {
                let scope = read_scope_items(field.message(MESSAGE)?, read_item, state)?;
                if !scope.items.is_empty() {
                    scopes.push(scope);
                }
            }
            3 => resource.schema_url = read_text(field.bytes(MESSAGE)?, state),
            _ => {}
        }
    }
    Ok(ResourceItems {
        resource: Arc::new(resource),
        scopes,
    })
}

fn read_scope_items<T>(
    mut reader: Reader<'_>,
    read_item: ReadItem<T>,
    state: &mut DecodeState,
) -> Result<ScopeItems<T>, DecodeError> {
    const MESSAGE: &str = "ScopeSpans";
    state.charge::<(ScopeItems<T>, Scope)>()?;
    let mut scope = Scope::default();
    let mut items = Vec::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => read_scope(field.message(MESSAGE)?, &mut scope, state)?,
            2 => match read_item(field.message(MESSAGE)?, state)? {
                Ok(item) => {
                    state.charge::<T>()?;
                    items.push(item);
                }
                Err(reason) => state.issues.reject(reason),
            },
            3 => scope.schema_url = read_text(field.bytes(MESSAGE)?, state),
            _ => {}
        }
    }
    Ok(ScopeItems {
        scope: Arc::new(scope),
        items,
    })
}

/// Reads a `Resource` into one that may hold something already: protobuf merges a message
/// that comes twice.
pub(super) fn read_resource(
    mut reader: Reader<'_>,
    resource: &mut Resource,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    const MESSAGE: &str = "Resource";
    let mut attributes = Vec::from(std::mem::take(&mut resource.attributes));
    let mut dropped = resource.dropped_attributes_count;
    // What was left out here counts on top of what the sender says, wherever that stands.
    let mut left_out = 0;
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => {
                let attribute = read_attribute(field.message(MESSAGE)?, 1, state)?;
                state.push_shared_attribute(attribute, &mut attributes, &mut left_out);
            }
            2 => dropped = field.uint32(MESSAGE)?,
            3 => {
                state.charge::<EntityRef>()?;
                let entity = read_entity_ref(field.message(MESSAGE)?, state)?;
                resource.entity_refs.push(entity);
            }
            _ => {}
        }
    }
    resource.attributes = attributes.into();
    resource.dropped_attributes_count = dropped.saturating_add(left_out);
    Ok(())
}

fn read_entity_ref(
    mut reader: Reader<'_>,
    state: &mut DecodeState,
) -> Result<EntityRef, DecodeError> {
    const MESSAGE: &str = "EntityRef";
    let mut entity = EntityRef::default();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => entity.schema_url = read_text(field.bytes(MESSAGE)?, state),
            2 => entity.kind = read_text(field.bytes(MESSAGE)?, state),
            3 => {
                state.charge::<String>()?;
                entity.id_keys.push(read_text(field.bytes(MESSAGE)?, state));
            }
            4 => {
                state.charge::<String>()?;
                let key = read_text(field.bytes(MESSAGE)?, state);
                entity.description_keys.push(key);
            }
            _ => {}
        }
    }
    Ok(entity)
}

/// Reads an `InstrumentationScope` into one that may hold something already.
pub(super) fn read_scope(
    mut reader: Reader<'_>,
    scope: &mut Scope,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    const MESSAGE: &str = "InstrumentationScope";
    let mut attributes = Vec::from(std::mem::take(&mut scope.attributes));
    let mut dropped = scope.dropped_attributes_count;
    let mut left_out = 0;
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => scope.name = read_text(field.bytes(MESSAGE)?, state),
            2 => scope.version = read_text(field.bytes(MESSAGE)?, state),
            3 => {
                let attribute = read_attribute(field.message(MESSAGE)?, 1, state)?;
                state.push_shared_attribute(attribute, &mut attributes, &mut left_out);
            }
            4 => dropped = field.uint32(MESSAGE)?,
            _ => {}
        }
    }
    scope.attributes = attributes.into();
    scope.dropped_attributes_count = dropped.saturating_add(left_out);
    Ok(())
}
