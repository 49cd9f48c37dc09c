//! Searches for log records.

use std::cmp::Reverse;

use spanwalk_api::{Completeness, CutReason};
use spanwalk_model::otlp::protobuf::{encode_log_record, encode_resource, encode_scope};
use spanwalk_model::{LogRecord, Scoped, TimeRange};
use spanwalk_query::Query;
use xxhash_rust::xxh3::Xxh3;

use super::cursor::{Cursor, LogPlace};
use super::{Deadline, EngineError, LOG_LIMIT_MAX, Page};
use crate::store::{LogRef, Snapshot, StoreError};

/// Records that are read at once.
const READ_MAX: usize = 512;

/// Log records that match.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogAnswer {
    /// The page: newest first; records of one moment in an order that their content decides.
    pub logs: Vec<Scoped<LogRecord>>,
    /// How complete it is; records are counted.
    pub completeness: Completeness,
    /// Asks for the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

/// The log records that match and stand in the range.
pub(super) fn search(
    snapshot: &dyn Snapshot,
    query: &Query,
    range: TimeRange,
    page: Page<'_>,
    deadline: &Deadline,
) -> Result<LogAnswer, EngineError> {
    let limit = page.limit.min(LOG_LIMIT_MAX);
    let cursor = page.cursor.map(Cursor::<LogPlace>::parse).transpose()?;
    let candidates = snapshot.candidate_logs(&query.log_condition(), range)?;
    let mut search = Search {
        snapshot,
        query,
        deadline,
        limit,
        after: cursor.map(|cursor| cursor.place),
        matched: cursor.map_or(0, |cursor| cursor.matched),
        last: cursor,
        page: Vec::new(),
        completeness: Completeness {
            newest_ns: snapshot.newest_ns(),
            ..Completeness::default()
        },
    };
    search.run(&candidates)?;
    search.finish()
}

struct Search<'a> {
    snapshot: &'a dyn Snapshot,
    query: &'a Query,
    deadline: &'a Deadline,
    limit: usize,
    /// Only what comes behind this is asked for.
    after: Option<LogPlace>,
    matched: u64,
    last: Option<Cursor<LogPlace>>,
    page: Vec<LogRef>,
    completeness: Completeness,
}

impl Search<'_> {
    fn run(&mut self, candidates: &[LogRef]) -> Result<(), StoreError> {
        let after_ns = self.after.map(|place| place.moment_ns);
        let first = candidates.partition_point(|record| {
            after_ns.is_some_and(|after| Reverse(record.moment_ns) < after)
        });
        let mut rest = candidates.get(first..).unwrap_or_default();
        while !rest.is_empty() && self.completeness.cut.is_none() {
            let (batch, later) = rest.split_at(whole_moments(rest));
            rest = later;
            let Some(matching) = self.matching(batch)? else {
                self.completeness.cut = Some(CutReason::Timeout);
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
    ) -> Result<Option<Vec<(LogPlace, LogRef)>>, StoreError> {
        let mut matching = Vec::new();
        for refs in batch.chunks(READ_MAX) {
            if self.deadline.is_over() {
                return Ok(None);
            }
            let records = self.snapshot.read_logs(refs)?;
            self.completeness.scanned += refs.len() as u64;
            for (record, reference) in records.iter().zip(refs) {
                if self.query.match_log(record) {
                    let place = LogPlace {
                        moment_ns: Reverse(reference.moment_ns),
                        content: content_of(record),
                        number: 0,
                    };
                    matching.push((place, *reference));
                }
            }
        }
        matching.sort_unstable();
        number_equals(&mut matching);
        Ok(Some(matching))
    }

    /// Puts what is asked for on the page, until it is full and more are known to follow.
    fn take(&mut self, matching: Vec<(LogPlace, LogRef)>, batch: &[LogRef]) {
        for (place, reference) in matching {
            if self.after.is_some_and(|after| place <= after) {
                continue;
            }
            self.matched += 1;
            if self.page.len() == self.limit {
                self.completeness.cut = Some(CutReason::Limit);
                return;
            }
            self.page.push(reference);
            self.last = Some(Cursor {
                place,
                matched: self.matched,
            });
        }
        // Should time run out now, the next page begins behind these moments.
        if self.page.len() < self.limit
            && let Some(oldest) = batch.last()
        {
            self.last = Some(Cursor {
                place: LogPlace {
                    moment_ns: Reverse(oldest.moment_ns),
                    content: u64::MAX,
                    number: u32::MAX,
                },
                matched: self.matched,
            });
        }
    }

    fn finish(self) -> Result<LogAnswer, EngineError> {
        let mut completeness = self.completeness;
        completeness.matched = self.matched;
        completeness.estimate = completeness.cut.is_some();
        completeness.returned = self.page.len() as u64;
        let next = completeness.cut.and(self.last);
        Ok(LogAnswer {
            logs: self.snapshot.read_logs(&self.page)?,
            completeness,
            next_cursor: next.map(Cursor::<LogPlace>::to_text),
        })
    }
}

/// How many candidates to read next: about [`READ_MAX`], and no moment divided, because the
/// order within a moment is known only when all of its records are.
fn whole_moments(candidates: &[LogRef]) -> usize {
    let Some(last) = candidates.get(READ_MAX - 1) else {
        return candidates.len();
    };
    let rest = candidates.get(READ_MAX..).unwrap_or_default();
    let more = rest.partition_point(|record| record.moment_ns >= last.moment_ns);
    READ_MAX + more
}

/// Numbers the records that are equal in moment and content. Sorted, they stand side by side.
fn number_equals(matching: &mut [(LogPlace, LogRef)]) {
    let mut before: Option<LogPlace> = None;
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
pub(super) fn content_of(record: &Scoped<LogRecord>) -> u64 {
    let mut hasher = Xxh3::new();
    hasher.update(&encode_log_record(&record.item));
    hasher.update(&encode_resource(&record.resource));
    hasher.update(&encode_scope(&record.scope));
    hasher.digest()
}
