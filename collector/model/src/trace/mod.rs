//! One whole trace as parallel columns, for analysis and drawing.
//!
//! [`Trace::build`] takes whatever the store gave back and never fails: several roots, missing
//! parents, cycles, repeated ids, ends before starts and zero times all become a tree with
//! [`Finding`]s. Every column is indexed by a span's index, a `u32`; the indexes run by start
//! time, then id, so equal input gives equal indexes.
//!
//! - `build`: from items to columns.
//! - `tree`: parents, children, ranks and sizes without recursion.
//! - `finding`: what was wrong with the input.

mod build;
mod finding;
#[cfg(test)]
mod tests;
mod tree;

use std::ops::Range;

use crate::batch::Scoped;
use crate::id::{SpanId, TraceId};
use crate::log::LogRecord;
use crate::span::{Span, SpanKind};
use crate::time::UnixNanos;

pub use finding::{FINDING_SPANS_MAX, Finding, FindingKind};

/// No span: the value in columns that name spans.
const NONE: u32 = u32::MAX;

/// One trace: its spans as a tree in columns, and its log records at their spans.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    spans: Vec<Scoped<Span>>,
    logs: Vec<Scoped<LogRecord>>,
    /// Ids in order, with their spans.
    by_id: Vec<(SpanId, u32)>,
    is_error: Vec<bool>,
    service: Vec<u32>,
    service_names: Vec<String>,
    tree: tree::Tree,
    /// For each record its span, or `NONE`.
    log_span: Vec<u32>,
    /// Records by span: where each span's records begin in `span_logs`; one more than spans.
    span_log_starts: Vec<u32>,
    span_logs: Vec<u32>,
    start_ns: UnixNanos,
    end_ns: UnixNanos,
    findings: Vec<Finding>,
}

impl Trace {
    /// How many spans the trace has.
    pub fn len(&self) -> u32 {
        u32::try_from(self.spans.len()).unwrap_or(NONE)
    }

    /// Whether no span is stored; log records may be.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The trace's id; `None` where nothing is stored.
    pub fn trace_id(&self) -> Option<TraceId> {
        let of_spans = self.spans.first().map(|span| span.item.trace_id);
        of_spans.or_else(|| self.logs.iter().find_map(|log| log.item.trace_id))
    }

    /// A span with its resource and scope.
    pub fn span(&self, index: u32) -> Option<&Scoped<Span>> {
        self.spans.get(index as usize)
    }

    /// All spans in order of index.
    pub fn spans(&self) -> &[Scoped<Span>] {
        &self.spans
    }

    /// The index of the span with this id; of several, the first.
    pub fn index_of(&self, id: SpanId) -> Option<u32> {
        let place = self.by_id.partition_point(|(known, _)| *known < id);
        self.by_id
            .get(place)
            .filter(|(known, _)| *known == id)
            .map(|(_, index)| *index)
    }

    /// When a span began; zero for no span.
    pub fn span_start_ns(&self, index: u32) -> UnixNanos {
        self.span(index).map_or(0, |span| span.item.start_ns)
    }

    /// When a span ended, never before its start; zero for no span.
    pub fn span_end_ns(&self, index: u32) -> UnixNanos {
        self.span(index)
            .map_or(0, |span| span.item.end_ns.max(span.item.start_ns))
    }

    /// The span's name; empty for no span.
    pub fn name(&self, index: u32) -> &str {
        self.span(index).map_or("", |span| &span.item.name)
    }

    /// The span's kind.
    pub fn kind(&self, index: u32) -> SpanKind {
        self.span(index)
            .map_or(SpanKind::Unspecified, |span| span.item.kind)
    }

    /// Whether the span failed, as [`Span::is_error`] says.
    pub fn is_error(&self, index: u32) -> bool {
        self.is_error.get(index as usize).copied().unwrap_or(false)
    }

    /// The symbol of the span's service: an index into [`Trace::services`].
    pub fn service_symbol(&self, index: u32) -> u32 {
        self.service.get(index as usize).copied().unwrap_or(0)
    }

    /// The name of the span's service; empty for no span.
    pub fn service(&self, index: u32) -> &str {
        self.service
            .get(index as usize)
            .and_then(|symbol| self.service_names.get(*symbol as usize))
            .map_or("", String::as_str)
    }

    /// The services of spans, in order of their first span.
    pub fn services(&self) -> &[String] {
        &self.service_names
    }

    /// The parent of a span; `None` for a root, and where the parent is not stored.
    pub fn parent(&self, index: u32) -> Option<u32> {
        self.tree.parent(index)
    }

    /// The children of a span in order of their start.
    pub fn children(&self, index: u32) -> &[u32] {
        self.tree.children(index)
    }

    /// Spans without a stored parent, in order of their start.
    pub fn roots(&self) -> &[u32] {
        &self.tree.roots
    }

    /// The span that the request began with: the earliest that has no parent, else the
    /// earliest whose parent is missing.
    pub fn root(&self) -> Option<u32> {
        let roots = self.roots();
        roots
            .iter()
            .copied()
            .find(|root| {
                self.span(*root)
                    .is_some_and(|span| span.item.parent_span_id.is_none())
            })
            .or_else(|| roots.first().copied())
    }

    /// How many ancestors a span has.
    pub fn depth(&self, index: u32) -> u32 {
        self.tree.depth.get(index as usize).copied().unwrap_or(0)
    }

    /// The place of a span when parents come before their children and children in order.
    pub fn rank(&self, index: u32) -> u32 {
        self.tree.rank.get(index as usize).copied().unwrap_or(0)
    }

    /// The span at a rank.
    pub fn at_rank(&self, rank: u32) -> Option<u32> {
        self.tree.by_rank.get(rank as usize).copied()
    }

    /// How many spans stand in the subtree of a span, itself included.
    pub fn subtree_size(&self, index: u32) -> u32 {
        self.tree.size.get(index as usize).copied().unwrap_or(0)
    }

    /// The ranks of a span and everything below it.
    pub fn subtree(&self, index: u32) -> Range<u32> {
        let rank = self.rank(index);
        rank..rank.saturating_add(self.subtree_size(index))
    }

    /// The ancestors of a span, its parent first.
    pub fn ancestors(&self, index: u32) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.parent(index), |ancestor| self.parent(*ancestor))
    }

    /// The log records in order of their moment.
    pub fn logs(&self) -> &[Scoped<LogRecord>] {
        &self.logs
    }

    /// A log record.
    pub fn log(&self, index: u32) -> Option<&Scoped<LogRecord>> {
        self.logs.get(index as usize)
    }

    /// The span that a record was written in; `None` where it names none that is stored.
    pub fn log_span(&self, log_index: u32) -> Option<u32> {
        self.log_span
            .get(log_index as usize)
            .copied()
            .filter(|span| *span != NONE)
    }

    /// Indexes of the records written in a span, in order of their moment.
    pub fn span_logs(&self, index: u32) -> &[u32] {
        let index = index as usize;
        let bounds = (
            self.span_log_starts.get(index),
            self.span_log_starts.get(index.saturating_add(1)),
        );
        match bounds {
            (Some(start), Some(end)) => self
                .span_logs
                .get(*start as usize..*end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// The earliest moment of a span or record; zero where nothing has a time.
    pub fn start_ns(&self) -> UnixNanos {
        self.start_ns
    }

    /// The latest moment of a span or record.
    pub fn end_ns(&self) -> UnixNanos {
        self.end_ns
    }

    /// Nanoseconds from the earliest to the latest moment.
    pub fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }

    /// How many spans failed.
    pub fn error_span_count(&self) -> usize {
        self.is_error.iter().filter(|is_error| **is_error).count()
    }

    /// What was wrong with the input.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}
