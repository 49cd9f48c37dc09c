//! Spans with their events, links and status.

use crate::attributes::Attributes;
use crate::span::{Event, Link, Span, SpanKind, Status, StatusCode};

use super::super::issues::RejectReason;
use super::super::state::{DecodeState, LinkParts, SpanIds};
use super::decode_value::{attributes, enumeration, span_id, trace_id, uint32, uint64};
use super::fault::Fault;
use super::read::Reader;

/// Reads a span, or says why it is rejected.
pub(super) fn span(reader: &mut Reader<'_>) -> Result<Result<Span, RejectReason>, Fault> {
    let mut span = DecodeState::blank_span();
    let mut ids = SpanIds::default();
    let mut own_attributes = Vec::new();
    reader.object(|reader, field| {
        match field {
            "traceId" => ids.trace = trace_id(reader)?,
            "spanId" => ids.span = span_id(reader)?,
            "parentSpanId" => ids.parent = span_id(reader)?,
            "traceState" => span.trace_state = reader.text()?,
            "flags" => span.flags = uint32(reader)?,
            "name" => span.name = reader.text()?,
            "kind" => span.kind = SpanKind::from_number(enumeration(reader)?),
            "startTimeUnixNano" => span.start_ns = uint64(reader)?,
            "endTimeUnixNano" => span.end_ns = uint64(reader)?,
            "attributes" => own_attributes = attributes(reader, 1)?,
            "droppedAttributesCount" => span.dropped_attributes_count = uint32(reader)?,
            "events" => span.events = events(reader)?,
            "droppedEventsCount" => span.dropped_events_count = uint32(reader)?,
            "links" => span.links = links(reader)?,
            "droppedLinksCount" => span.dropped_links_count = uint32(reader)?,
            "status" => span.status = status(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(reader.state.finish_span(span, ids, own_attributes))
}

fn events(reader: &mut Reader<'_>) -> Result<Vec<Event>, Fault> {
    let mut events = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<Event>()?;
        let mut event = Event::default();
        reader.object(|reader, field| {
            match field {
                "timeUnixNano" => event.time_ns = uint64(reader)?,
                "name" => event.name = reader.text()?,
                "attributes" => event.attributes = Attributes::from(attributes(reader, 1)?),
                "droppedAttributesCount" => event.dropped_attributes_count = uint32(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        events.push(event);
        Ok(())
    })?;
    Ok(events)
}

fn links(reader: &mut Reader<'_>) -> Result<Vec<Link>, Fault> {
    let mut links = Vec::new();
    reader.array(|reader| {
        reader.state.charge::<Link>()?;
        let mut link = LinkParts::default();
        reader.object(|reader, field| {
            match field {
                "traceId" => link.trace = trace_id(reader)?,
                "spanId" => link.span = span_id(reader)?,
                "traceState" => link.trace_state = reader.text()?,
                "flags" => link.flags = uint32(reader)?,
                "attributes" => link.attributes = attributes(reader, 1)?,
                "droppedAttributesCount" => link.dropped_attributes_count = uint32(reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.state.push_link(link, &mut links);
        Ok(())
    })?;
    Ok(links)
}

fn status(reader: &mut Reader<'_>) -> Result<Status, Fault> {
    let mut status = Status::default();
    reader.object(|reader, field| {
        match field {
            "message" => status.message = reader.text()?,
            "code" => status.code = StatusCode::from_number(enumeration(reader)?),
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(status)
}
