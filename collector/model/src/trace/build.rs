//! From items to columns.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::finding::{FindingKind, Findings};
use super::tree::{Tree, rows};
use super::{NONE, Trace};
use crate::batch::{Scoped, TraceItems};
use crate::id::SpanId;
use crate::log::LogRecord;
use crate::span::{Span, SpanKind};

/// Where a span id leads: the first span with it, and, where a server shares the id of its
/// client, both.
type Ids = HashMap<SpanId, Vec<u32>, RandomState>;

impl Trace {
    /// The trace of these items. Never fails; what is odd is found in [`Trace::findings`].
    ///
    /// Takes O(n log n) for n items. At most 2^32 - 1 spans are kept, which is more than fits
    /// in memory.
    pub fn build(items: TraceItems) -> Self {
        let mut findings = Findings::default();
        let spans = sorted_spans(items.spans, &mut findings);
        let logs = sorted_logs(items.logs);
        let ids = ids(&spans, &mut findings);
        let parents = parents(&spans, &ids, &mut findings);
        let tree = Tree::of(parents, &mut findings);
        note_times(&spans, &mut findings);
        note_roots(&spans, &tree, &mut findings);
        let log_span: Vec<u32> = logs
            .iter()
            .map(|log| span_of_log(&log.item, &ids))
            .collect();
        let (span_log_starts, span_logs) = rows(log_span.iter().copied(), spans.len());
        let (service, service_names) = intern_services(&spans);
        let (start_ns, end_ns) = bounds(&spans, &logs);
        Self {
            is_error: spans.iter().map(|span| span.item.is_error()).collect(),
            service,
            service_names,
            tree,
            log_span,
            span_log_starts,
            span_logs,
            start_ns,
            end_ns,
            findings: findings.into_vec(),
            by_id: sorted_by_id(&spans),
            spans,
            logs,
        }
    }
}

/// By start, then id; the same span twice becomes one.
fn sorted_spans(mut spans: Vec<Scoped<Span>>, findings: &mut Findings) -> Vec<Scoped<Span>> {
    spans.truncate(NONE as usize);
    spans.sort_by_key(order_of);
    let mut kept: Vec<Scoped<Span>> = Vec::with_capacity(spans.len());
    for span in spans {
        // Equal spans have equal order, so a duplicate stands among the last with that order.
        let is_known = kept
            .iter()
            .rev()
            .take_while(|earlier| order_of(earlier) == order_of(&span))
            .any(|earlier| *earlier == span);
        if is_known {
            let index = u32::try_from(kept.len().saturating_sub(1)).unwrap_or(NONE);
            findings.add(FindingKind::Duplicate, index);
        } else {
            kept.push(span);
        }
    }
    kept
}

fn order_of(span: &Scoped<Span>) -> (u64, u64, i32, u64) {
    let item = &span.item;
    (
        item.start_ns,
        item.span_id.to_u64(),
        item.kind.number(),
        item.end_ns,
    )
}

fn sorted_logs(mut logs: Vec<Scoped<LogRecord>>) -> Vec<Scoped<LogRecord>> {
    logs.truncate(NONE as usize);
    // Stable, so that records of one moment stay in the order they came.
    logs.sort_by_key(|log| log.item.moment_ns());
    logs
}

fn ids(spans: &[Scoped<Span>], findings: &mut Findings) -> Ids {
    let mut ids = Ids::with_capacity_and_hasher(spans.len(), RandomState::default());
    for (index, span) in (0_u32..).zip(spans) {
        let same = ids.entry(span.item.span_id).or_default();
        if !same.is_empty() {
            findings.add(FindingKind::RepeatedId, index);
        }
        same.push(index);
    }
    ids
}

fn sorted_by_id(spans: &[Scoped<Span>]) -> Vec<(SpanId, u32)> {
    let mut by_id: Vec<(SpanId, u32)> = spans
        .iter()
        .map(|span| span.item.span_id)
        .zip(0_u32..)
        .collect();
    by_id.sort_unstable();
    by_id
}

fn parents(spans: &[Scoped<Span>], ids: &Ids, findings: &mut Findings) -> Vec<u32> {
    (0_u32..)
        .zip(spans)
        .map(|(index, span)| {
            let Some(parent_id) = span.item.parent_span_id else {
                return NONE;
            };
            if let Some(candidates) = ids.get(&parent_id) {
                best_parent(index, span, candidates, spans)
            } else {
                findings.add(FindingKind::MissingParent, index);
                NONE
            }
        })
        .collect()
}

/// Of several spans with the parent's id: one of the same service that is not the client
/// side, as the server half of a shared span is; else the first.
fn best_parent(index: u32, span: &Scoped<Span>, candidates: &[u32], spans: &[Scoped<Span>]) -> u32 {
    let service = span.resource.service_name();
    candidates
        .iter()
        .copied()
        .filter(|candidate| *candidate != index)
        .find(|candidate| {
            candidates.len() > 1
                && spans.get(*candidate as usize).is_some_and(|parent| {
                    parent.resource.service_name() == service
                        && parent.item.kind != SpanKind::Client
                })
        })
        .or_else(|| candidates.first().copied())
        .unwrap_or(NONE)
}

fn note_times(spans: &[Scoped<Span>], findings: &mut Findings) {
    for (index, span) in (0_u32..).zip(spans) {
        if span.item.start_ns == 0 {
            findings.add(FindingKind::NoStart, index);
        } else if span.item.end_ns < span.item.start_ns {
            findings.add(FindingKind::EndBeforeStart, index);
        }
    }
}

fn note_roots(spans: &[Scoped<Span>], tree: &Tree, findings: &mut Findings) {
    let true_roots: Vec<u32> = tree
        .roots
        .iter()
        .copied()
        .filter(|root| {
            spans
                .get(*root as usize)
                .is_some_and(|span| span.item.parent_span_id.is_none())
        })
        .collect();
    if true_roots.len() > 1 {
        for root in true_roots {
            findings.add(FindingKind::SeveralRoots, root);
        }
    }
}

fn span_of_log(log: &LogRecord, ids: &Ids) -> u32 {
    log.span_id
        .and_then(|id| ids.get(&id))
        .and_then(|candidates| candidates.first().copied())
        .unwrap_or(NONE)
}

fn intern_services(spans: &[Scoped<Span>]) -> (Vec<u32>, Vec<String>) {
    let mut names: Vec<String> = Vec::new();
    let mut symbols: HashMap<&str, u32, RandomState> = HashMap::default();
    let column = spans
        .iter()
        .map(|span| {
            let name = span.resource.service_name();
            *symbols.entry(name).or_insert_with(|| {
                names.push(name.to_owned());
                u32::try_from(names.len() - 1).unwrap_or(NONE)
            })
        })
        .collect();
    (column, names)
}

/// The earliest and latest known moment; zero times do not count.
fn bounds(spans: &[Scoped<Span>], logs: &[Scoped<LogRecord>]) -> (u64, u64) {
    let of_spans = spans
        .iter()
        .flat_map(|span| [span.item.start_ns, span.item.end_ns]);
    let of_logs = logs.iter().map(|log| log.item.moment_ns());
    let mut bounds: Option<(u64, u64)> = None;
    for moment in of_spans.chain(of_logs).filter(|moment| *moment != 0) {
        bounds = Some(match bounds {
            Some((first, last)) => (first.min(moment), last.max(moment)),
            None => (moment, moment),
        });
    }
    bounds.unwrap_or((0, 0))
}
