//! The collector: takes OTLP from any service, keeps it on disk, answers queries over HTTP.
//!
//! The rooms stand in the order that data takes; a room knows the next one's input type and
//! nothing else of it.
//!
//! - [`receiver`]: protocol in, batches out; rejects item by item.
//! - [`admission`]: memory is spent only with a permit.
//! - [`disk`]: the only door to files that we write ourselves.
//! - [`redaction`]: hides secrets before anything is written.
//! - [`wal`]: acknowledged means here.
//! - [`tail`]: the newest data, searchable at once.
//! - [`columns`]: the payload of spans and log records on disk.
//! - [`index`]: what tantivy knows of a part.
//! - [`store`]: time windows of parts, the manifest, flushing and recovery.
//! - [`engine`]: a query and a snapshot give an answer.
//! - [`http`]: the query API: `spanwalk-api` types in and out.
//! - [`serve`]: builds the rooms, binds, runs, and stops them in order.

pub mod admission;
pub mod clock;
pub mod columns;
pub mod config;
pub mod disk;
pub mod engine;
pub mod http;
pub mod index;
pub mod receiver;
pub mod redaction;
pub mod serve;
pub mod store;
pub mod tail;
pub mod telemetry;
pub mod wal;
