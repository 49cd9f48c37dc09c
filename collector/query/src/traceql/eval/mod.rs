//! What a TraceQL query means: which spans of a trace it leaves.
//!
//! - `item`: what one span has.
//! - `value`: how values compare.
//! - `tree`: how spans are related.
//! - `steps`: what each step of a pipeline does.

mod item;
mod steps;
mod tree;
mod value;

use spanwalk_model::{LogRecord, Scoped, TraceItems};

use super::ast::{Expression, Stage, Traceql};
use super::print;
use crate::eval::{FoundSpan, SpanSet, TraceMatch};

pub(super) use item::Items;
pub(super) use value::{Val, as_float};

/// The spans of the trace that the query leaves; `None` where it leaves none.
pub(super) fn match_trace(query: &Traceql, items: &TraceItems) -> Option<TraceMatch> {
    let sets = Items::of_trace(items).after(&query.pipeline);
    let mut span_indexes: Vec<usize> = sets.into_iter().flat_map(|set| set.indexes).collect();
    span_indexes.sort_unstable();
    span_indexes.dedup();
    (!span_indexes.is_empty()).then_some(TraceMatch { span_indexes })
}

/// The sets of spans that the query leaves, with what it selects of each span.
pub(super) fn span_sets(query: &Traceql, items: &TraceItems) -> Vec<SpanSet> {
    let items = Items::of_trace(items);
    let selected = query
        .pipeline
        .stages
        .iter()
        .filter_map(|stage| match stage {
            Stage::Select(fields) => Some(fields),
            _ => None,
        });
    let selected: Vec<_> = selected
        .flatten()
        .map(|field| {
            (
                std::fmt::from_fn(|f| print::field(field, f)).to_string(),
                field,
            )
        })
        .collect();
    let found = |index: usize| FoundSpan {
        index,
        attributes: selected
            .iter()
            .map(|(name, field)| (name.clone(), items.value(field, index).to_value()))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    };
    let sets = items.after(&query.pipeline).into_iter();
    sets.map(|set| SpanSet {
        spans: set.indexes.into_iter().map(found).collect(),
        attributes: set.attributes,
    })
    .collect()
}

/// Whether the query leaves the log record where it is the only item of a set.
pub(super) fn match_log(query: &Traceql, record: &Scoped<LogRecord>) -> bool {
    !Items::of_record(record).after(&query.pipeline).is_empty()
}

impl<'a> Items<'a> {
    /// The value of an expression for the item of this index.
    pub(super) fn evaluate<'e: 'a>(&self, expression: &'e Expression, index: usize) -> Val<'a> {
        match expression {
            Expression::Literal(literal) => Val::of_literal(literal),
            Expression::Field(field) => self.value(field, index),
            Expression::Negative(inner) => self.evaluate(inner, index).negative(),
            Expression::Not(inner) => match self.evaluate(inner, index) {
                Val::Bool(flag) => Val::Bool(!flag),
                _ => Val::Nil,
            },
            Expression::Exists(inner, wanted) => {
                Val::Bool((self.evaluate(inner, index) != Val::Nil) == *wanted)
            }
            Expression::Compare(compare, left, right) => {
                let left = self.evaluate(left, index);
                Val::Bool(left.compares(*compare, &self.evaluate(right, index)))
            }
            Expression::Arithmetic(sign, left, right) => {
                let left = self.evaluate(left, index);
                left.arithmetic(*sign, &self.evaluate(right, index))
            }
            Expression::Match(inner, regex, wanted) => {
                Val::Bool(self.evaluate(inner, index).matches(regex, *wanted))
            }
            Expression::All(parts) => Val::Bool(parts.iter().all(|part| self.is_true(part, index))),
            Expression::Any(parts) => Val::Bool(parts.iter().any(|part| self.is_true(part, index))),
        }
    }

    /// Whether the expression is true for the item of this index.
    pub(super) fn is_true<'e: 'a>(&self, expression: &'e Expression, index: usize) -> bool {
        self.evaluate(expression, index).is_true()
    }
}
