//! What comes in and matches, by looking again and again.
//!
//! A store says what it holds, and not what is new in it. So each look reads what happened
//! since shortly before the newest moment, and leaves out what an earlier look has seen. What
//! comes later than [`LATE_NS`] behind the newest is not shown, and of a trace nothing that
//! comes later than [`TRACE_NS`] after its beginning. What comes faster than it can be read is
//! passed over and counted.

use std::collections::{HashMap, HashSet};

use foldhash::quality::RandomState;
use spanwalk_model::{LogRecord, Scoped, Span, SpanId, TimeRange, TraceId, UnixNanos};
use spanwalk_query::Query;

use super::Engine;
use super::logs::content_of;
use crate::clock::now_ns;
use crate::store::{Snapshot, StoreError};

/// How far behind the newest moment something may come and still be shown.
const LATE_NS: u64 = 5_000_000_000;
/// How long after its beginning more of a trace is shown.
const TRACE_NS: u64 = 60_000_000_000;
/// Log records that one look reads.
const LOGS_MAX: usize = 10_000;
/// Traces that one look reads.
const TRACES_MAX: usize = 500;

/// What to follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// Spans.
    pub spans: bool,
    /// Log records.
    pub logs: bool,
}

/// Something new that matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    /// A span.
    Span(Box<Scoped<Span>>),
    /// A log record.
    Log(Box<Scoped<LogRecord>>),
}

/// What one look found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// In order of their moments.
    pub items: Vec<Arrival>,
    /// Traces and log records that came too fast to be read; whether they match is not known.
    pub unread_count: u64,
    /// The newest moment that could be seen.
    pub newest_ns: UnixNanos,
}

/// Looks for what is new. Calls block.
#[derive(Debug)]
pub struct Follower {
    engine: Engine,
    query: Query,
    followed: Followed,
    /// Nothing before is looked at any more.
    logs_from_ns: UnixNanos,
    traces_from_ns: UnixNanos,
    /// By content, the moment of records and how many were seen.
    seen_logs: HashMap<u64, (UnixNanos, u32), RandomState>,
    seen_spans: HashMap<TraceId, (UnixNanos, SeenSpans), RandomState>,
}

type SeenSpans = HashSet<(SpanId, UnixNanos), RandomState>;

impl Engine {
    /// Follows what comes in from now on and matches.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn follow(&self, query: Query, followed: Followed) -> Result<Follower, StoreError> {
        let mut follower = Follower {
            engine: self.clone(),
            query,
            followed,
            logs_from_ns: 0,
            traces_from_ns: 0,
            seen_logs: HashMap::default(),
            seen_spans: HashMap::default(),
        };
        // What is there already is not new.
        follower.look()?;
        Ok(follower)
    }
}

impl Follower {
    /// What is new since the last look.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn look(&mut self) -> Result<Arrivals, StoreError> {
        let snapshot = self.engine.store.snapshot();
        let newest_ns = snapshot.newest_ns();
        // A clock that is ahead must not hide what all others write.
        let until_ns = newest_ns.min(now_ns());
        let logs_from_ns = until_ns.saturating_sub(LATE_NS);
        self.logs_from_ns = self.logs_from_ns.max(logs_from_ns);
        self.traces_from_ns = self
            .traces_from_ns
            .max(logs_from_ns.saturating_sub(TRACE_NS));
        let mut found = Vec::new();
        let mut unread_count = 0;
        if self.followed.logs {
            unread_count += self.look_at_logs(snapshot.as_ref(), &mut found)?;
        }
        if self.followed.spans {
            unread_count += self.look_at_traces(snapshot.as_ref(), &mut found)?;
        }
        found.sort_by_key(|(moment_ns, _)| *moment_ns);
        Ok(Arrivals {
            items: found.into_iter().map(|(_, arrival)| arrival).collect(),
            unread_count,
            newest_ns,
        })
    }

    fn look_at_logs(
        &mut self,
        snapshot: &dyn Snapshot,
        found: &mut Vec<(UnixNanos, Arrival)>,
    ) -> Result<u64, StoreError> {
        let from_ns = self.logs_from_ns;
        self.seen_logs
            .retain(|_, (moment_ns, _)| *moment_ns >= from_ns);
        let query = since(&self.query, from_ns);
        let candidates = snapshot.candidate_logs(&query.log_condition(), query.range())?;
        let (read, unread) = candidates.split_at(candidates.len().min(LOGS_MAX));
        let mut here: HashMap<u64, u32, RandomState> = HashMap::default();
        for log in snapshot.read_logs(read)? {
            let content = content_of(&log);
            let count = here.entry(content).or_insert(0);
            *count += 1;
            let moment_ns = log.item.moment_ns();
            let seen = self.seen_logs.entry(content).or_insert((moment_ns, 0));
            if *count <= seen.1 {
                continue;
            }
            seen.1 = *count;
            if self.query.match_log(&log) {
                found.push((moment_ns, Arrival::Log(Box::new(log))));
            }
        }
        let Some(first_unread) = unread.first() else {
            return Ok(0);
        };
        // Counted once: the next look does not reach back to them.
        self.logs_from_ns = first_unread.moment_ns.saturating_add(1);
        let below = self.seen_logs.values();
        let seen = below.filter(|(moment_ns, _)| *moment_ns <= first_unread.moment_ns);
        let seen: u64 = seen.map(|(_, count)| u64::from(*count)).sum();
        Ok((unread.len() as u64).saturating_sub(seen))
    }

    fn look_at_traces(
        &mut self,
        snapshot: &dyn Snapshot,
        found: &mut Vec<(UnixNanos, Arrival)>,
    ) -> Result<u64, StoreError> {
        let from_ns = self.traces_from_ns;
        self.seen_spans
            .retain(|_, (start_ns, _)| *start_ns >= from_ns);
        let query = since(&self.query, from_ns);
        let candidates = snapshot.candidate_traces(&query.trace_condition(), query.range())?;
        let (read, unread) = candidates.split_at(candidates.len().min(TRACES_MAX));
        for candidate in read {
            let items = snapshot.trace(candidate.trace_id)?;
            let Some(matched) = self.query.match_trace(&items) else {
                continue;
            };
            let place = self.seen_spans.entry(candidate.trace_id);
            let (_, seen) = place.or_insert_with(|| (candidate.start_ns, SeenSpans::default()));
            for (index, span) in items.spans.into_iter().enumerate() {
                let matches = self.query.is_match_all() || matched.span_indexes.contains(&index);
                let start_ns = span.item.start_ns;
                if matches && seen.insert((span.item.span_id, start_ns)) {
                    found.push((start_ns, Arrival::Span(Box::new(span))));
                }
            }
        }
        let Some(first_unread) = unread.first() else {
            return Ok(0);
        };
        self.traces_from_ns = first_unread.start_ns.saturating_add(1);
        let is_seen = |id: &TraceId| self.seen_spans.contains_key(id);
        let new = unread.iter().filter(|trace| !is_seen(&trace.trace_id));
        Ok(new.count() as u64)
    }
}

fn since(query: &Query, from_ns: UnixNanos) -> Query {
    query.clone().within(TimeRange {
        start_ns: from_ns,
        end_ns: u64::MAX,
    })
}
