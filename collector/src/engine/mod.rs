//! A query and a snapshot give an answer: newest first, decided on real items, with what is
//! needed to say how complete it is.
//!
//! - `cursor`: where a page ended.
//! - `traces`: traces that match.
//! - `logs`: log records that match.
//! - `levels`: how many match, by level over time.
//! - `follow`: what comes in and matches.
//! - `oracle`, `random`: for the tests, a plain model and random items and queries.
//! - `tests`, `language_tests`: crashes and restarts; the whole query language.

mod cursor;
mod follow;
#[cfg(test)]
mod language_tests;
mod levels;
mod logs;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod random;
#[cfg(test)]
mod tests;
mod traces;

use std::sync::Arc;

use spanwalk_model::{TraceId, TraceItems, UnixNanos};

use crate::store::{ServiceSummary, Store, StoreError, StoredTotals};

pub use cursor::{CursorError, LogCursor, TraceCursor};
pub use follow::{Arrival, Arrivals, Followed, Follower};
pub use levels::Levels;
pub use logs::LogAnswer;
pub use traces::{FoundTrace, Page, TraceAnswer, TraceHit};

/// Answers questions about what a store holds. Calls block. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    store: Arc<dyn Store>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

/// How complete an answer is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// Items that match; a lower bound where `is_lower_bound`.
    pub matched: u64,
    /// Whether there may be more matches than counted.
    pub is_lower_bound: bool,
    /// Items that were read to decide.
    pub scanned: u64,
    /// Whether the time ran out.
    pub timed_out: bool,
    /// The newest moment that could be seen.
    pub newest_ns: UnixNanos,
}

impl Engine {
    /// An engine over a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// Everything stored of a trace; `None` where nothing is.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn trace(&self, id: TraceId) -> Result<Option<TraceItems>, StoreError> {
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

    /// The newest moment that can be seen; zero where nothing is stored.
    pub fn newest_ns(&self) -> UnixNanos {
        self.store.snapshot().newest_ns()
    }

    /// What is wrong with the store, for people.
    pub fn warnings(&self) -> Vec<String> {
        self.store.warnings()
    }
}
