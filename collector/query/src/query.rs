//! A checked query, ready to be asked.

use spanwalk_model::{LogRecord, Scoped, TimeRange, TraceItems};

use crate::conditions::Condition;

/// A checked query: what to find, and the time to find it in.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    range: TimeRange,
    notes: Vec<String>,
}

/// Which parts of a trace fulfil a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceMatch {
    /// Indexes into the trace's spans, ascending. Empty where the query asks for nothing in
    /// particular, or where only log records without a stored span match.
    pub span_indexes: Vec<usize>,
}

impl Query {
    /// The query that every trace and every log record matches.
    pub fn match_all() -> Self {
        Self {
            range: TimeRange::ALL,
            notes: Vec::new(),
        }
    }

    /// The time that the query asks for. [`Query::match_trace`] and [`Query::match_log`] leave
    /// it to the caller: a trace belongs to the range when its earliest start does.
    pub fn range(&self) -> TimeRange {
        self.range
    }

    /// Remarks for people, such as an old attribute name that was mapped.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether everything matches, time aside.
    pub fn is_match_all(&self) -> bool {
        true
    }

    /// What every matching trace fulfils.
    pub fn trace_condition(&self) -> Condition {
        Condition::Everything
    }

    /// What every matching log record fulfils.
    pub fn log_condition(&self) -> Condition {
        Condition::Everything
    }

    /// Whether one of the trace's spans, with the log records written in it, fulfils the whole
    /// query, and which do. Records without a stored span count as one more span.
    pub fn match_trace(&self, items: &TraceItems) -> Option<TraceMatch> {
        let is_empty = items.spans.is_empty() && items.logs.is_empty();
        (!is_empty).then(TraceMatch::default)
    }

    /// Whether the log record fulfils the query.
    pub fn match_log(&self, _record: &Scoped<LogRecord>) -> bool {
        true
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}
