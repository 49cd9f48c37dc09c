//! Traces that match a query.

use spanwalk_analysis::summary::{Summary, summarise};
use spanwalk_model::{SpanId, TraceId, TraceItems};
use spanwalk_query::{Query, TraceMatch};

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

/// A trace that matches, whole.
#[derive(Debug, Clone, Default)]
pub struct FoundTrace {
    /// Everything stored of it.
    pub items: TraceItems,
    /// Indexes of the spans that matched, as in [`TraceMatch`].
    pub span_indexes: Vec<usize>,
}

/// One page of whatever was made of the traces that match, newest first.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// What was made of them.
    pub items: Vec<T>,
    /// How complete the page is.
    pub facts: Facts,
    /// Where the next page begins; `None` on the last.
    pub next: Option<TraceCursor>,
}

impl Engine {
    /// The newest traces behind the cursor that match, at most `limit`.
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
        let names_spans = !query.is_match_all();
        let page = self.each_trace(query, limit, cursor, deadline, |trace_id, found| {
            let named = if names_spans { MATCHED_SPANS_MAX } else { 0 };
            let spans = &found.items.spans;
            Some(TraceHit {
                trace_id,
                summary: summarise(&found.items),
                matched_spans: found
                    .span_indexes
                    .iter()
                    .filter_map(|index| spans.get(*index))
                    .map(|span| span.item.span_id)
                    .take(named)
                    .collect(),
            })
        })?;
        Ok(TraceAnswer {
            hits: page.items,
            facts: page.facts,
            next: page.next,
        })
    }

    /// What `make` makes of the newest traces behind the cursor that match, at most `limit`;
    /// traces of which it makes nothing count as no match. Holds one trace at a time.
    ///
    /// Candidates come newest first with their exact start, so the search stops at the first
    /// match beyond the page.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn each_trace<T>(
        &self,
        query: &Query,
        limit: usize,
        cursor: Option<TraceCursor>,
        deadline: Deadline,
        mut make: impl FnMut(TraceId, FoundTrace) -> Option<T>,
    ) -> Result<Page<T>, StoreError> {
        let snapshot = self.store.snapshot();
        let candidates = snapshot.candidate_traces(&query.trace_condition(), query.range())?;
        let candidate_count = candidates.len() as u64;
        let mut page = Page {
            items: Vec::new(),
            facts: Facts {
                newest_ns: snapshot.newest_ns(),
                ..Facts::default()
            },
            next: None,
        };
        let behind = candidates.iter().filter(|candidate| {
            cursor.is_none_or(|cursor| cursor.is_before(candidate.start_ns, candidate.trace_id))
        });
        let (mut looked_at, mut last) = (None, None);
        let mut is_left_out = false;
        for candidate in behind {
            if deadline.has_passed() {
                page.facts.timed_out = true;
                page.next = looked_at.or(cursor);
                break;
            }
            page.facts.scanned += 1;
            let place = TraceCursor {
                start_ns: candidate.start_ns,
                trace_id: candidate.trace_id,
            };
            looked_at = Some(place);
            let Some(found) = found(snapshot.as_ref(), query, candidate.trace_id)? else {
                continue;
            };
            if page.items.len() == limit {
                // There is one more, so there is another page.
                page.next = last.or(cursor);
                break;
            }
            match make(candidate.trace_id, found) {
                Some(item) => {
                    last = Some(place);
                    page.items.push(item);
                }
                None => is_left_out = true,
            }
        }
        let has_exact_count = query.is_match_all() && !is_left_out;
        count(
            &mut page,
            has_exact_count.then_some(candidate_count),
            cursor,
        );
        Ok(page)
    }
}

/// Reads the trace and decides.
fn found(
    snapshot: &dyn Snapshot,
    query: &Query,
    trace_id: TraceId,
) -> Result<Option<FoundTrace>, StoreError> {
    let items = snapshot.trace(trace_id)?;
    let matched = query.match_trace(&items);
    Ok(matched.map(|TraceMatch { span_indexes }| FoundTrace {
        items,
        span_indexes,
    }))
}

/// A query without a filter matches every candidate, so that their number is exact. Otherwise
/// the number is exact only where every candidate was looked at.
fn count<T>(page: &mut Page<T>, exact: Option<u64>, cursor: Option<TraceCursor>) {
    let facts = &mut page.facts;
    if let Some(exact) = exact {
        facts.matched = exact;
        return;
    }
    let has_more = page.next.is_some() && !facts.timed_out;
    facts.matched = page.items.len() as u64 + u64::from(has_more);
    facts.is_lower_bound = has_more || facts.timed_out || cursor.is_some();
}
