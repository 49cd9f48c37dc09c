//! The parts that there are, as readers and the worker share them.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use foldhash::quality::RandomState;
use spanwalk_model::{TraceId, UnixNanos};

use super::manifest::Manifest;
use super::part::Part;
use crate::tail::{Tail, TailView, earliest};
use crate::wal::{DeliveryId, Position};

/// The parts at one moment.
#[derive(Debug, Default)]
pub(super) struct PartSet {
    pub(super) parts: Vec<Arc<Part>>,
    merged: OnceLock<Merged>,
}

/// What is known of the traces of all parts together.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Every trace, in order, with the earliest moment that parts hold of it.
    pub(super) traces: Vec<(TraceId, UnixNanos)>,
    /// How many traces have a span.
    pub(super) span_trace_count: u64,
    /// Traces in more than one part.
    pub(super) straddlers: HashSet<TraceId, RandomState>,
}

impl PartSet {
    pub(super) fn new(mut parts: Vec<Arc<Part>>) -> Self {
        parts.sort_by_key(|part| part.meta.id);
        Self {
            parts,
            merged: OnceLock::new(),
        }
    }

    /// The traces of all parts together; put together at the first call.
    pub(super) fn merged(&self) -> &Merged {
        self.merged.get_or_init(|| Merged::of(&self.parts))
    }

    /// Whether any part has a span of the trace.
    pub(super) fn has_span_of(&self, id: TraceId) -> bool {
        self.parts
            .iter()
            .any(|part| part.span_traces().binary_search(&id).is_ok())
    }
}

impl Merged {
    /// The earliest moment that parts hold of a trace; `None` where they hold nothing.
    pub(super) fn start_ns(&self, id: TraceId) -> Option<UnixNanos> {
        let place = self.traces.binary_search_by_key(&id, |(known, _)| *known);
        self.traces.get(place.ok()?).map(|(_, start_ns)| *start_ns)
    }

    fn of(parts: &[Arc<Part>]) -> Self {
        let mut span_traces: Vec<TraceId> = parts
            .iter()
            .flat_map(|part| part.span_traces())
            .copied()
            .collect();
        span_traces.sort_unstable();
        span_traces.dedup();
        let of_parts = parts.iter().flat_map(|part| part.traces());
        let mut all: Vec<(TraceId, UnixNanos)> = of_parts.copied().collect();
        all.sort_unstable();
        let mut straddlers = HashSet::default();
        all.dedup_by(|(id, start_ns), (kept, kept_ns)| {
            let is_same = id == kept;
            if is_same {
                *kept_ns = earliest(*kept_ns, *start_ns);
                straddlers.insert(*kept);
            }
            is_same
        });
        Self {
            traces: all,
            span_trace_count: span_traces.len() as u64,
            straddlers,
        }
    }
}

/// Tail and parts, which change together.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) tail: Tail,
    /// Also the lock under which a flush moves data from the tail into parts, so that nobody
    /// sees them twice or not at all.
    parts: RwLock<Arc<PartSet>>,
    deliveries: RwLock<HashSet<DeliveryId, RandomState>>,
    manifest: Mutex<Manifest>,
}

impl Catalogue {
    pub(super) fn new(manifest: Manifest, parts: Vec<Arc<Part>>) -> Self {
        let deliveries = manifest.delivery_ids();
        Self {
            tail: Tail::default(),
            parts: RwLock::new(Arc::new(PartSet::new(parts))),
            deliveries: RwLock::new(deliveries),
            manifest: Mutex::new(manifest),
        }
    }

    /// Tail and parts at one moment.
    pub(super) fn now(&self) -> (Arc<TailView>, Arc<PartSet>) {
        let parts = self.parts.read().unwrap_or_else(PoisonError::into_inner);
        (self.tail.view(), Arc::clone(&parts))
    }

    /// The parts now.
    pub(super) fn parts(&self) -> Arc<PartSet> {
        Arc::clone(&self.parts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The manifest as it was last written. Its holder is the only writer.
    pub(super) fn manifest(&self) -> MutexGuard<'_, Manifest> {
        self.manifest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the delivery's items are in parts.
    pub(super) fn knows(&self, delivery: DeliveryId) -> bool {
        self.deliveries
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&delivery)
    }

    /// Shows new parts in place of old ones, with the deliveries that they hold, and, after a flush, drops what it wrote from the
    /// tail, in one step for readers.
    pub(super) fn publish(
        &self,
        set: PartSet,
        deliveries: HashSet<DeliveryId, RandomState>,
        flushed: Option<Position>,
    ) {
        let mut parts = self.parts.write().unwrap_or_else(PoisonError::into_inner);
        *self
            .deliveries
            .write()
            .unwrap_or_else(PoisonError::into_inner) = deliveries;
        *parts = Arc::new(set);
        if let Some(position) = flushed {
            self.tail.drop_through(position);
        }
    }
}
