//! What a file says of its rows without reading them.

use spanwalk_model::UnixNanos;

/// Totals of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileSummary {
    /// Rows in the file.
    pub row_count: u32,
    /// Traces that have a row in it.
    pub trace_count: u32,
    /// The earliest start of a span, or moment of a log record; zero where there is no row.
    pub first_ns: UnixNanos,
    /// The latest start of a span, or moment of a log record.
    pub last_ns: UnixNanos,
    /// Bytes of the file.
    pub bytes: u64,
    /// Rows by service, sorted by name.
    pub services: Vec<ServiceCount>,
    /// Attribute values that were too deeply nested to keep and were replaced by a text that
    /// says so.
    pub cut_value_count: u64,
}

/// The rows of one service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceCount {
    /// The `service.name`.
    pub service: String,
    /// Its rows.
    pub row_count: u64,
    /// Those of them that are errors: failed spans, or log records of level error and above.
    pub error_count: u64,
}
