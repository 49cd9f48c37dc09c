//! Spans as streams, in this order:
//!
//! ```text
//! start          ints      difference to the row before
//! duration       ints      difference from start to end
//! span id        8 bytes a row
//! parent         ints      0 none | 1 in `parent id` | 2 + distance to the parent's row
//! parent id      8 bytes each
//! resource, scope          ints      numbers in the file's tables
//! kind, status   ints
//! message, name  strings
//! flags          ints
//! trace state    strings
//! dropped attributes, events, links  ints
//! attributes
//! event counts   ints      then, where there are events, the events' streams
//! link counts    ints      then, where there are links, the links' streams
//! ```
//!
//! The trace ids are those of the file's trace directory.

use std::collections::HashMap;

use spanwalk_model::{Scoped, Span, SpanId, SpanKind, Status, StatusCode};

use super::attributes::{AttributesReader, AttributesWriter};
use super::bytes::{Bad, Source, apply_difference, difference, unzigzag, zigzag};
use super::group::{Codec, GroupContext, NumberedRow, Origins, push_each};
use super::ints::Ints;
use super::nested::{EventsReader, LinksReader, push_events, push_links};
use super::stream::{StreamReader, StreamWriter};
use super::strings::{Strings, push_strings};

const PARENT_NONE: u64 = 0;
const PARENT_RAW: u64 = 1;
const PARENT_ROW: u64 = 2;

/// The number of the stream of span ids.
pub(super) const ID_STREAM: usize = 2;

impl Codec for Span {
    fn encode(rows: &[NumberedRow<'_, Self>], streams: &mut StreamWriter) -> u64 {
        let spans: Vec<&Self> = rows.iter().map(|row| row.item).collect();
        let mut before = 0;
        push_each(streams, &spans, |span| {
            let step = difference(before, span.start_ns);
            before = span.start_ns;
            step
        });
        push_each(streams, &spans, |span| {
            difference(span.start_ns, span.end_ns)
        });
        push_ids(&spans, streams);
        Origins::push(rows, streams);
        push_each(streams, &spans, |span| zigzag(span.kind.number().into()));
        push_each(streams, &spans, |span| {
            zigzag(span.status.code.number().into())
        });
        push_texts(streams, &spans, |span| &span.status.message);
        push_texts(streams, &spans, |span| &span.name);
        push_each(streams, &spans, |span| span.flags.into());
        push_texts(streams, &spans, |span| &span.trace_state);
        push_each(streams, &spans, |span| span.dropped_attributes_count.into());
        push_each(streams, &spans, |span| span.dropped_events_count.into());
        push_each(streams, &spans, |span| span.dropped_links_count.into());
        let mut attributes = AttributesWriter::default();
        for span in &spans {
            attributes.push(&span.attributes);
        }
        attributes.finish(streams) + push_events(&spans, streams) + push_links(&spans, streams)
    }

    fn decode(
        context: GroupContext<'_>,
        streams: &mut StreamReader<'_>,
        rows: &mut dyn Iterator<Item = usize>,
    ) -> Result<Vec<Scoped<Self>>, Bad> {
        let mut columns = SpanColumns::take(streams, context.row_count)?;
        let mut spans = Vec::new();
        for row in rows {
            let span = columns.read(&context, row)?;
            spans.push(columns.origins.scoped(&context, row, span)?);
        }
        Ok(spans)
    }
}

fn push_texts<'a>(
    streams: &mut StreamWriter,
    spans: &[&'a Span],
    text: impl Fn(&'a Span) -> &'a str,
) {
    let texts: Vec<&str> = spans.iter().map(|span| text(span)).collect();
    push_strings(streams, &texts);
}

fn push_ids(spans: &[&Span], streams: &mut StreamWriter) {
    let mut row_of: HashMap<u64, i64, foldhash::fast::RandomState> =
        HashMap::with_capacity_and_hasher(spans.len(), foldhash::fast::RandomState::default());
    let mut ids = Vec::with_capacity(spans.len() * SpanId::BYTES);
    for (row, span) in (0i64..).zip(spans) {
        row_of.insert(span.span_id.to_u64(), row);
        ids.extend_from_slice(span.span_id.as_bytes());
    }
    let mut raw = Vec::new();
    let mut codes = Vec::with_capacity(spans.len());
    for (row, span) in (0i64..).zip(spans) {
        codes.push(match span.parent_span_id {
            None => PARENT_NONE,
            Some(parent) => {
                if let Some(parent_row) = row_of.get(&parent.to_u64()) {
                    PARENT_ROW + zigzag(row - parent_row)
                } else {
                    raw.extend_from_slice(parent.as_bytes());
                    PARENT_RAW
                }
            }
        });
    }
    streams.push(ids);
    super::ints::push_ints(streams, &codes);
    streams.push(raw);
}

/// The columns of a group.
struct SpanColumns<'a> {
    starts: Vec<u64>,
    durations: Ints,
    ids: &'a [u8],
    parents: Ints,
    raw_parents: &'a [u8],
    next_raw_parent: usize,
    next_row: usize,
    origins: Origins,
    kinds: Ints,
    codes: Ints,
    messages: Strings<'a>,
    names: Strings<'a>,
    flags: Ints,
    trace_states: Strings<'a>,
    dropped_attributes: Ints,
    dropped_events: Ints,
    dropped_links: Ints,
    attributes: AttributesReader<'a>,
    events: EventsReader<'a>,
    links: LinksReader<'a>,
}

impl<'a> SpanColumns<'a> {
    fn take(streams: &mut StreamReader<'a>, count: usize) -> Result<Self, Bad> {
        let steps = Ints::take(streams, count)?;
        let mut starts = Vec::with_capacity(count);
        let mut start = 0;
        for row in 0..count {
            start = apply_difference(start, steps.get(row)?);
            starts.push(start);
        }
        Ok(Self {
            starts,
            durations: Ints::take(streams, count)?,
            ids: streams.take_fixed(SpanId::BYTES, count)?,
            parents: Ints::take(streams, count)?,
            raw_parents: streams.take()?,
            next_raw_parent: 0,
            next_row: 0,
            origins: Origins::take(streams, count)?,
            kinds: Ints::take(streams, count)?,
            codes: Ints::take(streams, count)?,
            messages: Strings::take(streams, count)?,
            names: Strings::take(streams, count)?,
            flags: Ints::take(streams, count)?,
            trace_states: Strings::take(streams, count)?,
            dropped_attributes: Ints::take(streams, count)?,
            dropped_events: Ints::take(streams, count)?,
            dropped_links: Ints::take(streams, count)?,
            attributes: AttributesReader::take(streams, count)?,
            events: EventsReader::take(streams, count)?,
            links: LinksReader::take(streams, count)?,
        })
    }

    /// A row at or behind the one after the last that was read.
    fn read(&mut self, context: &GroupContext<'_>, row: usize) -> Result<Span, Bad> {
        let trace_id = context
            .traces
            .of_row(context.file_row(row))
            .ok_or(Bad("a span has no trace"))?;
        let start_ns = *self
            .starts
            .get(row)
            .ok_or(Bad("a column ends before its rows"))?;
        let parent_span_id = self.read_parent(row)?;
        Ok(Span {
            trace_id,
            span_id: id_at(self.ids, row)?,
            parent_span_id,
            trace_state: self.trace_states.get(row)?.to_owned(),
            flags: self.flags.get_u32(row)?,
            name: self.names.get(row)?.to_owned(),
            kind: SpanKind::from_number(self.kinds.get_i32(row)?),
            start_ns,
            end_ns: apply_difference(start_ns, self.durations.get(row)?),
            attributes: self.attributes.read(row)?,
            dropped_attributes_count: self.dropped_attributes.get_u32(row)?,
            events: self.events.read(row, start_ns)?,
            dropped_events_count: self.dropped_events.get_u32(row)?,
            links: self.links.read(row)?,
            dropped_links_count: self.dropped_links.get_u32(row)?,
            status: Status {
                code: StatusCode::from_number(self.codes.get_i32(row)?),
                message: self.messages.get(row)?.to_owned(),
            },
        })
    }

    fn read_parent(&mut self, row: usize) -> Result<Option<SpanId>, Bad> {
        while self.next_row < row {
            self.next_raw_parent += usize::from(self.parents.get(self.next_row)? == PARENT_RAW);
            self.next_row += 1;
        }
        self.next_row = row + 1;
        match self.parents.get(row)? {
            PARENT_NONE => Ok(None),
            PARENT_RAW => {
                let id = id_at(self.raw_parents, self.next_raw_parent)?;
                self.next_raw_parent += 1;
                Ok(Some(id))
            }
            code => {
                let parent_row = isize::try_from(unzigzag(code - PARENT_ROW))
                    .ok()
                    .and_then(isize::checked_neg)
                    .and_then(|distance| row.checked_add_signed(distance))
                    .ok_or(Bad("a parent is outside its group"))?;
                id_at(self.ids, parent_row).map(Some)
            }
        }
    }
}

/// The span id at this place of a stream of span ids.
pub(super) fn id_at(ids: &[u8], index: usize) -> Result<SpanId, Bad> {
    let start = index
        .checked_mul(SpanId::BYTES)
        .ok_or(Bad("a span id is missing"))?;
    let bytes = ids.get(start..).ok_or(Bad("a span id is missing"))?;
    SpanId::from_bytes(Source::new(bytes).chunk()?).ok_or(Bad("a span id is zero"))
}
