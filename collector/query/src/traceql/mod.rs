//! TraceQL: the query language of Grafana Tempo, with one scope more, `log.`.
//!
//! The way of a text: `lexer` cuts it into tokens, `parser` builds the tree of `ast` and asks
//! `check` whether the types of its parts go together. From the tree come `conditions` for an
//! index, the spans of a trace (`eval`), numbers over time (`metrics`) and the canonical text
//! (`print`).
//!
//! Meaning and grammar are those of Tempo's documentation ("Construct a TraceQL query",
//! "TraceQL metrics functions"), told apart here only where its own words leave room; the page
//! of the language says where.

mod ast;
mod check;
mod conditions;
mod editor;
mod eval;
mod field;
mod lexer;
mod literal;
mod metrics;
mod mistake;
mod parser;
mod print;
mod regex;
mod token;
mod types;

use spanwalk_model::{LogRecord, Scoped, TraceItems};

use crate::check_length;
use crate::conditions::{Condition, Target};
use crate::error::QueryError;
use crate::eval::{SpanSet, TraceMatch};
use parser::Root;

pub(crate) use ast::Traceql;
pub(crate) use editor::{complete, highlight};
pub use field::FIELDS;
pub use metrics::{Grid, GridError, MetricsAnswer, MetricsQuery, MetricsRun, Series};

/// Functions that a query may begin with in place of braces.
const FIRST_FUNCTIONS: [&str; 8] = [
    "count", "avg", "max", "min", "sum", "by", "select", "coalesce",
];

/// Whether the text is TraceQL: it begins with `{`, with an aggregate or another step that
/// stands right before its parenthesis, or with one of these in parentheses.
pub(crate) fn is_traceql(text: &str) -> bool {
    let start = text.trim_start_matches(|part: char| part == '(' || part.is_whitespace());
    if start.starts_with('{') {
        return true;
    }
    FIRST_FUNCTIONS.iter().any(|function| {
        start
            .strip_prefix(function)
            .is_some_and(|rest| rest.starts_with('('))
    })
}

/// Reads a query for traces, with remarks for people.
///
/// # Errors
/// What is wrong with the text; also where it asks for numbers over time.
pub(crate) fn parse(text: &str) -> Result<(Traceql, Vec<String>), QueryError> {
    let (root, notes) = parser::parse(text)?;
    match root {
        Root::Traces(query) => Ok((query, notes)),
        Root::Metrics(_, place) => Err(QueryError::new(
            place,
            "a metrics query has no traces to list",
        )
        .expected("the steps before it alone; numbers over time are asked for in their own place")),
    }
}

/// Reads a metrics query, such as `{ status = error } | rate() by (resource.service.name)`.
///
/// # Errors
/// What is wrong with the text; also where no function makes it a metrics query.
pub fn parse_metrics(text: &str) -> Result<MetricsQuery, QueryError> {
    check_length(text)?;
    let (root, notes) = parser::parse(text)?;
    match root {
        Root::Metrics(metrics, _) => Ok(MetricsQuery::new(metrics, notes)),
        Root::Traces(_) => Err(QueryError::new(
            text.len()..text.len(),
            "this asks for traces, and no function makes numbers of them",
        )
        .expected("a function such as `| rate()` at the end")),
    }
}

impl Traceql {
    /// What every match fulfils.
    pub(crate) fn condition(&self, target: Target) -> Condition {
        conditions::of_query(self, target)
    }

    /// The spans of the trace that are left; `None` where there are none.
    pub(crate) fn match_trace(&self, items: &TraceItems) -> Option<TraceMatch> {
        eval::match_trace(self, items)
    }

    /// The sets of spans that are left.
    pub(crate) fn span_sets(&self, items: &TraceItems) -> Vec<SpanSet> {
        eval::span_sets(self, items)
    }

    /// Whether the log record is left where it is alone.
    pub(crate) fn match_log(&self, record: &Scoped<LogRecord>) -> bool {
        eval::match_log(self, record)
    }
}

impl std::fmt::Display for Traceql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        print::traceql(self, f)
    }
}
