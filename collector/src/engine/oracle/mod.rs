//! The engine against a plain model: everything that was taken in, looked through one by one.
//!
//! - this file: the model, and what is compared.
//! - `memory`: a store that keeps all in memory and calls everything a candidate.
//! - `random`: batches and queries.
//! - `tests`: the properties.

mod memory;
mod random;
mod tests;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use spanwalk_model::batch::scoped_items;
use spanwalk_model::{
    Batch, LogRecord, Scoped, Span, SpanId, TimeRange, TraceId, TraceItems, UnixNanos,
};
use spanwalk_query::Query;

use super::logs::content_of;
use super::{Deadline, Engine, Page};

/// All that was taken in.
#[derive(Debug, Clone, Default)]
struct Oracle {
    spans: Vec<Scoped<Span>>,
    logs: Vec<Scoped<LogRecord>>,
}

/// A trace that matches: when it began, its id, and its matching spans.
type FoundTrace = (UnixNanos, TraceId, Vec<SpanId>);

impl Oracle {
    /// Takes a batch in; a span that is there already, in every part equal, counts once.
    fn add(&mut self, batch: &Batch) {
        match batch {
            Batch::Spans(groups) => {
                for span in scoped_items(groups.clone()) {
                    if !self.spans.contains(&span) {
                        self.spans.push(span);
                    }
                }
            }
            Batch::Logs(groups) => self.logs.extend(scoped_items(groups.clone())),
        }
    }

    /// Everything of a trace.
    fn trace(&self, id: TraceId) -> TraceItems {
        let spans = self.spans.iter().filter(|span| span.item.trace_id == id);
        let is_of_trace = |record: &&Scoped<LogRecord>| record.item.trace_id == Some(id);
        TraceItems {
            spans: spans.cloned().collect(),
            logs: self.logs.iter().filter(is_of_trace).cloned().collect(),
        }
    }

    fn trace_ids(&self) -> BTreeSet<TraceId> {
        let of_spans = self.spans.iter().map(|span| span.item.trace_id);
        let of_logs = self.logs.iter().filter_map(|record| record.item.trace_id);
        of_spans.chain(of_logs).collect()
    }

    /// Every trace that matches and began in the range: newest first; of equal beginnings, by id.
    fn traces(&self, query: &Query, range: TimeRange) -> Vec<FoundTrace> {
        let found = self.trace_ids().into_iter().filter_map(|id| {
            let items = self.trace(id);
            let (began_ns, _) = items.bounds_ns();
            let matched = query.match_trace(&items)?;
            let mut spans: Vec<(UnixNanos, SpanId)> = matched
                .span_indexes
                .iter()
                .map(|index| &items.spans[*index].item)
                .map(|span| (span.start_ns, span.span_id))
                .collect();
            spans.sort_unstable();
            let named = spans.into_iter().take(8).map(|(_, id)| id).collect();
            range.contains(began_ns).then_some((began_ns, id, named))
        });
        let mut found: Vec<FoundTrace> = found.collect();
        found.sort_by_key(|(began_ns, id, _)| (Reverse(*began_ns), *id));
        found
    }

    /// Every log record that matches and stands in the range: newest first; of equal moments,
    /// by content.
    fn logs(&self, query: &Query, range: TimeRange) -> Vec<Scoped<LogRecord>> {
        let matches = |record: &&Scoped<LogRecord>| {
            range.contains(record.item.moment_ns()) && query.match_log(record)
        };
        let mut found: Vec<_> = self.logs.iter().filter(matches).cloned().collect();
        found.sort_by_cached_key(|record| (Reverse(record.item.moment_ns()), content_of(record)));
        found
    }
}

/// All pages of the traces that match, `between` done after each. Every page says how
/// complete it is.
fn all_traces(
    engine: &Engine,
    query: &Query,
    limit: usize,
    between: &mut dyn FnMut(),
) -> Vec<FoundTrace> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = Page {
            limit,
            cursor: cursor.as_deref(),
        };
        let answer = engine
            .search(query, TimeRange::ALL, page, &Deadline::never())
            .unwrap();
        assert_eq!(answer.completeness.returned, answer.traces.len() as u64);
        assert_eq!(
            answer.completeness.cut.is_some(),
            answer.next_cursor.is_some()
        );
        assert_eq!(answer.completeness.estimate, answer.next_cursor.is_some());
        all.extend(
            answer
                .traces
                .into_iter()
                .map(|trace| (trace.summary.start_ns, trace.trace_id, trace.matched_spans)),
        );
        cursor = answer.next_cursor;
        if cursor.is_none() {
            assert_eq!(answer.completeness.matched, all.len() as u64);
            return all;
        }
        assert_eq!(all.len() % limit, 0, "a page before the last is full");
        assert!(answer.completeness.matched > all.len() as u64);
        between();
    }
}

/// All pages of the log records that match, `between` done after each.
fn all_logs(
    engine: &Engine,
    query: &Query,
    limit: usize,
    between: &mut dyn FnMut(),
) -> Vec<Scoped<LogRecord>> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let page = Page {
            limit,
            cursor: cursor.as_deref(),
        };
        let answer = engine
            .logs(query, TimeRange::ALL, page, &Deadline::never())
            .unwrap();
        assert_eq!(answer.completeness.returned, answer.logs.len() as u64);
        assert_eq!(
            answer.completeness.cut.is_some(),
            answer.next_cursor.is_some()
        );
        all.extend(answer.logs);
        cursor = answer.next_cursor;
        if cursor.is_none() {
            assert_eq!(answer.completeness.matched, all.len() as u64);
            return all;
        }
        assert_eq!(all.len() % limit, 0, "a page before the last is full");
        between();
    }
}
