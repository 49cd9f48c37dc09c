//! From the tail to parts.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::quality::RandomState;
use spanwalk_model::{Scoped, Span, SpanId, TraceId, UnixNanos};

use super::catalogue::{Catalogue, PartSet};
use super::change::{Change, Flusher};
use super::error::StoreError;
use super::part::{Part, Rows};
use crate::tail::Chunk;
use crate::wal::Position;

/// The window of parts that hold rows of many windows.
pub(super) const MIXED_WINDOW: u64 = u64::MAX;
/// One flush writes at most this many parts of one window; rows of further windows, of which
/// only odd clocks make so many, go together into one part.
const WINDOWS_MAX: usize = 48;

impl Flusher {
    /// Moves everything in the tail into parts; the position that is then flushed, `None`
    /// where the tail was empty. After an error the tail is as before.
    pub(super) fn flush(&self, catalogue: &Catalogue) -> Result<Option<Position>, StoreError> {
        let chunks = catalogue.tail.seal();
        let Some(position) = chunks.last().map(|chunk| chunk.position()) else {
            return Ok(None);
        };
        let mut change = Self::begin(catalogue);
        if let Err(error) = self.write_windows(&mut change, &chunks, &catalogue.parts()) {
            self.take_back(catalogue, change);
            return Err(error);
        }
        for chunk in &chunks {
            if let Some(delivery) = chunk.delivery() {
                change.manifest.add_delivery(delivery, chunk.received_ns());
            }
        }
        change.manifest.flushed = position.0;
        self.commit(catalogue, change, Some(position))?;
        Ok(Some(position))
    }

    fn write_windows(
        &self,
        change: &mut Change,
        chunks: &[Arc<Chunk>],
        set: &PartSet,
    ) -> Result<(), StoreError> {
        for (window, mut rows) in self.by_window(chunks) {
            drop_stored(&mut rows.spans, window, set)?;
            if !rows.is_empty() {
                self.add_part(change, window, rows)?;
            }
        }
        Ok(())
    }

    fn by_window<'a>(&self, chunks: &'a [Arc<Chunk>]) -> BTreeMap<u64, Rows<'a>> {
        let mut windows: BTreeMap<u64, Rows<'_>> = BTreeMap::new();
        let window_of = |moment_ns: UnixNanos| moment_ns / self.window_ns.max(1);
        for chunk in chunks {
            for span in &chunk.spans {
                let rows = windows.entry(window_of(span.item.start_ns)).or_default();
                rows.arrived.add(chunk.received_ns());
                rows.spans.push(span);
            }
            for log in &chunk.logs {
                let rows = windows.entry(window_of(log.item.moment_ns())).or_default();
                rows.arrived.add(chunk.received_ns());
                rows.logs.push(log);
            }
        }
        if windows.len() > WINDOWS_MAX {
            windows = with_few_windows(windows);
        }
        windows
    }
}

/// Keeps the windows with the most rows and puts the rest together.
fn with_few_windows(windows: BTreeMap<u64, Rows<'_>>) -> BTreeMap<u64, Rows<'_>> {
    let mut by_size: Vec<(u64, Rows<'_>)> = windows.into_iter().collect();
    by_size.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let mut few = BTreeMap::new();
    let mut mixed = Rows::default();
    for (place, (window, rows)) in by_size.into_iter().enumerate() {
        if place < WINDOWS_MAX {
            few.insert(window, rows);
        } else {
            mixed.arrived.join(rows.arrived);
            mixed.spans.extend(rows.spans);
            mixed.logs.extend(rows.logs);
        }
    }
    few.insert(MIXED_WINDOW, mixed);
    few
}

/// Leaves out spans that parts hold already: a sender that did not hear our answer sends
/// again. The same span has the same start and so the same window.
fn drop_stored(
    spans: &mut Vec<&Scoped<Span>>,
    window: u64,
    set: &PartSet,
) -> Result<(), StoreError> {
    let neighbours: Vec<&Arc<Part>> = set
        .parts
        .iter()
        .filter(|part| part.meta.window == window || part.meta.window == MIXED_WINDOW)
        .collect();
    let mut stored_ids: HashMap<TraceId, HashSet<SpanId, RandomState>, RandomState> =
        HashMap::default();
    let mut stored: HashMap<TraceId, Vec<Scoped<Span>>, RandomState> = HashMap::default();
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        let id = span.item.trace_id;
        let ids = match stored_ids.entry(id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let mut ids = HashSet::default();
                for part in &neighbours {
                    ids.extend(part.span_ids_of(id)?);
                }
                entry.insert(ids)
            }
        };
        // Spans are read as a whole only where the id is there: most traces that go on from
        // one flush to the next have no span twice.
        if !ids.contains(&span.item.span_id) {
            kept.push(span);
            continue;
        }
        let known = match stored.entry(id) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let mut known = Vec::new();
                for part in &neighbours {
                    known.extend(part.spans_of(id)?);
                }
                entry.insert(known)
            }
        };
        if !known.contains(span) {
            kept.push(span);
        }
    }
    *spans = kept;
    Ok(())
}
