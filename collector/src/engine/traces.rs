//! Traces that match a query.

use spanwalk_analysis::summary::{Summary, summarise};
use spanwalk_model::{SpanId, TraceId};
use spanwalk_query::Query;

use super::{Engine, Facts, TraceCursor};
use crate::clock::Deadline;
use crate::store::{Snapshot, StoreError};

/// Spans that matched are named up to this number.
const MATCHED_SPANS_MAX: usize = 8;

/// One page of traces, newest first.
#[derive(Debug, Clone, Default)]
pub struct TraceAnswer {
    /// The traces.
    pub hits: Vec<TraceHit>,
    /// How complete the page is.
    pub facts: Facts,
    /// Where the next page begins; `None` on the last.
    pub next: Option<TraceCursor>,
}

/// A trace that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHit {
    /// The trace.
    pub trace_id: TraceId,
    /// The trace in a row.
    pub summary: Summary,
    /// Spans that matched, at most eight.
    pub matched_spans: Vec<SpanId>,
}

impl Engine {
    /// The newest traces behind the cursor that match, at most `limit`.
    ///
    /// Candidates come newest first with their exact start, so the search stops at the first
    /// match beyond the page.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn search(
        &self,
        query: &Query,
        limit: usize,
        cursor: Option<TraceCursor>,
        deadline: Deadline,
    ) -> Result<TraceAnswer, StoreError> {
        let snapshot = self.store.snapshot();
        let candidates = snapshot.candidate_traces(&query.trace_condition(), query.range())?;
        let candidate_count = candidates.len() as u64;
        let mut answer = TraceAnswer::default();
        answer.facts.newest_ns = snapshot.newest_ns();
        let behind = candidates.iter().filter(|candidate| {
            cursor.is_none_or(|cursor| cursor.is_before(candidate.start_ns, candidate.trace_id))
        });
        let mut looked_at = None;
        for candidate in behind {
            if deadline.has_passed() {
                answer.facts.timed_out = true;
                answer.next = looked_at.or(cursor);
                break;
            }
            answer.facts.scanned += 1;
            looked_at = Some(TraceCursor {
                start_ns: candidate.start_ns,
                trace_id: candidate.trace_id,
            });
            let Some(hit) = hit(snapshot.as_ref(), query, candidate.trace_id)? else {
                continue;
            };
            if answer.hits.len() == limit {
                // There is one more, so there is another page.
                answer.next = answer.hits.last().map(|last| TraceCursor {
                    start_ns: last.summary.start_ns,
                    trace_id: last.trace_id,
                });
                break;
            }
            answer.hits.push(hit);
        }
        count(&mut answer, query, candidate_count, cursor);
        Ok(answer)
    }
}

/// Reads the trace and decides.
fn hit(
    snapshot: &dyn Snapshot,
    query: &Query,
    trace_id: TraceId,
) -> Result<Option<TraceHit>, StoreError> {
    let items = snapshot.trace(trace_id)?;
    let Some(matched) = query.match_trace(&items) else {
        return Ok(None);
    };
    let matched_spans = if query.is_match_all() {
        Vec::new()
    } else {
        matched
            .span_indexes
            .iter()
            .filter_map(|index| items.spans.get(*index))
            .map(|span| span.item.span_id)
            .take(MATCHED_SPANS_MAX)
            .collect()
    };
    Ok(Some(TraceHit {
        trace_id,
        summary: summarise(&items),
        matched_spans,
    }))
}

/// A query without a filter matches every candidate, so that their number is exact. Otherwise
/// the number is exact only where every candidate was looked at.
fn count(
    answer: &mut TraceAnswer,
    query: &Query,
    candidate_count: u64,
    cursor: Option<TraceCursor>,
) {
    let facts = &mut answer.facts;
    if query.is_match_all() {
        facts.matched = candidate_count;
        return;
    }
    let has_more = answer.next.is_some() && !facts.timed_out;
    facts.matched = answer.hits.len() as u64 + u64::from(has_more);
    facts.is_lower_bound = has_more || facts.timed_out || cursor.is_some();
}
