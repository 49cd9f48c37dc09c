//! Log records as streams, in this order:
//!
//! ```text
//! moment         ints      difference to the row before; the record's time, else observed
//! time form      ints      bit 0: no time of its own | bit 1: no observed time
//! observed       ints      difference from time to observed time, where both are set
//! span           ints      0 none | 1 next in `span id` | 2 + distance back in `span id`
//! span id        8 bytes each
//! resource, scope          ints      numbers in the file's tables
//! severity       ints
//! severity text, event name          strings
//! flags, dropped attributes          ints
//! body form      ints      0 none | 1 text | 2 other value
//! body text      strings   one for each text
//! body lengths   ints      one for each other value
//! body values    the values one behind the other
//! attributes
//! ```
//!
//! The trace ids are those of the file's trace directory.

use std::collections::HashMap;

use spanwalk_model::{LogRecord, Scoped, Severity, SpanId, Value};

use super::attributes::{AttributesReader, AttributesWriter};
use super::bytes::{Bad, Source, apply_difference, difference, zigzag};
use super::group::{Codec, GroupContext, NumberedRow, Origins, push_each};
use super::ints::{Ints, Offsets, push_ints};
use super::span_codec::id_at;
use super::stream::{StreamReader, StreamWriter};
use super::strings::{Strings, push_strings};
use super::value::{put_value, read_value};

const NO_TIME: u64 = 1;
const NO_OBSERVED_TIME: u64 = 2;

const SPAN_NONE: u64 = 0;
const SPAN_NEW: u64 = 1;
const SPAN_BACK: u64 = 2;

const BODY_NONE: u64 = 0;
const BODY_TEXT: u64 = 1;
const BODY_VALUE: u64 = 2;

impl Codec for LogRecord {
    fn encode(rows: &[NumberedRow<'_, Self>], streams: &mut StreamWriter) -> u64 {
        let logs: Vec<&Self> = rows.iter().map(|row| row.item).collect();
        push_times(&logs, streams);
        push_spans(&logs, streams);
        Origins::push(rows, streams);
        push_each(streams, &logs, |log| zigzag(log.severity.0.into()));
        let texts: Vec<&str> = logs.iter().map(|log| log.severity_text.as_str()).collect();
        push_strings(streams, &texts);
        let names: Vec<&str> = logs.iter().map(|log| log.event_name.as_str()).collect();
        push_strings(streams, &names);
        push_each(streams, &logs, |log| log.flags.into());
        push_each(streams, &logs, |log| log.dropped_attributes_count.into());
        let cut_count = push_bodies(&logs, streams);
        let mut attributes = AttributesWriter::default();
        for log in &logs {
            attributes.push(&log.attributes);
        }
        cut_count + attributes.finish(streams)
    }

    fn decode(
        context: GroupContext<'_>,
        streams: &mut StreamReader<'_>,
        rows: &mut dyn Iterator<Item = usize>,
    ) -> Result<Vec<Scoped<Self>>, Bad> {
        let mut columns = LogColumns::take(streams, context.row_count)?;
        let mut logs = Vec::new();
        for row in rows {
            let log = columns.read(&context, row)?;
            logs.push(columns.origins.scoped(&context, row, log)?);
        }
        Ok(logs)
    }
}

fn push_times(logs: &[&LogRecord], streams: &mut StreamWriter) {
    let mut before = 0;
    push_each(streams, logs, |log| {
        let moment = log.moment_ns();
        let step = difference(before, moment);
        before = moment;
        step
    });
    push_each(streams, logs, |log| {
        let no_time = if log.time_ns == 0 { NO_TIME } else { 0 };
        let no_observed = if log.observed_time_ns == 0 {
            NO_OBSERVED_TIME
        } else {
            0
        };
        no_time | no_observed
    });
    push_each(streams, logs, |log| {
        if log.time_ns == 0 || log.observed_time_ns == 0 {
            0
        } else {
            difference(log.time_ns, log.observed_time_ns)
        }
    });
}

fn push_spans(logs: &[&LogRecord], streams: &mut StreamWriter) {
    let mut known: HashMap<u64, u64, foldhash::fast::RandomState> = HashMap::default();
    let mut ids = Vec::new();
    push_each(streams, logs, |log| {
        let Some(span_id) = log.span_id else {
            return SPAN_NONE;
        };
        let count = known.len() as u64;
        let place = *known.entry(span_id.to_u64()).or_insert(count);
        if place == count {
            ids.extend_from_slice(span_id.as_bytes());
            SPAN_NEW
        } else {
            SPAN_BACK + (count - 1 - place)
        }
    });
    streams.push(ids);
}

fn push_bodies(logs: &[&LogRecord], streams: &mut StreamWriter) -> u64 {
    push_each(streams, logs, |log| match &log.body {
        None => BODY_NONE,
        Some(Value::String(_)) => BODY_TEXT,
        Some(_) => BODY_VALUE,
    });
    let texts: Vec<&str> = logs
        .iter()
        .filter_map(|log| log.body.as_ref()?.as_str())
        .collect();
    push_strings(streams, &texts);
    let mut lengths = Vec::new();
    let mut values = Vec::new();
    let mut cut_count = 0;
    for body in logs.iter().filter_map(|log| log.body.as_ref()) {
        if body.as_str().is_none() {
            let start = values.len();
            cut_count += put_value(&mut values, body);
            lengths.push((values.len() - start) as u64);
        }
    }
    push_ints(streams, &lengths);
    streams.push(values);
    cut_count
}

/// The columns of a group.
struct LogColumns<'a> {
    moments: Vec<u64>,
    time_forms: Ints,
    observed: Ints,
    spans: Ints,
    span_ids: &'a [u8],
    origins: Origins,
    severities: Ints,
    severity_texts: Strings<'a>,
    event_names: Strings<'a>,
    flags: Ints,
    dropped: Ints,
    bodies: Bodies<'a>,
    attributes: AttributesReader<'a>,
    /// Of the row after the last that was read.
    next_row: usize,
    next_span_id: usize,
}

struct Bodies<'a> {
    forms: Ints,
    texts: Strings<'a>,
    places: Offsets,
    values: &'a [u8],
    next_text: usize,
    next_value: usize,
}

impl<'a> LogColumns<'a> {
    fn take(streams: &mut StreamReader<'a>, count: usize) -> Result<Self, Bad> {
        let steps = Ints::take(streams, count)?;
        let mut moments = Vec::with_capacity(count);
        let mut moment = 0;
        for row in 0..count {
            moment = apply_difference(moment, steps.get(row)?);
            moments.push(moment);
        }
        Ok(Self {
            moments,
            time_forms: Ints::take(streams, count)?,
            observed: Ints::take(streams, count)?,
            spans: Ints::take(streams, count)?,
            span_ids: streams.take()?,
            origins: Origins::take(streams, count)?,
            severities: Ints::take(streams, count)?,
            severity_texts: Strings::take(streams, count)?,
            event_names: Strings::take(streams, count)?,
            flags: Ints::take(streams, count)?,
            dropped: Ints::take(streams, count)?,
            bodies: Bodies::take(streams, count)?,
            attributes: AttributesReader::take(streams, count)?,
            next_row: 0,
            next_span_id: 0,
        })
    }

    /// A row at or behind the one after the last that was read.
    fn read(&mut self, context: &GroupContext<'_>, row: usize) -> Result<LogRecord, Bad> {
        while self.next_row < row {
            self.next_span_id += usize::from(self.spans.get(self.next_row)? == SPAN_NEW);
            self.bodies.skip(self.next_row)?;
            self.next_row += 1;
        }
        self.next_row = row + 1;
        let (time_ns, observed_time_ns) = self.read_times(row)?;
        Ok(LogRecord {
            time_ns,
            observed_time_ns,
            severity: Severity(self.severities.get_i32(row)?),
            severity_text: self.severity_texts.get(row)?.to_owned(),
            body: self.bodies.read(row)?,
            event_name: self.event_names.get(row)?.to_owned(),
            attributes: self.attributes.read(row)?,
            dropped_attributes_count: self.dropped.get_u32(row)?,
            flags: self.flags.get_u32(row)?,
            trace_id: context.traces.of_row(context.file_row(row)),
            span_id: self.read_span(row)?,
        })
    }

    fn read_times(&self, row: usize) -> Result<(u64, u64), Bad> {
        let moment = *self
            .moments
            .get(row)
            .ok_or(Bad("a column ends before its rows"))?;
        match self.time_forms.get(row)? {
            0 => {
                let observed = apply_difference(moment, self.observed.get(row)?);
                Ok((moment, observed))
            }
            NO_TIME => Ok((0, moment)),
            NO_OBSERVED_TIME => Ok((moment, 0)),
            form if form == NO_TIME | NO_OBSERVED_TIME => Ok((0, 0)),
            _ => Err(Bad("a time has an unknown form")),
        }
    }

    fn read_span(&mut self, row: usize) -> Result<Option<SpanId>, Bad> {
        let missing = Bad("a span id is missing");
        let index = match self.spans.get(row)? {
            SPAN_NONE => return Ok(None),
            SPAN_NEW => {
                self.next_span_id += 1;
                self.next_span_id - 1
            }
            code => {
                let back = super::bytes::to_index(code - SPAN_BACK)?;
                self.next_span_id
                    .checked_sub(1)
                    .and_then(|last| last.checked_sub(back))
                    .ok_or(missing)?
            }
        };
        id_at(self.span_ids, index).map(Some)
    }
}

impl<'a> Bodies<'a> {
    fn take(streams: &mut StreamReader<'a>, count: usize) -> Result<Self, Bad> {
        let forms = Ints::take(streams, count)?;
        let mut text_count = 0;
        let mut value_count = 0;
        for row in 0..count {
            match forms.get(row)? {
                BODY_NONE => {}
                BODY_TEXT => text_count += 1,
                BODY_VALUE => value_count += 1,
                _ => return Err(Bad("a body has an unknown form")),
            }
        }
        let texts = Strings::take(streams, text_count)?;
        let lengths = Ints::take(streams, value_count)?;
        let values = streams.take()?;
        Ok(Self {
            forms,
            texts,
            places: Offsets::new(&lengths, value_count, values.len())?,
            values,
            next_text: 0,
            next_value: 0,
        })
    }

    fn skip(&mut self, row: usize) -> Result<(), Bad> {
        match self.forms.get(row)? {
            BODY_TEXT => self.next_text += 1,
            BODY_VALUE => self.next_value += 1,
            _ => {}
        }
        Ok(())
    }

    /// The body of the next row.
    fn read(&mut self, row: usize) -> Result<Option<Value>, Bad> {
        let body = match self.forms.get(row)? {
            BODY_TEXT => Some(Value::String(self.texts.get(self.next_text)?.to_owned())),
            BODY_VALUE => {
                let bytes = self
                    .places
                    .range(self.next_value)
                    .and_then(|range| self.values.get(range))
                    .ok_or(Bad("a body is missing"))?;
                let mut source = Source::new(bytes);
                let value = read_value(&mut source)?;
                source.finish()?;
                Some(value)
            }
            _ => None,
        };
        self.skip(row)?;
        Ok(body)
    }
}
