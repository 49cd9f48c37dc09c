//! The newest data: durable in the wal, not yet flushed, searchable at once.
//!
//! Items arrive as chunks, one per wal entry. Chunks gather in an open stretch that readers
//! scan; when that is long enough it becomes a block with an index of its traces. A view is a
//! list of shared pointers: it never changes and costs next to nothing.
//!
//! - `chunk`: one arrival.
//! - `block`: a stretch of chunks with its traces indexed.
//! - `condition`: decides on items what an index would look up.
//! - `view`: what readers see.

mod block;
mod chunk;
mod condition;
#[cfg(test)]
mod tests;
mod view;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use foldhash::quality::RandomState;
use spanwalk_model::{SpanId, TraceId};

use crate::wal::{DeliveryId, Position};

pub use chunk::{Arrival, Chunk};
pub(crate) use view::earliest;
pub use view::{ServiceTotals, TailView};

use block::Block;

/// Items from which on the open stretch becomes a block.
const BLOCK_ITEMS: usize = 4096;

/// The newest data. Writers insert and drop in order of position; readers take views.
#[derive(Debug, Default)]
pub struct Tail {
    state: RwLock<State>,
}

type SpanKey = (TraceId, SpanId);
/// Chunk number and index.
type Place = (u64, u32);

#[derive(Debug, Default)]
struct State {
    /// Chunks in order of position; the first has the number `first_number`.
    chunks: VecDeque<Arc<Chunk>>,
    first_number: u64,
    blocks: Vec<Arc<Block>>,
    /// The number of the first chunk behind the blocks.
    open_from: u64,
    open_items: usize,
    items: usize,
    payload_bytes: usize,
    /// Where the first span with an id stands.
    places: HashMap<SpanKey, Place, RandomState>,
    /// Where further spans with the same id stand, which is rare.
    further_places: HashMap<SpanKey, Vec<Place>, RandomState>,
    deliveries: HashSet<DeliveryId>,
    duplicate_spans: u64,
    view: Option<Arc<TailView>>,
}

/// What an insert did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Inserted {
    /// Spans and records now held.
    pub stored: u64,
    /// Whether the delivery was known, so that nothing was inserted.
    pub known: bool,
    /// Spans left out because the tail holds the same.
    pub duplicates: u64,
}

/// How full the tail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Fill {
    /// Spans and records held.
    pub items: usize,
    /// Bytes of their payloads in the wal.
    pub payload_bytes: usize,
}

impl Tail {
    /// Inserts an arrival; positions only grow. Spans that are the same as one held are left
    /// out, and so is everything of a delivery that is held.
    pub fn insert(&self, arrival: Arrival) -> Inserted {
        let mut state = self.write();
        if let Some(delivery) = arrival.delivery
            && !state.deliveries.insert(delivery)
        {
            return Inserted {
                known: true,
                ..Inserted::default()
            };
        }
        let payload_bytes = arrival.payload_bytes;
        let mut chunk = Chunk::of(arrival);
        let duplicates = state.drop_duplicates(&mut chunk);
        let items = chunk.item_count();
        state.chunks.push_back(Arc::new(chunk));
        state.items += items;
        state.open_items += items;
        state.payload_bytes += payload_bytes;
        state.duplicate_spans += duplicates;
        state.view = None;
        if state.open_items >= BLOCK_ITEMS {
            state.seal();
        }
        Inserted {
            stored: items as u64,
            known: false,
            duplicates,
        }
    }

    /// What readers see now.
    pub fn view(&self) -> Arc<TailView> {
        if let Some(view) = &self.read().view {
            return Arc::clone(view);
        }
        let mut state = self.write();
        if let Some(view) = &state.view {
            return Arc::clone(view);
        }
        let open_index = usize::try_from(state.open_from - state.first_number).unwrap_or(0);
        let view = Arc::new(TailView::new(
            state.blocks.clone(),
            state.chunks.iter().skip(open_index).cloned().collect(),
        ));
        state.view = Some(Arc::clone(&view));
        view
    }

    /// How full it is.
    pub fn fill(&self) -> Fill {
        let state = self.read();
        Fill {
            items: state.items,
            payload_bytes: state.payload_bytes,
        }
    }

    /// Whether the delivery is held.
    pub fn knows(&self, delivery: DeliveryId) -> bool {
        self.read().deliveries.contains(&delivery)
    }

    /// Spans left out so far because the tail held the same.
    pub fn duplicate_spans(&self) -> u64 {
        self.read().duplicate_spans
    }

    /// Closes the open stretch and gives everything held, in order, for a flush. It stays in
    /// the tail until [`Tail::drop_through`].
    pub fn seal(&self) -> Vec<Arc<Chunk>> {
        let mut state = self.write();
        state.seal();
        state.chunks.iter().cloned().collect()
    }

    /// Drops what was flushed: every chunk up to this position, which a seal gave.
    pub fn drop_through(&self, position: Position) {
        let mut state = self.write();
        while state
            .chunks
            .front()
            .is_some_and(|chunk| chunk.position() <= position)
        {
            state.drop_first();
        }
        state
            .blocks
            .retain(|block| block.last_position() > position);
        state.view = None;
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_number(&self) -> u64 {
        self.first_number + self.chunks.len() as u64
    }

    fn chunk(&self, number: u64) -> Option<&Arc<Chunk>> {
        let index = usize::try_from(number.checked_sub(self.first_number)?).ok()?;
        self.chunks.get(index)
    }

    /// Takes spans out of the chunk that are held already, here or earlier in the chunk.
    fn drop_duplicates(&mut self, chunk: &mut Chunk) -> u64 {
        let number = self.next_number();
        let before = chunk.spans.len();
        let mut kept: Vec<spanwalk_model::Scoped<spanwalk_model::Span>> =
            Vec::with_capacity(before);
        for span in std::mem::take(&mut chunk.spans) {
            let id = (span.item.trace_id, span.item.span_id);
            let is_held = self.places_of(&id).any(|(held_in, index)| {
                let held = if held_in == number {
                    kept.get(index as usize)
                } else {
                    self.chunk(held_in)
                        .and_then(|chunk| chunk.spans.get(index as usize))
                };
                held == Some(&span)
            });
            if !is_held {
                let index = u32::try_from(kept.len()).unwrap_or(u32::MAX);
                self.add_place(id, (number, index));
                kept.push(span);
            }
        }
        chunk.spans = kept;
        (before - chunk.spans.len()) as u64
    }

    fn places_of(&self, id: &SpanKey) -> impl Iterator<Item = Place> {
        let first = self.places.get(id).into_iter();
        let further = self.further_places.get(id).into_iter().flatten();
        first.chain(further).copied()
    }

    fn add_place(&mut self, id: SpanKey, place: Place) {
        match self.places.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(place);
            }
            Entry::Occupied(_) => self.further_places.entry(id).or_default().push(place),
        }
    }

    /// Forgets where spans with the id stand in a chunk.
    fn drop_places(&mut self, id: SpanKey, number: u64) {
        let mut next = None;
        if let Entry::Occupied(mut further) = self.further_places.entry(id) {
            further.get_mut().retain(|(held_in, _)| *held_in != number);
            if self.places.get(&id).is_some_and(|first| first.0 == number) {
                next = further.get_mut().pop();
            }
            if further.get().is_empty() {
                further.remove();
            }
        }
        if let Entry::Occupied(mut first) = self.places.entry(id)
            && first.get().0 == number
        {
            match next {
                Some(place) => *first.get_mut() = place,
                None => {
                    first.remove();
                }
            }
        }
    }

    /// Makes a block of the open stretch.
    fn seal(&mut self) {
        let open_index = usize::try_from(self.open_from - self.first_number).unwrap_or(0);
        let open: Vec<Arc<Chunk>> = self.chunks.iter().skip(open_index).cloned().collect();
        if open.is_empty() {
            return;
        }
        self.open_from = self.next_number();
        self.open_items = 0;
        self.blocks.push(Arc::new(Block::of(open)));
        self.view = None;
    }

    fn drop_first(&mut self) {
        let Some(chunk) = self.chunks.pop_front() else {
            return;
        };
        let number = self.first_number;
        self.first_number += 1;
        self.open_from = self.open_from.max(self.first_number);
        self.items -= chunk.item_count();
        self.payload_bytes -= chunk.payload_bytes();
        if let Some(delivery) = chunk.delivery() {
            self.deliveries.remove(&delivery);
        }
        for span in &chunk.spans {
            self.drop_places((span.item.trace_id, span.item.span_id), number);
        }
    }
}
