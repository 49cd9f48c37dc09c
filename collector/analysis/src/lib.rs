//! Analysis of traces: the walk, where an error began, summaries.
//!
//! Pure functions: a trace in, a value and findings out; nothing fails.
//!
//! - [`walk`]: everything that happened in a request, in one line, causes before effects.
//! - [`error_origin`]: where the first error began, and how it spread.
//! - [`summary`]: one trace in one row.

pub mod error_origin;
pub mod summary;
pub mod walk;
