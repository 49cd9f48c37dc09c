//! Searches for traces.

use std::cmp::Reverse;

use spanwalk_analysis::summary::{Summary, summarise};
use spanwalk_api::{Completeness, CutReason};
use spanwalk_model::{SpanId, TimeRange, TraceId};
use spanwalk_query::Query;

use super::cursor::{Cursor, TracePlace};
use super::{Deadline, EngineError, Page, TRACE_LIMIT_MAX};
use crate::store::{Snapshot, TraceCandidate};

/// Of the spans that match, this many are named.
const MATCHED_SPANS_MAX: usize = 8;

/// Traces that match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceAnswer {
    /// The page: newest first, of equal beginnings by id.
    pub traces: Vec<FoundTrace>,
    /// How complete it is; traces are counted.
    pub completeness: Completeness,
    /// Asks for the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

/// A trace that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTrace {
    /// The trace.
    pub trace_id: TraceId,
    /// What a list says of it.
    pub summary: Summary,
    /// Its spans that match, at most eight, earliest first; empty where the query asks for
    /// nothing in particular or only records without a stored span match.
    pub matched_spans: Vec<SpanId>,
}

/// The traces that match and began in the range.
pub(super) fn search(
    snapshot: &dyn Snapshot,
    query: &Query,
    range: TimeRange,
    page: Page<'_>,
    deadline: &Deadline,
) -> Result<TraceAnswer, EngineError> {
    let limit = page.limit.min(TRACE_LIMIT_MAX);
    let cursor = page.cursor.map(Cursor::<TracePlace>::parse).transpose()?;
    let mut answer = TraceAnswer::default();
    answer.completeness.newest_ns = snapshot.newest_ns();
    let mut matched = cursor.map_or(0, |cursor| cursor.matched);
    let mut last = cursor;
    let candidates = snapshot.candidate_traces(&query.trace_condition(), range)?;
    for candidate in candidates {
        let place = place_of(&candidate);
        if cursor.is_some_and(|cursor| place <= cursor.place) {
            continue;
        }
        if deadline.is_over() {
            answer.completeness.cut = Some(CutReason::Timeout);
            break;
        }
        answer.completeness.scanned += 1;
        let found = look(snapshot, query, range, candidate.trace_id)?;
        let is_full = answer.traces.len() == limit;
        if found.is_some() {
            matched += 1;
        }
        match found {
            // It is known now that the page is not the last.
            Some(_) if is_full => {
                answer.completeness.cut = Some(CutReason::Limit);
                break;
            }
            Some(trace) => answer.traces.push(trace),
            None => {}
        }
        if !is_full {
            last = Some(Cursor { place, matched });
        }
    }
    answer.completeness.matched = matched;
    answer.completeness.estimate = answer.completeness.cut.is_some();
    answer.completeness.returned = answer.traces.len() as u64;
    if answer.completeness.cut.is_some() {
        answer.next_cursor = last.map(Cursor::<TracePlace>::to_text);
    }
    Ok(answer)
}

fn place_of(candidate: &TraceCandidate) -> TracePlace {
    TracePlace {
        start_ns: Reverse(candidate.start_ns),
        trace_id: candidate.trace_id,
    }
}

/// The trace, if it matches and began in the range.
fn look(
    snapshot: &dyn Snapshot,
    query: &Query,
    range: TimeRange,
    trace_id: TraceId,
) -> Result<Option<FoundTrace>, EngineError> {
    let items = snapshot.trace(trace_id)?;
    let (began_ns, _) = items.bounds_ns();
    if !range.contains(began_ns) {
        return Ok(None);
    }
    let Some(matched) = query.match_trace(&items) else {
        return Ok(None);
    };
    let mut spans: Vec<_> = matched
        .span_indexes
        .iter()
        .filter_map(|index| items.spans.get(*index))
        .map(|span| (span.item.start_ns, span.item.span_id))
        .collect();
    spans.sort_unstable();
    spans.truncate(MATCHED_SPANS_MAX);
    Ok(Some(FoundTrace {
        trace_id,
        summary: summarise(&items),
        matched_spans: spans.into_iter().map(|(_, id)| id).collect(),
    }))
}
