//! A checked query, ready to be asked.

use std::sync::Arc;

use spanwalk_model::{LogRecord, Scoped, TimeRange, TraceItems};

use crate::ast::Node;
use crate::conditions::{self, Condition, Target};
use crate::error::QueryError;
use crate::eval::{self, FoundSpan, SpanSet, TraceMatch};
use crate::filter::Parsed;
use crate::moment::{self, Moment, TimeBound};
use crate::print;
use crate::traceql::Traceql;

/// A checked query: what to find, and the time to find it in.
///
/// Its text form ([`Display`](std::fmt::Display)) reads back as an equal query. Two queries
/// are equal where they ask the same thing in the same words, whatever their remarks.
#[derive(Debug, Clone)]
pub struct Query {
    body: Body,
    bounds: Vec<TimeBound>,
    range: TimeRange,
    notes: Vec<String>,
}

/// What is asked for, in the form it was written in.
#[derive(Debug, Clone, PartialEq)]
enum Body {
    /// A filter.
    Filter(Node),
    /// TraceQL.
    Traceql(Arc<Traceql>),
}

impl PartialEq for Query {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body && self.bounds == other.bounds && self.range == other.range
    }
}

impl Query {
    /// The query that every trace and every log record matches.
    pub fn match_all() -> Self {
        Self {
            body: Body::Filter(Node::everything(0..0)),
            bounds: Vec::new(),
            range: TimeRange::ALL,
            notes: Vec::new(),
        }
    }

    /// The query of what was read, and everything that is wrong with it.
    pub(crate) fn of_parsed(parsed: Parsed, now_ns: u64) -> (Self, Vec<QueryError>) {
        let mut errors = parsed.errors;
        let bounds: Vec<TimeBound> = parsed.bounds.iter().map(|bound| bound.part).collect();
        let range = moment::resolve(&bounds, now_ns);
        if range.start_ns == range.end_ns
            && let Some(last) = parsed.bounds.last()
        {
            errors.push(
                QueryError::new(
                    last.range.clone(),
                    "no time is left: the end does not lie after the start",
                )
                .expected("`from:` or `since:` before `to:`"),
            );
            errors.sort_by_key(|error| error.range.start);
        }
        let query = Self {
            body: Body::Filter(parsed.filter),
            bounds,
            range,
            notes: parsed.notes,
        };
        (query, errors)
    }

    /// The query of what was written in TraceQL, with remarks for people.
    pub(crate) fn of_traceql(traceql: Traceql, notes: Vec<String>) -> Self {
        Self {
            body: Body::Traceql(Arc::new(traceql)),
            bounds: Vec::new(),
            range: TimeRange::ALL,
            notes,
        }
    }

    /// The time that the query asks for. [`Query::match_trace`] and [`Query::match_log`] leave
    /// it to the caller: a trace belongs to the range when its earliest start does.
    pub fn range(&self) -> TimeRange {
        self.range
    }

    /// The same question, asked of no more than this range of time as well. The bounds become
    /// part of the text form. Where the two ranges share no moment, what is left holds none.
    pub fn within(mut self, range: TimeRange) -> Self {
        if range.start_ns > 0 {
            self.bounds
                .push(TimeBound::From(Moment::At(range.start_ns)));
        }
        if range.end_ns < u64::MAX {
            self.bounds.push(TimeBound::To(Moment::At(range.end_ns)));
        }
        let start_ns = self.range.start_ns.max(range.start_ns);
        self.range = TimeRange {
            start_ns,
            end_ns: self.range.end_ns.min(range.end_ns).max(start_ns),
        };
        self
    }

    /// Remarks for people, such as an old attribute name that was mapped.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// Whether everything matches, time aside.
    pub fn is_match_all(&self) -> bool {
        matches!(&self.body, Body::Filter(filter) if filter.is_everything())
    }

    /// What every matching trace fulfils.
    pub fn trace_condition(&self) -> Condition {
        self.condition(Target::Trace)
    }

    /// What every matching log record fulfils.
    pub fn log_condition(&self) -> Condition {
        self.condition(Target::Log)
    }

    fn condition(&self, target: Target) -> Condition {
        match &self.body {
            Body::Filter(filter) => conditions::of_filter(filter, target),
            Body::Traceql(traceql) => traceql.condition(target),
        }
    }

    /// Whether one of the trace's spans, with the log records written in it, fulfils the whole
    /// query, and which do. Records without a stored span count together as one more span.
    /// A trace of which nothing is stored matches nothing.
    ///
    /// TraceQL asks for spans alone: a trace matches where its steps leave any.
    pub fn match_trace(&self, items: &TraceItems) -> Option<TraceMatch> {
        match &self.body {
            Body::Filter(filter) => eval::match_trace(filter, items),
            Body::Traceql(traceql) => traceql.match_trace(items),
        }
    }

    /// The sets of spans that the query leaves of the trace, and what it says of them: groups,
    /// aggregates and selected fields of TraceQL. Of a filter, one set of its matching spans.
    pub fn span_sets(&self, items: &TraceItems) -> Vec<SpanSet> {
        if let Body::Traceql(traceql) = &self.body {
            return traceql.span_sets(items);
        }
        let matched = self.match_trace(items).into_iter();
        matched
            .map(|matched| SpanSet {
                spans: matched
                    .span_indexes
                    .into_iter()
                    .map(|index| FoundSpan {
                        index,
                        attributes: Vec::new(),
                    })
                    .collect(),
                attributes: Vec::new(),
            })
            .collect()
    }

    /// Whether the log record fulfils the query. What only spans and traces have, such as a
    /// duration, no log record has. TraceQL is asked of the record as the only item of a set.
    pub fn match_log(&self, record: &Scoped<LogRecord>) -> bool {
        match &self.body {
            Body::Filter(filter) => eval::match_log(filter, record),
            Body::Traceql(traceql) => traceql.match_log(record),
        }
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let filter = match &self.body {
            Body::Filter(filter) => filter,
            Body::Traceql(traceql) => return traceql.fmt(f),
        };
        print::filter(filter, f)?;
        let mut is_first = filter.is_everything();
        for bound in &self.bounds {
            if !is_first {
                f.write_str(" ")?;
            }
            is_first = false;
            write!(f, "{bound}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::parse;

    const NOW: u64 = 1_769_817_600_000_000_000;

    #[test]
    fn a_range_narrows_that_of_the_text_and_never_widens_it() {
        let text = "service:cart from:1700000000 to:1700000010";
        let query = parse(text, NOW).unwrap();
        let narrower = TimeRange {
            start_ns: 1_700_000_005_000_000_000,
            end_ns: NOW,
        };
        let both = query.clone().within(narrower);
        assert_eq!(both.range().start_ns, narrower.start_ns);
        assert_eq!(both.range().end_ns, query.range().end_ns);
        assert_eq!(query.clone().within(TimeRange::ALL), query);
    }

    #[test]
    fn ranges_without_a_moment_in_common_leave_none() {
        let query = parse("from:1700000000", NOW).unwrap().within(TimeRange {
            start_ns: 0,
            end_ns: 1_600_000_000_000_000_000,
        });
        let range = query.range();
        assert_eq!(range.start_ns, range.end_ns);
        assert!(!range.contains(range.start_ns));
    }

    proptest! {
        #[test]
        fn a_narrowed_query_is_printed_with_its_bounds(start_ns in 0..NOW, length in 1..NOW) {
            let range = TimeRange { start_ns, end_ns: start_ns + length };
            let query = parse("service:cart", NOW).unwrap().within(range);
            prop_assert_eq!(query.range(), range);
            prop_assert_eq!(parse(&query.to_string(), NOW).unwrap(), query);
        }
    }
}
