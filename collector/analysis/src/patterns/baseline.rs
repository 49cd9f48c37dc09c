//! What is usual, gathered from other traces.

use std::collections::{BTreeMap, BTreeSet};

use spanwalk_model::trace::Trace;

use super::call::callee;

/// At most so many numbers are kept of one kind.
const SAMPLES_MAX: usize = 2048;

/// What is usual for services and pairs of services.
#[derive(Debug, Clone, Default)]
pub struct Baseline {
    services: BTreeSet<String>,
    calls_by_pair: BTreeMap<(String, String), Samples>,
    waits_by_pair: BTreeMap<(String, String), Samples>,
}

impl Baseline {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a trace.
    pub fn add(&mut self, trace: &Trace) {
        self.services.extend(trace.services().iter().cloned());
        for (pair, count) in calls_by_pair(trace) {
            let samples = self.calls_by_pair.entry(pair).or_default();
            samples.add(count);
        }
        for span in 0..trace.len() {
            if let Some(server) = callee(trace, span) {
                let pair = (
                    trace.service(span).to_owned(),
                    trace.service(server).to_owned(),
                );
                let wait = trace
                    .span_start_ns(server)
                    .saturating_sub(trace.span_start_ns(span));
                self.waits_by_pair.entry(pair).or_default().add(wait);
            }
        }
    }

    /// Whether a service is known to emit spans.
    pub fn emits(&self, service: &str) -> bool {
        self.services.contains(service)
    }

    /// More calls from one service to another in one request than these are unusual; `None`
    /// where nothing is known.
    pub(super) fn calls_max(&self, caller: &str, callee: &str) -> Option<u64> {
        let pair = (caller.to_owned(), callee.to_owned());
        self.calls_by_pair.get(&pair)?.fence()
    }

    /// A call that waits longer than this before its callee starts is unusual, nanoseconds.
    pub(super) fn wait_max_ns(&self, caller: &str, callee: &str) -> Option<u64> {
        let pair = (caller.to_owned(), callee.to_owned());
        self.waits_by_pair.get(&pair)?.fence()
    }
}

/// How often each service asks each other one in a trace.
pub(super) fn calls_by_pair(trace: &Trace) -> BTreeMap<(String, String), u64> {
    let mut by_symbol: BTreeMap<(u32, u32), (u32, u32, u64)> = BTreeMap::new();
    for child in 0..trace.len() {
        let Some(parent) = trace.parent(child) else {
            continue;
        };
        let pair = (trace.service_symbol(parent), trace.service_symbol(child));
        if pair.0 != pair.1 {
            by_symbol.entry(pair).or_insert((parent, child, 0)).2 += 1;
        }
    }
    by_symbol
        .into_values()
        .map(|(parent, child, count)| {
            let names = (
                trace.service(parent).to_owned(),
                trace.service(child).to_owned(),
            );
            (names, count)
        })
        .collect()
}

/// Numbers in order, every second left out when they become too many.
#[derive(Debug, Clone, Default)]
struct Samples {
    sorted: Vec<u64>,
    seen: usize,
    stride: usize,
}

impl Samples {
    fn add(&mut self, value: u64) {
        if self.seen.is_multiple_of(self.stride.max(1)) {
            let place = self.sorted.partition_point(|known| *known < value);
            self.sorted.insert(place, value);
        }
        self.seen += 1;
        if self.sorted.len() >= SAMPLES_MAX {
            let mut place = 0_usize;
            self.sorted.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.stride = self.stride.max(1) * 2;
        }
    }

    fn quantile(&self, percent: usize) -> Option<u64> {
        let place = self.sorted.len().checked_sub(1)? * percent / 100;
        self.sorted.get(place).copied()
    }

    /// The 95th percentile and three times the distance between the quartiles.
    fn fence(&self) -> Option<u64> {
        let spread = self.quantile(75)?.saturating_sub(self.quantile(25)?);
        Some(self.quantile(95)?.saturating_add(spread.saturating_mul(3)))
    }
}
