//! The query language over spans and log records: parse, check, print, evaluate. No I/O, no clock.
//!
//! A filter is written as people search: `service:checkout status:error duration:>500ms
//! http.route:/cart/* -name:health "card declined" since:15m`.
//!
//! Or in TraceQL, where the text begins with `{`: `{ resource.service.name = "checkout" } >>
//! { duration > 1s && log.body =~ ".*retry.*" }`.
//!
//! The way of a filter's text: `lexer` cuts it into tokens, `filter` builds the tree of `ast` and asks
//! `check` for the meaning of each term. From the tree, [`Query`] gives the conditions that an
//! index can answer, the verdict on an item, and the canonical text. TraceQL goes the same way within `traceql`.

mod ast;
mod check;
mod comparison;
pub mod complete;
mod conditions;
mod error;
mod eval;
pub mod field;
mod filter;
mod highlight;
mod lexer;
mod moment;
mod pattern;
mod phrase;
mod print;
mod query;
mod renames;
mod suggest;
pub mod text;
mod token;
pub mod traceql;
mod units;

pub use complete::{Completion, CompletionKind, complete};
pub use conditions::{Condition, Term};
pub use error::QueryError;
pub use eval::{FoundSpan, SpanSet, TraceMatch};
pub use highlight::{TokenClass, highlight};
pub use query::Query;

/// Longer texts are refused.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;

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
pub fn parse_lenient(text: &str, now_ns: u64) -> (Query, Vec<QueryError>) {
    if let Err(error) = check_length(text) {
        return (Query::match_all(), vec![error]);
    }
    if traceql::is_traceql(text) {
        return match traceql::parse(text) {
            Ok((query, notes)) => (Query::of_traceql(query, notes), Vec::new()),
            // Half a pipeline asks something else than the whole: nothing of it is kept.
            Err(error) => (Query::match_all(), vec![error]),
        };
    }
    Query::of_parsed(filter::parse(text), now_ns)
}

/// Refuses a text that is too long to be read.
fn check_length(text: &str) -> Result<(), QueryError> {
    if text.len() <= TEXT_BYTES_MAX {
        return Ok(());
    }
    let error = QueryError::new(0..text.len(), format!("the query has {} bytes", text.len()));
    Err(error.expected(format!("at most {TEXT_BYTES_MAX}")))
}
