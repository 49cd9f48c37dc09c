//! What readers see of the tail.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use foldhash::quality::RandomState;
use spanwalk_model::{LogRecord, Scoped, Span, TimeRange, TraceId, TraceItems, UnixNanos};
use spanwalk_query::Condition;

use super::block::Block;
use super::chunk::Chunk;
use super::condition;

/// The tail at one moment. It never changes.
#[derive(Debug)]
pub struct TailView {
    blocks: Vec<Arc<Block>>,
    open: Vec<Arc<Chunk>>,
    last_ns: UnixNanos,
    span_count: u64,
    log_count: u64,
}

/// What a service has in a stretch of data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceTotals {
    /// Spans.
    pub span_count: u64,
    /// Spans that failed.
    pub error_span_count: u64,
    /// Log records.
    pub log_count: u64,
    /// The newest start of a span or moment of a record, nanoseconds since the epoch.
    pub last_ns: UnixNanos,
}

impl ServiceTotals {
    /// Adds what the service has elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.span_count += other.span_count;
        self.error_span_count += other.error_span_count;
        self.log_count += other.log_count;
        self.last_ns = self.last_ns.max(other.last_ns);
    }
}

impl TailView {
    pub(super) fn new(blocks: Vec<Arc<Block>>, open: Vec<Arc<Chunk>>) -> Self {
        let mut view = Self {
            blocks,
            open,
            last_ns: 0,
            span_count: 0,
            log_count: 0,
        };
        let (mut last_ns, mut span_count, mut log_count) = (0, 0, 0);
        for chunk in view.chunks() {
            last_ns = chunk.last_ns().max(last_ns);
            span_count += chunk.spans.len() as u64;
            log_count += chunk.logs.len() as u64;
        }
        view.last_ns = last_ns;
        view.span_count = span_count;
        view.log_count = log_count;
        view
    }

    fn chunks(&self) -> impl Iterator<Item = &Arc<Chunk>> {
        self.blocks
            .iter()
            .flat_map(|block| block.chunks())
            .chain(&self.open)
    }

    /// Every span, in the order they came.
    pub fn spans(&self) -> impl Iterator<Item = &Scoped<Span>> {
        self.chunks().flat_map(|chunk| &chunk.spans)
    }

    /// Every log record, in the order they came.
    pub fn logs(&self) -> impl Iterator<Item = &Scoped<LogRecord>> {
        self.chunks().flat_map(|chunk| &chunk.logs)
    }

    /// Spans held.
    pub fn span_count(&self) -> u64 {
        self.span_count
    }

    /// Log records held.
    pub fn log_count(&self) -> u64 {
        self.log_count
    }

    /// The newest start of a span or moment of a record; zero where there is none.
    pub fn last_ns(&self) -> UnixNanos {
        self.last_ns
    }

    /// Adds everything held of a trace.
    pub fn add_trace(&self, id: TraceId, items: &mut TraceItems) {
        for block in &self.blocks {
            block.add_trace(id, items);
        }
        for chunk in &self.open {
            let spans = chunk.spans.iter().filter(|span| span.item.trace_id == id);
            items.spans.extend(spans.cloned());
            let logs = chunk
                .logs
                .iter()
                .filter(|log| log.item.trace_id == Some(id));
            items.logs.extend(logs.cloned());
        }
    }

    /// Every trace with the earliest moment that the tail holds of it; a moment of zero,
    /// which is none, counts only where there is no other.
    pub fn traces(&self) -> HashMap<TraceId, UnixNanos, RandomState> {
        let mut traces = HashMap::default();
        let of_spans = self
            .spans()
            .map(|span| (span.item.trace_id, span.item.start_ns));
        let of_logs = self
            .logs()
            .filter_map(|log| Some((log.item.trace_id?, log.item.moment_ns())));
        for (id, moment_ns) in of_spans.chain(of_logs) {
            let first_ns = traces.entry(id).or_insert(moment_ns);
            *first_ns = earliest(*first_ns, moment_ns);
        }
        traces
    }

    /// The traces that have a span here.
    pub fn span_traces(&self) -> impl Iterator<Item = TraceId> {
        self.spans().map(|span| span.item.trace_id)
    }

    /// The traces that may fulfil the condition; `None` for all of them.
    pub fn candidate_traces(
        &self,
        condition: &Condition,
    ) -> Option<std::collections::HashSet<TraceId, RandomState>> {
        condition::traces(self, condition)
    }

    /// The records that may fulfil the condition, with their number in [`TailView::logs`].
    pub fn candidate_logs<'a>(
        &'a self,
        condition: &'a Condition,
        range: TimeRange,
    ) -> impl Iterator<Item = (u32, &'a Scoped<LogRecord>)> {
        (0_u32..)
            .zip(self.logs())
            .filter(move |(_, log)| range.contains(log.item.moment_ns()))
            .filter(|(_, log)| condition::log_fulfils(log, condition))
    }

    /// What each service has here.
    pub fn services(&self) -> BTreeMap<String, ServiceTotals> {
        let mut services: BTreeMap<String, ServiceTotals> = BTreeMap::new();
        for span in self.spans() {
            let totals = entry(&mut services, span.resource.service_name());
            totals.span_count += 1;
            totals.error_span_count += u64::from(span.item.is_error());
            totals.last_ns = totals.last_ns.max(span.item.start_ns);
        }
        for log in self.logs() {
            let totals = entry(&mut services, log.resource.service_name());
            totals.log_count += 1;
            totals.last_ns = totals.last_ns.max(log.item.moment_ns());
        }
        services
    }
}

/// The entry of a service, without a copy of its name where it is there.
fn entry<'a>(
    services: &'a mut BTreeMap<String, ServiceTotals>,
    name: &str,
) -> &'a mut ServiceTotals {
    if !services.contains_key(name) {
        services.insert(name.to_owned(), ServiceTotals::default());
    }
    services.entry(name.to_owned()).or_default()
}

/// The earlier of two moments, where zero is none.
pub(crate) fn earliest(a: UnixNanos, b: UnixNanos) -> UnixNanos {
    match (a, b) {
        (0, other) | (other, 0) => other,
        (a, b) => a.min(b),
    }
}
