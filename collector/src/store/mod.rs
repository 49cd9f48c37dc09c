//! Time windows of parts, and everything that makes them.
//!
//! A part is a directory that is written whole, synced, and then named by the manifest; it
//! never changes and is either all there or not there. Parts belong to windows of time; small
//! parts of a window are merged into larger ones. Between the wal and the parts stands the
//! tail.
//!
//! - `contract`: what the engine asks of any store.
//! - `ingest`: from a decoded request to durable and visible.
//! - `flush`: from the tail to parts. `change`: how a change of the parts becomes true.
//! - `part`: one part, written and opened.
//! - `manifest`: which parts there are; the flushed position; known deliveries.
//! - `compaction`: small parts into larger ones.
//! - `retention`: what is kept how long.
//! - `snapshot`: an immutable view of tail and parts.
//! - `recovery`: opens a data directory, whatever a crash left.
//! - `worker`: the thread that flushes and compacts.

mod catalogue;
mod change;
mod compaction;
mod contract;
mod error;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod fixture_tests;
mod flush;
mod ingest;
mod manifest;
mod part;
mod recovery;
mod retention;
#[cfg(test)]
mod retention_tests;
mod snapshot;
#[cfg(test)]
mod tests;
mod worker;

pub use contract::{
    Dropped, LogRef, Retained, ServiceSummary, Snapshot, Store, StoredTotals, TraceCandidate,
};
pub use error::{IngestError, OpenError, StoreError};
pub use ingest::{Accepted, Ingest};
pub use recovery::{OpenStore, StoreOptions, open, open_on};
