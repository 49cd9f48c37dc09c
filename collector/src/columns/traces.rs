//! Which rows belong to which trace.

use std::ops::Range;

use spanwalk_model::TraceId;

use super::bytes::{Bad, Source, put_varint};
use super::ints::{Ints, put_ints};

/// The traces of a file in order of their ids, each with its run of rows. Rows behind the last
/// run have no trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Traces {
    ids: Vec<TraceId>,
    /// The row behind the last of each.
    ends: Vec<u32>,
}

impl Traces {
    /// From the traces of all rows, in file order.
    pub(super) fn of(rows: impl Iterator<Item = Option<TraceId>>) -> Self {
        let mut traces = Self::default();
        let mut end = 0u32;
        for id in rows {
            let Some(id) = id else { break };
            end = end.saturating_add(1);
            if traces.ids.last() == Some(&id) {
                if let Some(last) = traces.ends.last_mut() {
                    *last = end;
                }
            } else {
                traces.ids.push(id);
                traces.ends.push(end);
            }
        }
        traces
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (TraceId, Range<u32>)> + '_ {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends).map(|(start, end)| start..*end);
        self.ids.iter().copied().zip(ranges)
    }

    /// The rows of a trace.
    pub(super) fn rows(&self, id: TraceId) -> Option<Range<u32>> {
        let index = self.ids.binary_search(&id).ok()?;
        let end = *self.ends.get(index)?;
        let start = match index.checked_sub(1) {
            None => 0,
            Some(before) => *self.ends.get(before)?,
        };
        Some(start..end)
    }

    /// The trace of a row; `None` for a row without one.
    pub(super) fn of_row(&self, row: u32) -> Option<TraceId> {
        let index = self.ends.partition_point(|end| *end <= row);
        self.ids.get(index).copied()
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        put_varint(out, self.ids.len() as u64);
        for id in &self.ids {
            out.extend_from_slice(id.as_bytes());
        }
        let lengths: Vec<u64> = self
            .iter()
            .map(|(_, rows)| u64::from(rows.end - rows.start))
            .collect();
        put_ints(out, &lengths);
    }

    pub(super) fn read(source: &mut Source<'_>, row_count: u32) -> Result<Self, Bad> {
        let count = source.count()?;
        let mut traces = Self::default();
        for _ in 0..count {
            let id = TraceId::from_bytes(source.chunk()?).ok_or(Bad("a trace id is zero"))?;
            if traces.ids.last().is_some_and(|last| *last >= id) {
                return Err(Bad("the trace ids are not in order"));
            }
            traces.ids.push(id);
        }
        let lengths = Ints::read(source, count)?;
        let mut end = 0u32;
        for index in 0..count {
            end = end
                .checked_add(lengths.get_u32(index)?)
                .filter(|end| *end <= row_count)
                .ok_or(Bad("the traces have more rows than the file"))?;
            traces.ends.push(end);
        }
        Ok(traces)
    }
}
