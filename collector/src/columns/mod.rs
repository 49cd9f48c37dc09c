//! The payload of spans and log records on disk: one immutable file per part and signal.

mod error;
mod file;
mod row;
mod summary;

pub use error::ColumnsError;
pub use file::{ColumnFile, LogFile, SpanFile};
pub use row::{Row, sort_rows};
pub use summary::{FileSummary, ServiceCount};
