//! What a query can ask of a whole trace.

use std::cell::OnceCell;

use spanwalk_model::{Scoped, Span, TraceItems};

/// Facts of one trace, found when first asked for. They are what a list of traces shows.
pub(crate) struct TraceFacts<'a> {
    items: &'a TraceItems,
    root: OnceCell<Option<&'a Scoped<Span>>>,
    duration_ns: OnceCell<u64>,
    error_count: OnceCell<u64>,
}

impl<'a> TraceFacts<'a> {
    pub(crate) fn new(items: &'a TraceItems) -> Self {
        Self {
            items,
            root: OnceCell::new(),
            duration_ns: OnceCell::new(),
            error_count: OnceCell::new(),
        }
    }

    fn root(&self) -> Option<&'a Scoped<Span>> {
        *self.root.get_or_init(|| self.items.root())
    }

    /// Service of the root span; without spans, of the earliest log record.
    pub(crate) fn root_service(&self) -> Option<&'a str> {
        let of_log = || {
            let first = self
                .items
                .logs
                .iter()
                .min_by_key(|record| record.item.moment_ns());
            first.map(|record| record.resource.service_name())
        };
        self.root()
            .map(|root| root.resource.service_name())
            .or_else(of_log)
    }

    /// Name of the root span.
    pub(crate) fn root_name(&self) -> Option<&'a str> {
        self.root().map(|root| root.item.name.as_str())
    }

    /// From the earliest known moment to the latest.
    pub(crate) fn duration_ns(&self) -> u64 {
        *self.duration_ns.get_or_init(|| {
            let (first, last) = self.items.bounds_ns();
            last.saturating_sub(first)
        })
    }

    pub(crate) fn span_count(&self) -> u64 {
        u64::try_from(self.items.spans.len()).unwrap_or(u64::MAX)
    }

    /// How many spans failed.
    pub(crate) fn error_count(&self) -> u64 {
        *self.error_count.get_or_init(|| {
            let failed = self.items.spans.iter().filter(|span| span.item.is_error());
            u64::try_from(failed.count()).unwrap_or(u64::MAX)
        })
    }
}
