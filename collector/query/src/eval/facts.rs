//! What a query can ask of a whole trace.

use std::cell::OnceCell;

use spanwalk_model::{Scoped, Span, TraceItems};

/// Facts of one trace, found when first asked for.
pub(super) struct TraceFacts<'a> {
    items: &'a TraceItems,
    root: OnceCell<Option<&'a Scoped<Span>>>,
    duration_ns: OnceCell<Option<u64>>,
    error_count: OnceCell<u64>,
}

impl<'a> TraceFacts<'a> {
    pub(super) fn new(items: &'a TraceItems) -> Self {
        Self {
            items,
            root: OnceCell::new(),
            duration_ns: OnceCell::new(),
            error_count: OnceCell::new(),
        }
    }

    /// The earliest span without a parent; where there is none, the earliest span.
    pub(super) fn root(&self) -> Option<&'a Scoped<Span>> {
        *self.root.get_or_init(|| {
            self.items.spans.iter().min_by_key(|span| {
                let item = &span.item;
                (item.parent_span_id.is_some(), item.start_ns, item.span_id)
            })
        })
    }

    /// From the earliest start to the latest end; `None` without spans.
    pub(super) fn duration_ns(&self) -> Option<u64> {
        *self.duration_ns.get_or_init(|| {
            let spans = || self.items.spans.iter().map(|span| &span.item);
            let start = spans().map(|span| span.start_ns).min()?;
            let end = spans().map(|span| span.end_ns).max()?;
            Some(end.saturating_sub(start))
        })
    }

    pub(super) fn span_count(&self) -> u64 {
        u64::try_from(self.items.spans.len()).unwrap_or(u64::MAX)
    }

    /// How many spans failed.
    pub(super) fn error_count(&self) -> u64 {
        *self.error_count.get_or_init(|| {
            let failed = self.items.spans.iter().filter(|span| span.item.is_error());
            u64::try_from(failed.count()).unwrap_or(u64::MAX)
        })
    }
}
