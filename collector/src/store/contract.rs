//! What the engine asks of a store. No type of tantivy or of the columns stands here, so that
//! another store can take this one's place.

use std::sync::Arc;
use std::time::Duration;

use spanwalk_model::{LogRecord, Scoped, TimeRange, TraceId, TraceItems, UnixNanos};
use spanwalk_query::Condition;

use super::error::StoreError;

/// A place where spans and log records are kept.
pub trait Store: Send + Sync {
    /// What is stored now. It does not change while it is held.
    fn snapshot(&self) -> Arc<dyn Snapshot>;

    /// What is wrong with the store, for people; empty where nothing is.
    fn warnings(&self) -> Vec<String>;

    /// What is kept how long, and what was dropped for that.
    fn retained(&self) -> Retained;
}

/// What a store keeps, and what it dropped to stay within its limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Retained {
    /// Bytes of everything in windows.
    pub part_bytes: u64,
    /// Bytes of the wal.
    pub wal_bytes: u64,
    /// How long data are kept after they arrived; `None` for ever.
    pub age_max: Option<Duration>,
    /// The budget of the two above together; `None` for no limit.
    pub bytes_max: Option<u64>,
    /// When the oldest of what is kept in windows arrived.
    pub oldest_arrived_ns: Option<UnixNanos>,
    /// The earliest moment that something kept in windows speaks of.
    pub oldest_ns: Option<UnixNanos>,
    /// What was dropped because of its age, since the data directory was made.
    pub dropped_by_age: Dropped,
    /// What was dropped to hold the budget.
    pub dropped_by_bytes: Dropped,
}

/// What was dropped for one reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Parts, of which a window has several.
    pub part_count: u64,
    /// Spans.
    pub span_count: u64,
    /// Log records.
    pub log_count: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// When the youngest of it had arrived; zero where nothing was dropped.
    pub last_arrived_ns: UnixNanos,
}

/// What a store holds at one moment. Calls block; they read files.
pub trait Snapshot: Send + Sync {
    /// The newest start of a span or moment of a record; zero where nothing is stored.
    fn newest_ns(&self) -> UnixNanos;

    /// Every trace that may fulfil the condition and whose earliest moment is in the range:
    /// a superset of those that do, newest first, of equal moments by id.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    fn candidate_traces(
        &self,
        condition: &Condition,
        range: TimeRange,
    ) -> Result<Vec<TraceCandidate>, StoreError>;

    /// Every log record that may fulfil the condition and whose moment is in the range,
    /// newest first; the order of equal moments is stable.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    fn candidate_logs(
        &self,
        condition: &Condition,
        range: TimeRange,
    ) -> Result<Vec<LogRef>, StoreError>;

    /// These log records, in the order asked for.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    fn read_logs(&self, refs: &[LogRef]) -> Result<Vec<Scoped<LogRecord>>, StoreError>;

    /// Everything stored of a trace; empty where nothing is. A span that is stored more than
    /// once stands here once.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    fn trace(&self, id: TraceId) -> Result<TraceItems, StoreError>;

    /// What each service has, by name.
    fn services(&self) -> Vec<ServiceSummary>;

    /// What is stored, exactly.
    fn stored(&self) -> StoredTotals;
}

/// A trace that may match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceCandidate {
    /// Its earliest moment stored, over all of its spans and records.
    pub start_ns: UnixNanos,
    /// The trace.
    pub trace_id: TraceId,
}

/// Where a log record is, and when it happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogRef {
    /// The record's moment.
    pub moment_ns: UnixNanos,
    /// The piece of the store that holds it; means something to its snapshot alone.
    pub piece: u32,
    /// Its number in the piece.
    pub row: u32,
}

/// What a service has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceSummary {
    /// Its name.
    pub name: String,
    /// Spans.
    pub span_count: u64,
    /// Spans that failed.
    pub error_span_count: u64,
    /// Log records.
    pub log_count: u64,
    /// The newest start of a span or moment of a record.
    pub last_ns: UnixNanos,
}

/// What is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoredTotals {
    /// Spans.
    pub span_count: u64,
    /// Log records.
    pub log_count: u64,
    /// Distinct traces that have a span.
    pub trace_count: u64,
    /// Distinct services of spans and records.
    pub service_count: u64,
    /// Bytes in the data directory.
    pub bytes: u64,
}
