//! A naive evaluator to hold the engine against: it looks at everything.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use spanwalk_analysis::summary::summarise;
use spanwalk_model::{LogRecord, Scoped, Span, TraceId, TraceItems, UnixNanos};
use spanwalk_query::Query;

use super::logs::content_of;

/// When the tests say that everything was received.
pub(super) const RECEIVED_NS: UnixNanos = 1;

/// Everything that was stored, in plain maps.
#[derive(Debug, Default, Clone)]
pub(super) struct Oracle {
    traces: BTreeMap<TraceId, TraceItems>,
    logs: Vec<Scoped<LogRecord>>,
}

impl Oracle {
    /// Stores a span, once.
    pub(super) fn add_span(&mut self, span: Scoped<Span>) {
        let items = self.traces.entry(span.item.trace_id).or_default();
        if !items.spans.contains(&span) {
            items.spans.push(span);
        }
    }

    /// Stores a log record; one without any time happened when it was received.
    pub(super) fn add_log(&mut self, mut log: Scoped<LogRecord>) {
        if log.item.moment_ns() == 0 {
            log.item.observed_time_ns = RECEIVED_NS;
        }
        if let Some(id) = log.item.trace_id {
            self.traces.entry(id).or_default().logs.push(log.clone());
        }
        self.logs.push(log);
    }

    /// Every trace that matches, newest first, of equal starts by id.
    pub(super) fn search(&self, query: &Query) -> Vec<TraceId> {
        let mut found: Vec<(UnixNanos, TraceId)> = self
            .traces
            .iter()
            .filter(|(_, items)| query.match_trace(items).is_some())
            .map(|(id, items)| (summarise(items).start_ns, *id))
            .filter(|(start_ns, _)| query.range().contains(*start_ns))
            .collect();
        found.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
        found.into_iter().map(|(_, id)| id).collect()
    }

    /// Every record that matches, newest first, of one moment by content.
    pub(super) fn logs(&self, query: &Query) -> Vec<Scoped<LogRecord>> {
        let matches = |log: &&Scoped<LogRecord>| {
            query.range().contains(log.item.moment_ns()) && query.match_log(log)
        };
        let mut found: Vec<_> = self.logs.iter().filter(matches).cloned().collect();
        found.sort_by_cached_key(|log| (Reverse(log.item.moment_ns()), content_of(log)));
        found
    }

    /// The moments of every record that matches, newest first.
    pub(super) fn log_moments(&self, query: &Query) -> Vec<UnixNanos> {
        let logs = self.logs(query);
        logs.iter().map(|log| log.item.moment_ns()).collect()
    }

    /// Distinct traces with a span, spans, records.
    pub(super) fn totals(&self) -> (u64, u64, u64) {
        let with_span = self.traces.values().filter(|items| !items.spans.is_empty());
        let spans: usize = self.traces.values().map(|items| items.spans.len()).sum();
        (
            with_span.count() as u64,
            spans as u64,
            self.logs.len() as u64,
        )
    }

    /// What is stored of a trace: spans and records.
    pub(super) fn counts_of(&self, id: TraceId) -> (usize, usize) {
        self.traces
            .get(&id)
            .map_or((0, 0), |items| (items.spans.len(), items.logs.len()))
    }

    /// The ids of all traces.
    pub(super) fn ids(&self) -> Vec<TraceId> {
        self.traces.keys().copied().collect()
    }
}
