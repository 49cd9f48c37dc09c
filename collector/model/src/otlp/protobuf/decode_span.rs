//! Spans with their events, links and status.

use crate::attributes::Attributes;
use crate::span::{Event, Link, Span, SpanKind, Status, StatusCode};

use super::super::error::DecodeError;
use super::super::issues::RejectReason;
use super::super::state::{DecodeState, IdField, LinkParts, SpanIds};
use super::decode_value::{push_attribute, read_text};
use super::wire::Reader;

/// Reads a `Span`, or says why it is rejected.
pub(super) fn read_span(
    mut reader: Reader<'_>,
    state: &mut DecodeState,
) -> Result<Result<Span, RejectReason>, DecodeError> {
    const MESSAGE: &str = "Span";
    let mut span = DecodeState::blank_span();
    let mut ids = SpanIds::default();
    let mut attributes = Vec::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => ids.trace = IdField::of_trace(field.bytes(MESSAGE)?),
            2 => ids.span = IdField::of_span(field.bytes(MESSAGE)?),
            3 => span.trace_state = read_text(field.bytes(MESSAGE)?, state),
            4 => ids.parent = IdField::of_span(field.bytes(MESSAGE)?),
            5 => span.name = read_text(field.bytes(MESSAGE)?, state),
            6 => span.kind = SpanKind::from_number(field.int32(MESSAGE)?),
            7 => span.start_ns = field.fixed64(MESSAGE)?,
            8 => span.end_ns = field.fixed64(MESSAGE)?,
            9 => push_attribute(&field, MESSAGE, &mut attributes, state)?,
            10 => span.dropped_attributes_count = field.uint32(MESSAGE)?,
            11 => {
                state.charge::<Event>()?;
                span.events
                    .push(read_event(field.message(MESSAGE)?, state)?);
            }
            12 => span.dropped_events_count = field.uint32(MESSAGE)?,
            13 => {
                state.charge::<Link>()?;
                let parts = read_link(field.message(MESSAGE)?, state)?;
                state.push_link(parts, &mut span.links);
            }
            14 => span.dropped_links_count = field.uint32(MESSAGE)?,
            15 => read_status(field.message(MESSAGE)?, &mut span.status, state)?,
            16 => span.flags = field.fixed32(MESSAGE)?,
            _ => {}
        }
    }
    Ok(state.finish_span(span, ids, attributes))
}

fn read_event(mut reader: Reader<'_>, state: &mut DecodeState) -> Result<Event, DecodeError> {
    const MESSAGE: &str = "Span.Event";
    let mut event = Event::default();
    let mut attributes = Vec::new();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => event.time_ns = field.fixed64(MESSAGE)?,
            2 => event.name = read_text(field.bytes(MESSAGE)?, state),
            3 => push_attribute(&field, MESSAGE, &mut attributes, state)?,
            4 => event.dropped_attributes_count = field.uint32(MESSAGE)?,
            _ => {}
        }
    }
    event.attributes = Attributes::from(attributes);
    Ok(event)
}

fn read_link(mut reader: Reader<'_>, state: &mut DecodeState) -> Result<LinkParts, DecodeError> {
    const MESSAGE: &str = "Span.Link";
    let mut link = LinkParts::default();
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => link.trace = IdField::of_trace(field.bytes(MESSAGE)?),
            2 => link.span = IdField::of_span(field.bytes(MESSAGE)?),
            3 => link.trace_state = read_text(field.bytes(MESSAGE)?, state),
            4 => push_attribute(&field, MESSAGE, &mut link.attributes, state)?,
            5 => link.dropped_attributes_count = field.uint32(MESSAGE)?,
            6 => link.flags = field.fixed32(MESSAGE)?,
            _ => {}
        }
    }
    Ok(link)
}

/// Reads a `Status` into one that may hold something already. Number 1 was a deprecated code.
fn read_status(
    mut reader: Reader<'_>,
    status: &mut Status,
    state: &mut DecodeState,
) -> Result<(), DecodeError> {
    const MESSAGE: &str = "Status";
    while let Some(field) = reader.next_field()? {
        match field.number {
            2 => status.message = read_text(field.bytes(MESSAGE)?, state),
            3 => status.code = StatusCode::from_number(field.int32(MESSAGE)?),
            _ => {}
        }
    }
    Ok(())
}
