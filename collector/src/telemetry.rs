//! The collector's own counters.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// A listener, which everything comes in by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listener {
    /// OTLP over gRPC.
    OtlpGrpc,
    /// OTLP over HTTP.
    OtlpHttp,
    /// Zipkin's spans.
    Zipkin,
    /// The query API, which takes imports.
    Api,
}

impl Listener {
    /// The name by which the API, the command line and metrics call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OtlpGrpc => "otlp_grpc",
            Self::OtlpHttp => "otlp_http",
            Self::Zipkin => "zipkin",
            Self::Api => "api",
        }
    }
}

/// Counts what came in and what became of it. Shared by all listeners.
#[derive(Debug, Default)]
pub struct Telemetry {
    received: Counter,
    rejected: Counter,
    refused: Counter,
    redacted: Counter,
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
    /// Values that were hidden, by reason.
    pub redacted: BTreeMap<String, u64>,
    /// Items lost after they were acknowledged, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// The same, also by listener.
    pub samples: Vec<Sample>,
}

/// What a [`Sample`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Items that arrived.
    Received,
    /// Items that cannot be stored.
    Rejected,
    /// Requests turned away.
    Refused,
    /// Values that were hidden.
    Redacted,
    /// Items lost after they were acknowledged.
    Dropped,
}

/// One count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// What is counted.
    pub family: Family,
    /// Where it came in, where that is known.
    pub listener: Option<Listener>,
    /// The signal or the reason.
    pub name: &'static str,
    /// How often.
    pub count: u64,
}

impl Telemetry {
    /// Items arrived.
    pub fn received(&self, listener: Listener, signal: &'static str, count: u64) {
        self.received.add(Some(listener), signal, count);
    }

    /// Items cannot be stored.
    pub fn rejected(&self, listener: Listener, reason: &'static str, count: u64) {
        self.rejected.add(Some(listener), reason, count);
    }

    /// A request was turned away.
    pub fn refused(&self, listener: Listener, reason: &'static str) {
        self.refused.add(Some(listener), reason, 1);
    }

    /// Values were hidden before anything was written.
    pub fn redacted(&self, listener: Listener, reason: &'static str, count: u64) {
        self.redacted.add(Some(listener), reason, count);
    }

    /// Items were lost after they had been acknowledged.
    pub fn dropped(&self, reason: &'static str, count: u64) {
        self.dropped.add(None, reason, count);
    }

    /// All counters now.
    pub fn counts(&self) -> Counts {
        let families = [
            (Family::Received, &self.received),
            (Family::Rejected, &self.rejected),
            (Family::Refused, &self.refused),
            (Family::Redacted, &self.redacted),
            (Family::Dropped, &self.dropped),
        ];
        let samples: Vec<Sample> = families
            .into_iter()
            .flat_map(|(family, counter)| counter.samples(family))
            .collect();
        let totals = |family: Family| {
            let mut totals = BTreeMap::<String, u64>::new();
            for sample in samples.iter().filter(|sample| sample.family == family) {
                let total = totals.entry(sample.name.to_owned()).or_default();
                *total = total.saturating_add(sample.count);
            }
            totals
        };
        Counts {
            received: totals(Family::Received),
            rejected: totals(Family::Rejected),
            refused: totals(Family::Refused),
            redacted: totals(Family::Redacted),
            dropped: totals(Family::Dropped),
            samples,
        }
    }
}

/// Counts by listener and by a name out of few. The lock is held for an addition, once a
/// request.
#[derive(Debug, Default)]
struct Counter(Mutex<BTreeMap<(Option<Listener>, &'static str), u64>>);

impl Counter {
    fn add(&self, listener: Option<Listener>, name: &'static str, count: u64) {
        if count == 0 {
            return;
        }
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let total = counts.entry((listener, name)).or_default();
        *total = total.saturating_add(count);
    }

    fn samples(&self, family: Family) -> Vec<Sample> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|((listener, name), count)| Sample {
                family,
                listener: *listener,
                name,
                count: *count,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_add_up_by_reason_and_nothing_is_counted_as_nothing() {
        let telemetry = Telemetry::default();
        telemetry.received(Listener::OtlpGrpc, "spans", 3);
        telemetry.received(Listener::Zipkin, "spans", 4);
        telemetry.rejected(Listener::OtlpGrpc, "invalid_span_id", 0);
        telemetry.refused(Listener::OtlpHttp, "overloaded");
        let counts = telemetry.counts();
        assert_eq!(counts.received.get("spans"), Some(&7));
        assert!(counts.rejected.is_empty() && counts.dropped.is_empty());
        assert_eq!(counts.refused.get("overloaded"), Some(&1));
        assert_eq!(counts.samples.len(), 3);
    }
}
