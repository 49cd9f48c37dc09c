//! Spans of statements sent to a database.

use tracing::Span;

/// A CLIENT span of the statement `text` (with placeholders, never with values) on `system`, such
/// as `sqlite` or `postgresql`; named by what it does and to which table, as in `INSERT orders`.
pub fn query_span(system: &str, text: &str) -> Span {
    let operation = operation(text);
    let table = table(text);
    let summary = table.map_or_else(|| operation.clone(), |table| format!("{operation} {table}"));
    tracing::info_span!(
        target: "spanwalk_sdk::db",
        "query",
        otel.name = summary,
        otel.kind = "client",
        otel.status_code = tracing::field::Empty,
        otel.status_description = tracing::field::Empty,
        db.system.name = system,
        db.operation.name = operation,
        db.collection.name = table,
        db.query.summary = summary,
        db.query.text = text,
        db.response.returned_rows = tracing::field::Empty,
        error.r#type = tracing::field::Empty,
    )
}

/// The statement's first word.
fn operation(text: &str) -> String {
    let first = text.split_whitespace().next();
    first.unwrap_or("query").to_ascii_uppercase()
}

/// The first table that the statement names, where it is named plainly.
fn table(text: &str) -> Option<&str> {
    let mut words = text.split_whitespace();
    words.find(|word| {
        ["from", "into", "update"]
            .iter()
            .any(|it| word.eq_ignore_ascii_case(it))
    })?;
    let name = words.next()?;
    // What follows the name, as in `INTO orders(id)` or `FROM orders;`, is none of it.
    let name = name.split(['(', ';', ',']).next()?;
    let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '.' | '"' | '`');
    // Half of a quoted name with blanks is no name.
    let whole = name.matches(['"', '`']).count() % 2 == 0;
    (!name.is_empty() && whole && name.chars().all(plain)).then_some(name)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_named_by_what_they_do_to_which_table() {
        for (text, does, to) in [
            ("select 1", "SELECT", None),
            (
                "SELECT a, b FROM orders WHERE id = ?1",
                "SELECT",
                Some("orders"),
            ),
            (
                "insert into\n shop.orders(id) values (?)",
                "INSERT",
                Some("shop.orders"),
            ),
            ("UPDATE stock SET available = 0", "UPDATE", Some("stock")),
            ("DELETE FROM \"old orders\"", "DELETE", None),
            ("SELECT 1 FROM (SELECT 2 FROM inner)", "SELECT", None),
            ("BEGIN", "BEGIN", None),
            ("", "QUERY", None),
            ("SELECT 1 FROM", "SELECT", None),
        ] {
            assert_eq!(
                (operation(text).as_str(), table(text)),
                (does, to),
                "{text}"
            );
        }
    }
}
