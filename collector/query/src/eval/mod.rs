//! What a query means: whether a trace or a log record matches.

mod attributes;
mod facts;

use std::collections::HashMap;

use spanwalk_model::{
    LogRecord, Scoped, SeverityLevel, Span, SpanId, StatusCode, TraceId, TraceItems, Value,
};

use crate::ast::{Expression, Node, Test};
use crate::comparison::Comparison;
use crate::field::{NumberField, TextField};
use crate::pattern::Pattern;
use crate::phrase::Phrase;
use crate::text;
pub(crate) use facts::TraceFacts;

/// Which parts of a trace fulfil a query.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceMatch {
    /// Indexes into the trace's spans, ascending. Empty where the query asks for nothing in
    /// particular, or where only log records without a stored span match.
    pub span_indexes: Vec<usize>,
}

/// Spans of a trace that a query leaves together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SpanSet {
    /// The spans, by their indexes ascending.
    pub spans: Vec<FoundSpan>,
    /// What the query found of the set: values of `by( … )` and of aggregates, by how they are
    /// written.
    pub attributes: Vec<(String, Value)>,
}

/// A span that a query leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundSpan {
    /// Its index in the trace's spans.
    pub index: usize,
    /// The fields that the query selects, where the span has them. Durations are nanoseconds.
    pub attributes: Vec<(String, Value)>,
}

/// What an expression is asked of.
struct Candidate<'a> {
    /// The trace around it; `None` where a log record is asked alone.
    trace: Option<&'a TraceFacts<'a>>,
    /// The span, unless there are only records.
    span: Option<&'a Scoped<Span>>,
    /// The records written in the span, or the record that is asked.
    logs: &'a [&'a Scoped<LogRecord>],
}

/// Whether one of the trace's spans, or its records without a stored span, fulfil the filter.
pub(crate) fn match_trace(filter: &Node, items: &TraceItems) -> Option<TraceMatch> {
    if items.spans.is_empty() && items.logs.is_empty() {
        return None;
    }
    if filter.is_everything() {
        return Some(TraceMatch::default());
    }
    let facts = TraceFacts::new(items);
    let (logs_of_span, orphans) = logs_by_span(items);
    let span_indexes: Vec<usize> = items
        .spans
        .iter()
        .enumerate()
        .filter(|(_, span)| {
            let candidate = Candidate {
                trace: Some(&facts),
                span: Some(span),
                logs: logs_of_span
                    .get(&span.item.span_id)
                    .map_or(&[], Vec::as_slice),
            };
            candidate.fulfils(filter)
        })
        .map(|(index, _)| index)
        .collect();
    let orphans_match = || {
        let candidate = Candidate {
            trace: Some(&facts),
            span: None,
            logs: &orphans,
        };
        !orphans.is_empty() && candidate.fulfils(filter)
    };
    (!span_indexes.is_empty() || orphans_match()).then_some(TraceMatch { span_indexes })
}

/// Whether the log record fulfils the filter.
pub(crate) fn match_log(filter: &Node, record: &Scoped<LogRecord>) -> bool {
    let candidate = Candidate {
        trace: None,
        span: None,
        logs: &[record],
    };
    candidate.fulfils(filter)
}

pub(crate) type LogRefs<'a> = Vec<&'a Scoped<LogRecord>>;

/// The records of each stored span, and those of none.
pub(crate) fn logs_by_span(items: &TraceItems) -> (HashMap<SpanId, LogRefs<'_>>, LogRefs<'_>) {
    let mut of_span: HashMap<SpanId, LogRefs<'_>> = HashMap::new();
    let mut orphans = Vec::new();
    if items.logs.is_empty() {
        return (of_span, orphans);
    }
    for span in &items.spans {
        of_span.entry(span.item.span_id).or_default();
    }
    for record in &items.logs {
        let stored = record.item.span_id.and_then(|id| of_span.get_mut(&id));
        match stored {
            Some(records) => records.push(record),
            None => orphans.push(record),
        }
    }
    (of_span, orphans)
}

impl Candidate<'_> {
    fn fulfils(&self, node: &Node) -> bool {
        match &node.expression {
            Expression::All(parts) => parts.iter().all(|part| self.fulfils(part)),
            Expression::Any(parts) => parts.iter().any(|part| self.fulfils(part)),
            Expression::Not(inner) => !self.fulfils(inner),
            Expression::Test(test) => self.passes(test),
        }
    }

    fn passes(&self, test: &Test) -> bool {
        match test {
            Test::Phrase(phrase) => self.has_phrase(phrase),
            Test::Has(field) => attributes::any(self, field, &mut |_| true),
            Test::Attribute(field, pattern) => attributes::any(self, field, &mut |value| {
                attributes::matches(value, pattern)
            }),
            Test::AttributeNumber(field, compared) => attributes::any(self, field, &mut |value| {
                attributes::number(value).is_some_and(|number| compared.holds(&number))
            }),
            Test::Text(field, pattern) => self.has_text(*field, pattern),
            Test::Number(field, compared) => self
                .number(*field)
                .is_some_and(|number| compared.holds(&number)),
            Test::Kind(kind) => self.span.is_some_and(|span| span.item.kind == *kind),
            Test::Status(status) => self
                .span
                .is_some_and(|span| has_status(&span.item, *status)),
            Test::Level(compared) => self
                .logs
                .iter()
                .any(|record| level_holds(*compared, record.item.level())),
        }
    }

    fn has_phrase(&self, phrase: &Phrase) -> bool {
        let mut found = false;
        let mut look = |text: &str| found = found || phrase.occurs_in(text);
        if let Some(span) = self.span {
            text::span_texts(&span.item, &mut look);
        }
        for record in self.logs {
            text::log_texts(&record.item, &mut look);
        }
        found
    }

    fn has_text(&self, field: TextField, pattern: &Pattern) -> bool {
        let span_or_logs =
            |of_span: &dyn Fn(&Scoped<Span>) -> bool,
             of_log: &dyn Fn(&Scoped<LogRecord>) -> bool| {
                self.span.is_some_and(of_span) || self.logs.iter().any(|record| of_log(record))
            };
        match field {
            TextField::Service => span_or_logs(
                &|span| pattern.matches(span.resource.service_name()),
                &|record| pattern.matches(record.resource.service_name()),
            ),
            TextField::TraceId => span_or_logs(
                &|span| pattern.matches(&span.item.trace_id.to_hex()),
                &|record| has_hex(pattern, record.item.trace_id.map(TraceId::to_hex)),
            ),
            TextField::SpanId => span_or_logs(
                &|span| pattern.matches(&span.item.span_id.to_hex()),
                &|record| has_hex(pattern, record.item.span_id.map(SpanId::to_hex)),
            ),
            // Within a trace, the name is the span's alone.
            TextField::Name => span_or_logs(&|span| pattern.matches(&span.item.name), &|record| {
                self.trace.is_none() && pattern.matches(&record.item.event_name)
            }),
            TextField::Body => self.logs.iter().any(|record| {
                let body = record.item.body.as_ref();
                body.is_some_and(|value| pattern.matches(&text::canonical(value)))
            }),
            TextField::RootService => self
                .trace
                .and_then(TraceFacts::root_service)
                .is_some_and(|service| pattern.matches(service)),
            TextField::RootName => self
                .trace
                .and_then(TraceFacts::root_name)
                .is_some_and(|name| pattern.matches(name)),
        }
    }

    fn number(&self, field: NumberField) -> Option<u64> {
        match field {
            NumberField::Duration => self.span.map(|span| span.item.duration_ns()),
            NumberField::TraceDuration => self.trace.map(TraceFacts::duration_ns),
            NumberField::Spans => self.trace.map(TraceFacts::span_count),
            NumberField::Errors => self.trace.map(TraceFacts::error_count),
        }
    }
}

fn has_hex(pattern: &Pattern, id: Option<String>) -> bool {
    id.is_some_and(|hex| pattern.matches(&hex))
}

pub(crate) fn has_status(span: &Span, asked: StatusCode) -> bool {
    match asked {
        StatusCode::Error => span.is_error(),
        StatusCode::Ok => span.status.code == StatusCode::Ok,
        StatusCode::Unset | StatusCode::Other(_) => {
            span.status.code != StatusCode::Ok && !span.is_error()
        }
    }
}

/// A level that is not said is below and above nothing; it is only itself.
fn level_holds(compared: Comparison<SeverityLevel>, level: SeverityLevel) -> bool {
    if level == SeverityLevel::Unspecified {
        return compared == Comparison::Equal(SeverityLevel::Unspecified);
    }
    compared.holds(&level)
}
