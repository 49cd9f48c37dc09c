//! A query and a snapshot give an answer.
//!
//! The store gives candidates, newest first: a superset of what matches. The engine reads
//! them, decides on the real items, and stops when the page is full and it is known whether
//! more follow. Every answer says how complete it is.
//!
//! - `traces`: search for traces.
//! - `logs`: search for log records.
//! - `cursor`: where a page ended, as text; it stays valid while data comes, is flushed and
//!   is merged.
//! - `deadline`: when to give up.

mod cursor;
mod deadline;
mod logs;
#[cfg(test)]
mod oracle;
mod traces;

use std::sync::Arc;

use spanwalk_model::{TimeRange, TraceId, TraceItems};
use spanwalk_query::Query;

use crate::store::{ServiceSummary, Store, StoreError, StoredTotals};

pub use cursor::CursorError;
pub use deadline::Deadline;
pub use logs::LogAnswer;
pub use traces::{FoundTrace, TraceAnswer};

/// The most traces that one answer holds.
pub const TRACE_LIMIT_MAX: usize = 1_000;

/// The most log records that one answer holds.
pub const LOG_LIMIT_MAX: usize = 10_000;

/// Why a question was not answered.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The cursor is none of ours.
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

/// Which part of the answers to give.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// How many items at most; cut to [`TRACE_LIMIT_MAX`] or [`LOG_LIMIT_MAX`].
    pub limit: usize,
    /// Where the page before ended, as it said.
    pub cursor: Option<&'a str>,
}

/// Answers questions about what a store holds. Calls block; they read files.
#[derive(Clone)]
pub struct Engine {
    store: Arc<dyn Store>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine over this store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The traces that match and began both in the query's time and in `range`: newest first,
    /// of equal beginnings by id.
    ///
    /// # Errors
    /// [`EngineError`] where the store cannot be read or the cursor is none of ours.
    pub fn search(
        &self,
        query: &Query,
        range: TimeRange,
        page: Page<'_>,
        deadline: &Deadline,
    ) -> Result<TraceAnswer, EngineError> {
        let snapshot = self.store.snapshot();
        traces::search(
            &*snapshot,
            query,
            both(query.range(), range),
            page,
            deadline,
        )
    }

    /// The log records that match and stand both in the query's time and in `range`: newest
    /// first, in an order that stays the same while data comes in.
    ///
    /// # Errors
    /// [`EngineError`] where the store cannot be read or the cursor is none of ours.
    pub fn logs(
        &self,
        query: &Query,
        range: TimeRange,
        page: Page<'_>,
        deadline: &Deadline,
    ) -> Result<LogAnswer, EngineError> {
        let snapshot = self.store.snapshot();
        logs::search(
            &*snapshot,
            query,
            both(query.range(), range),
            page,
            deadline,
        )
    }

    /// Everything stored of a trace; `None` where nothing is.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub fn trace(&self, id: TraceId) -> Result<Option<TraceItems>, EngineError> {
        let items = self.store.snapshot().trace(id)?;
        let is_empty = items.spans.is_empty() && items.logs.is_empty();
        Ok((!is_empty).then_some(items))
    }

    /// What each service has, by name.
    pub fn services(&self) -> Vec<ServiceSummary> {
        self.store.snapshot().services()
    }

    /// What is stored, exactly.
    pub fn stored(&self) -> StoredTotals {
        self.store.snapshot().stored()
    }

    /// What is wrong with the store, for people.
    pub fn warnings(&self) -> Vec<String> {
        self.store.warnings()
    }
}

/// The time that is in both.
fn both(a: TimeRange, b: TimeRange) -> TimeRange {
    let start_ns = a.start_ns.max(b.start_ns);
    TimeRange {
        start_ns,
        end_ns: a.end_ns.min(b.end_ns).max(start_ns),
    }
}
