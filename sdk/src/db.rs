//! Spans of statements sent to a database.

use tracing::Span;

/// A CLIENT span of the statement `text` (with placeholders, never with values) on `system`, such
/// as `sqlite` or `postgresql`; named by the statement's first word.
pub fn query_span(system: &str, text: &str) -> Span {
    let operation = text
        .split_whitespace()
        .next()
        .unwrap_or("query")
        .to_ascii_uppercase();
    tracing::info_span!(
        target: "spanwalk_sdk::db",
        "query",
        otel.name = operation,
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        otel.status_description = tracing::field::Empty,
        db.system.name = system,
        db.operation.name = operation,
        db.query.text = text,
        db.response.returned_rows = tracing::field::Empty,
        error.r#type = tracing::field::Empty,
    )
}

/// Says how many rows the statement gave.
pub fn returned(span: &Span, row_count: usize) {
    span.record(
        "db.response.returned_rows",
        i64::try_from(row_count).unwrap_or(i64::MAX),
    );
}

/// Marks the span of a statement as failed.
pub fn failed(span: &Span, error: &dyn std::error::Error) {
    span.record("otel.status_code", "ERROR");
    span.record("otel.status_description", error.to_string());
    span.record("error.type", "database");
}
