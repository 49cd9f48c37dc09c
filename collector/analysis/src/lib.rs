//! Analysis of traces: the walk, the critical path, where errors began, patterns, templates,
//! differences, the map of services.
//!
//! Pure functions: a trace or many in, a value and findings out; nothing fails.
//!
//! - [`walk`]: everything that happened in a request, in one line, causes before effects.
//! - [`critical_path`]: which span the request waited for at every moment.
//! - [`error_origin`]: where failures began, how they spread, where they ended.
//! - [`patterns`]: shapes that cost time or hide trouble, each with its cure.
//! - [`diff`]: what is different between two traces, or two sets of traces.
//! - [`service_map`]: who asks whom, how often, how well and how long.
//! - [`skew`]: clocks that disagree.
//! - [`templates`]: log lines by the template they were written from.
//! - [`latency`]: how long many things take.
//! - [`summary`]: one trace in one row.

pub mod critical_path;
pub mod diff;
pub mod error_origin;
pub mod latency;
pub mod patterns;
pub mod service_map;
pub mod skew;
pub mod summary;
pub mod templates;
#[cfg(test)]
mod testing;
pub mod walk;
