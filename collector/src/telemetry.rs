//! The collector's own counters.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Counts what came in and what became of it. Shared by all listeners.
#[derive(Debug, Default)]
pub struct Telemetry {
    received: Counter,
    rejected: Counter,
    refused: Counter,
    dropped: Counter,
}

/// The counters at one moment, by name or reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items that arrived, by signal: `spans`, `log_records`.
    pub received: BTreeMap<String, u64>,
    /// Items that cannot be stored, by reason; their senders were told so.
    pub rejected: BTreeMap<String, u64>,
    /// Requests turned away, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Items lost after they were acknowledged, by reason.
    pub dropped: BTreeMap<String, u64>,
}

impl Telemetry {
    /// Items arrived.
    pub fn received(&self, signal: &'static str, count: u64) {
        self.received.add(signal, count);
    }

    /// Items cannot be stored.
    pub fn rejected(&self, reason: &'static str, count: u64) {
        self.rejected.add(reason, count);
    }

    /// A request was turned away.
    pub fn refused(&self, reason: &'static str) {
        self.refused.add(reason, 1);
    }

    /// Items were lost after they had been acknowledged.
    pub fn dropped(&self, reason: &'static str, count: u64) {
        self.dropped.add(reason, count);
    }

    /// All counters now.
    pub fn counts(&self) -> Counts {
        Counts {
            received: self.received.now(),
            rejected: self.rejected.now(),
            refused: self.refused.now(),
            dropped: self.dropped.now(),
        }
    }
}

/// Counts by a name out of few. The lock is held for an addition, once a request.
#[derive(Debug, Default)]
struct Counter(Mutex<BTreeMap<&'static str, u64>>);

impl Counter {
    fn add(&self, name: &'static str, count: u64) {
        if count == 0 {
            return;
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = counts.entry(name).or_default();
        *total = total.saturating_add(count);
    }

    fn now(&self) -> BTreeMap<String, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(name, count)| ((*name).to_owned(), *count))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_by_reason_and_nothing_is_counted_as_nothing() {
        let telemetry = Telemetry::default();
        telemetry.received("spans", 3);
        telemetry.received("spans", 4);
        telemetry.rejected("invalid_span_id", 0);
        telemetry.refused("overloaded");
        let counts = telemetry.counts();
        assert_eq!(counts.received.get("spans"), Some(&7));
        assert!(counts.rejected.is_empty() && counts.dropped.is_empty());
        assert_eq!(counts.refused.get("overloaded"), Some(&1));
    }
}
