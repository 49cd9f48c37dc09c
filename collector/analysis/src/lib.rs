//! Analysis of traces: the walk, the critical path, where an error began, summaries.
//!
//! Pure functions: a trace in, a value and findings out; nothing fails.
//!
//! - [`walk`]: everything that happened in a request, in one line, causes before effects.
//! - [`critical_path`]: which span the request waited for at every moment.
//! - [`patterns`]: shapes that cost time or hide trouble, each with its cure.
//! - [`skew`]: clocks that disagree.
//! - [`error_origin`]: where the first error began, and how it spread.
//! - [`templates`]: log lines by the template they were written from.
//! - [`summary`]: one trace in one row.

pub mod critical_path;
pub mod error_origin;
pub mod patterns;
pub mod skew;
pub mod summary;
pub mod templates;
#[cfg(test)]
mod testing;
pub mod walk;
