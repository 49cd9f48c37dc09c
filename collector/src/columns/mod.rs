//! The payload of spans and log records on disk: one immutable file per part and signal.
//!
//! Rows are sorted by trace and cut into groups of at most 512. Within a group every field
//! is a stream of its own, so that like stands by like: names and repeated values through
//! dictionaries, times as differences, attribute keys once a group. Each stream is compressed
//! alone, the short ones together.
//!
//! ```text
//!  header │ group │ group │ ... │ footer │ trailer
//!           └ block per long stream, one block for the short ones
//!                                 └ totals, resources, scopes, traces with their rows,
//!                                   and for each group its times and blocks
//! ```
//!
//! `docs/formats.md` draws the bytes. Every block and the footer carry a checksum; what is
//! read is checked against the file's size before memory is spent, and damage is an error that
//! names the file and the place.
//!
//! - `file`: open and read. `write`: sort, group, write. `footer`, `traces`, `tables`: what
//!   stands once a file.
//! - `row`: spans and log records as rows. `group`, `span_codec`, `log_codec`, `nested`: their
//!   fields as streams. `attributes`: one column per key and kind of value.
//! - `stream`: streams into blocks. `ints`, `strings`, `value`, `bytes`: the codings.

mod attributes;
mod bytes;
mod error;
mod file;
mod footer;
mod format;
mod group;
mod ints;
mod log_codec;
mod nested;
mod row;
mod span_codec;
mod stream;
mod strings;
mod summary;
mod tables;
mod traces;
mod value;
mod write;

pub use error::ColumnsError;
pub use file::{ColumnFile, LogFile, RowGroup, SpanFile};
pub use row::{Row, sort_rows};
pub use summary::{FileSummary, ServiceCount};

#[cfg(test)]
mod arbitrary;
#[cfg(test)]
mod fixture_tests;
#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
