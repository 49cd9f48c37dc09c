//! Log records that match a query.

use std::cmp::Reverse;

use spanwalk_model::otlp::protobuf::{encode_log_record, encode_resource, encode_scope};
use spanwalk_model::{LogRecord, Scoped};
use spanwalk_query::Query;
use xxhash_rust::xxh3::Xxh3;

use super::{Engine, Facts, LogCursor};
use crate::clock::Deadline;
use crate::store::{LogRef, Snapshot, StoreError};

/// Candidates that are read at once. Large enough that a group of rows is seldom read twice,
/// small enough to stop early.
const READ_AT_ONCE: usize = 512;

/// One page of log records, newest first; those of one moment in an order that their content
/// decides, so that it stays the same wherever they are stored.
#[derive(Debug, Clone, Default)]
pub struct LogAnswer {
    /// The records.
    pub logs: Vec<Scoped<LogRecord>>,
    /// How complete the page is.
    pub facts: Facts,
    /// Where the next page begins; `None` on the last.
    pub next: Option<LogCursor>,
}

impl Engine {
    /// The newest log records behind the cursor that match, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn logs(
        &self,
        query: &Query,
        limit: usize,
        cursor: Option<LogCursor>,
        deadline: Deadline,
    ) -> Result<LogAnswer, StoreError> {
        let snapshot = self.store.snapshot();
        let candidates = snapshot.candidate_logs(&query.log_condition(), query.range())?;
        let mut search = Search {
            snapshot: snapshot.as_ref(),
            query,
            deadline,
            limit,
            cursor,
            page: Vec::new(),
            last: None,
            has_more: false,
            facts: Facts {
                newest_ns: snapshot.newest_ns(),
                ..Facts::default()
            },
        };
        search.run(&candidates)?;
        search.finish(candidates.len() as u64)
    }
}

/// Fills a page behind a cursor.
struct Search<'a> {
    snapshot: &'a dyn Snapshot,
    query: &'a Query,
    deadline: Deadline,
    limit: usize,
    cursor: Option<LogCursor>,
    page: Vec<LogRef>,
    /// Everything up to here was looked at.
    last: Option<LogCursor>,
    has_more: bool,
    facts: Facts,
}

impl Search<'_> {
    fn run(&mut self, candidates: &[LogRef]) -> Result<(), StoreError> {
        let first = self.cursor.map_or(0, |cursor| {
            candidates.partition_point(|log| Reverse(log.moment_ns) < cursor.moment_ns)
        });
        let mut waiting = candidates.get(first..).unwrap_or_default();
        let at_once = READ_AT_ONCE.min(self.limit.saturating_add(1).max(64));
        while !waiting.is_empty() && !self.has_more {
            let (batch, later) = waiting.split_at(whole_moments(waiting, at_once));
            waiting = later;
            let Some(matching) = self.matching(batch)? else {
                self.facts.timed_out = true;
                break;
            };
            self.take(matching, batch);
        }
        Ok(())
    }

    /// The records of the batch that match, in their places; `None` where time ran out.
    fn matching(
        &mut self,
        batch: &[LogRef],
    ) -> Result<Option<Vec<(LogCursor, LogRef)>>, StoreError> {
        let mut matching = Vec::new();
        for refs in batch.chunks(READ_AT_ONCE) {
            if self.deadline.has_passed() {
                return Ok(None);
            }
            self.facts.scanned += refs.len() as u64;
            for (log, place) in self.snapshot.read_logs(refs)?.iter().zip(refs) {
                if self.query.match_log(log) {
                    let cursor = LogCursor {
                        moment_ns: Reverse(place.moment_ns),
                        content: content_of(log),
                        number: 0,
                    };
                    matching.push((cursor, *place));
                }
            }
        }
        matching.sort_unstable();
        number_equals(&mut matching);
        Ok(Some(matching))
    }

    /// Puts what stands behind the cursor on the page, until it is full and more are known to
    /// follow.
    fn take(&mut self, matching: Vec<(LogCursor, LogRef)>, batch: &[LogRef]) {
        for (place, log) in matching {
            if self.cursor.is_some_and(|cursor| place <= cursor) {
                continue;
            }
            if self.page.len() >= self.limit {
                self.has_more = true;
                return;
            }
            self.page.push(log);
            self.last = Some(place);
        }
        // Should time run out now, the next page begins behind these moments.
        if self.page.len() < self.limit
            && let Some(oldest) = batch.last()
        {
            self.last = Some(LogCursor::behind(oldest.moment_ns));
        }
    }

    fn finish(self, candidate_count: u64) -> Result<LogAnswer, StoreError> {
        let mut facts = self.facts;
        let logs = self.snapshot.read_logs(&self.page)?;
        if self.query.is_match_all() {
            facts.matched = candidate_count;
        } else {
            facts.matched = logs.len() as u64 + u64::from(self.has_more);
            facts.is_lower_bound = self.has_more || facts.timed_out || self.cursor.is_some();
        }
        let is_cut = self.has_more || facts.timed_out;
        let next = is_cut.then_some(self.last.or(self.cursor)).flatten();
        Ok(LogAnswer { logs, facts, next })
    }
}

/// How many candidates to read next: as many as asked, and no moment divided, because the
/// order within a moment is known only when all of its records are.
fn whole_moments(candidates: &[LogRef], at_once: usize) -> usize {
    let Some(last) = candidates.get(at_once.saturating_sub(1)) else {
        return candidates.len();
    };
    let rest = candidates.get(at_once..).unwrap_or_default();
    let more = rest.partition_point(|log| log.moment_ns >= last.moment_ns);
    at_once + more
}

/// Numbers the records that are equal in moment and content. Sorted, they stand side by side.
fn number_equals(matching: &mut [(LogCursor, LogRef)]) {
    let mut before: Option<LogCursor> = None;
    for (place, _) in matching {
        place.number = match before {
            Some(other) if (other.moment_ns, other.content) == (place.moment_ns, place.content) => {
                other.number.saturating_add(1)
            }
            _ => 0,
        };
        before = Some(*place);
    }
}

/// A hash of all that the record is, wherever it is stored.
pub(super) fn content_of(log: &Scoped<LogRecord>) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(&encode_log_record(&log.item));
    hasher.update(&encode_resource(&log.resource));
    hasher.update(&encode_scope(&log.scope));
    hasher.digest()
}
