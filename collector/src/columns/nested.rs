//! The events and links of spans, as streams of their own rows.
//!
//! ```text
//! events := counts, and where there are any: time ints (difference from the span's start),
//!           name strings, dropped ints, attributes
//! links  := counts, and where there are any: trace id 16 bytes each, span id 8 bytes each,
//!           trace state strings, flags ints, dropped ints, attributes
//! ```

use spanwalk_model::{Event, Link, Span, SpanId, TraceId};

use super::attributes::{AttributesReader, AttributesWriter};
use super::bytes::{Bad, Source, apply_difference, difference, to_index};
use super::format::NESTED_ITEMS_MAX;
use super::group::push_each;
use super::ints::Ints;
use super::span_codec::id_at;
use super::stream::{StreamReader, StreamWriter};
use super::strings::{Strings, push_strings};

/// Pushes the events of all spans; returns how many values were replaced.
pub(super) fn push_events(spans: &[&Span], streams: &mut StreamWriter) -> u64 {
    push_each(streams, spans, |span| span.events.len() as u64);
    let events: Vec<(u64, &Event)> = spans
        .iter()
        .flat_map(|span| span.events.iter().map(|event| (span.start_ns, event)))
        .collect();
    if events.is_empty() {
        return 0;
    }
    push_each(streams, &events, |(start_ns, event)| {
        difference(*start_ns, event.time_ns)
    });
    let names: Vec<&str> = events
        .iter()
        .map(|(_, event)| event.name.as_str())
        .collect();
    push_strings(streams, &names);
    push_each(streams, &events, |(_, event)| {
        event.dropped_attributes_count.into()
    });
    let mut attributes = AttributesWriter::default();
    for (_, event) in &events {
        attributes.push(&event.attributes);
    }
    attributes.finish(streams)
}

/// Pushes the links of all spans; returns how many values were replaced.
pub(super) fn push_links(spans: &[&Span], streams: &mut StreamWriter) -> u64 {
    push_each(streams, spans, |span| span.links.len() as u64);
    let links: Vec<&Link> = spans.iter().flat_map(|span| &span.links).collect();
    if links.is_empty() {
        return 0;
    }
    let mut trace_ids = Vec::with_capacity(links.len() * TraceId::BYTES);
    let mut span_ids = Vec::with_capacity(links.len() * SpanId::BYTES);
    for link in &links {
        trace_ids.extend_from_slice(link.trace_id.as_bytes());
        span_ids.extend_from_slice(link.span_id.as_bytes());
    }
    streams.push(trace_ids);
    streams.push(span_ids);
    let states: Vec<&str> = links.iter().map(|link| link.trace_state.as_str()).collect();
    push_strings(streams, &states);
    push_each(streams, &links, |link| link.flags.into());
    push_each(streams, &links, |link| link.dropped_attributes_count.into());
    let mut attributes = AttributesWriter::default();
    for link in &links {
        attributes.push(&link.attributes);
    }
    attributes.finish(streams)
}

/// How many each span has, and where they begin.
struct Counts {
    by_row: Ints,
    total: usize,
    next_row: usize,
    next_item: usize,
}

impl Counts {
    fn take(streams: &mut StreamReader<'_>, row_count: usize) -> Result<Self, Bad> {
        let too_many = Bad("a group has more events or links than it can hold");
        let by_row = Ints::take(streams, row_count)?;
        let mut total = 0u64;
        for row in 0..row_count {
            total = total.checked_add(by_row.get(row)?).ok_or(too_many)?;
        }
        if total > NESTED_ITEMS_MAX {
            return Err(too_many);
        }
        Ok(Self {
            by_row,
            total: to_index(total)?,
            next_row: 0,
            next_item: 0,
        })
    }

    /// The items of a row at or behind the next one.
    fn items(&mut self, row: usize) -> Result<std::ops::Range<usize>, Bad> {
        while self.next_row < row {
            self.next_item += self.by_row.get_index(self.next_row)?;
            self.next_row += 1;
        }
        let start = self.next_item;
        self.next_item += self.by_row.get_index(row)?;
        self.next_row = row + 1;
        Ok(start..self.next_item)
    }
}

/// Gives events back, row by row, forwards only.
pub(super) struct EventsReader<'a> {
    counts: Counts,
    columns: Option<EventColumns<'a>>,
}

struct EventColumns<'a> {
    times: Ints,
    names: Strings<'a>,
    dropped: Ints,
    attributes: AttributesReader<'a>,
}

impl<'a> EventsReader<'a> {
    pub(super) fn take(streams: &mut StreamReader<'a>, row_count: usize) -> Result<Self, Bad> {
        let counts = Counts::take(streams, row_count)?;
        let count = counts.total;
        let columns = if count == 0 {
            None
        } else {
            Some(EventColumns {
                times: Ints::take(streams, count)?,
                names: Strings::take(streams, count)?,
                dropped: Ints::take(streams, count)?,
                attributes: AttributesReader::take(streams, count)?,
            })
        };
        Ok(Self { counts, columns })
    }

    /// The events of a row, whose span starts then.
    pub(super) fn read(&mut self, row: usize, start_ns: u64) -> Result<Vec<Event>, Bad> {
        let items = self.counts.items(row)?;
        let Some(columns) = &mut self.columns else {
            return Ok(Vec::new());
        };
        let mut events = Vec::new();
        for item in items {
            events.push(Event {
                time_ns: apply_difference(start_ns, columns.times.get(item)?),
                name: columns.names.get(item)?.to_owned(),
                attributes: columns.attributes.read(item)?,
                dropped_attributes_count: columns.dropped.get_u32(item)?,
            });
        }
        Ok(events)
    }
}

/// Gives links back, row by row, forwards only.
pub(super) struct LinksReader<'a> {
    counts: Counts,
    columns: Option<LinkColumns<'a>>,
}

struct LinkColumns<'a> {
    trace_ids: &'a [u8],
    span_ids: &'a [u8],
    trace_states: Strings<'a>,
    flags: Ints,
    dropped: Ints,
    attributes: AttributesReader<'a>,
}

impl<'a> LinksReader<'a> {
    pub(super) fn take(streams: &mut StreamReader<'a>, row_count: usize) -> Result<Self, Bad> {
        let counts = Counts::take(streams, row_count)?;
        let count = counts.total;
        let columns = if count == 0 {
            None
        } else {
            Some(LinkColumns {
                trace_ids: streams.take_fixed(TraceId::BYTES, count)?,
                span_ids: streams.take_fixed(SpanId::BYTES, count)?,
                trace_states: Strings::take(streams, count)?,
                flags: Ints::take(streams, count)?,
                dropped: Ints::take(streams, count)?,
                attributes: AttributesReader::take(streams, count)?,
            })
        };
        Ok(Self { counts, columns })
    }

    /// The links of a row.
    pub(super) fn read(&mut self, row: usize) -> Result<Vec<Link>, Bad> {
        let items = self.counts.items(row)?;
        let Some(columns) = &mut self.columns else {
            return Ok(Vec::new());
        };
        let mut links = Vec::new();
        for item in items {
            let trace_id = columns
                .trace_ids
                .get(item * TraceId::BYTES..)
                .ok_or(Bad("a trace id is missing"))?;
            links.push(Link {
                trace_id: TraceId::from_bytes(Source::new(trace_id).chunk()?)
                    .ok_or(Bad("a trace id is zero"))?,
                span_id: id_at(columns.span_ids, item)?,
                trace_state: columns.trace_states.get(item)?.to_owned(),
                flags: columns.flags.get_u32(item)?,
                attributes: columns.attributes.read(item)?,
                dropped_attributes_count: columns.dropped.get_u32(item)?,
            });
        }
        Ok(links)
    }
}
