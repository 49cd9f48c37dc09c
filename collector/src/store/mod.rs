//! Time windows of parts, the manifest, flushing and recovery.

mod contract;
mod error;

pub use contract::{LogRef, ServiceSummary, Snapshot, Store, StoredTotals, TraceCandidate};
pub use error::StoreError;
