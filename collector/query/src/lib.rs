//! The query language over spans and log records: parse, check, print, evaluate. No I/O, no clock.
//!
//! A filter is written as people search: `service:checkout status:error duration:>500ms
//! http.route:/cart/* -name:health "card declined" since:15m`.

mod conditions;
mod error;
mod filter;
mod query;
pub mod text;

pub use conditions::{Condition, Term};
pub use error::QueryError;
pub use query::{Query, TraceMatch};

/// Reads a query text; times relative to now are resolved with `now_ns`, nanoseconds since
/// the epoch. The empty text matches everything.
///
/// # Errors
/// The first thing that is wrong with the text.
pub fn parse(text: &str, now_ns: u64) -> Result<Query, QueryError> {
    let (query, errors) = parse_lenient(text, now_ns);
    match errors.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(query),
    }
}

/// Reads as much of a text as makes sense, for a query that is still being typed: what is
/// wrong is left out of the query and listed in the order of its place.
pub fn parse_lenient(text: &str, _now_ns: u64) -> (Query, Vec<QueryError>) {
    filter::parse(text)
}
