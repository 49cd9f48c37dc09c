//! What stands on either side of an operator outside of braces.

use std::ops::Range;

use crate::error::QueryError;
use crate::traceql::ast::{Join, Pipeline, Scalar, Spans, Stage};
use crate::traceql::check::{DEPTH_MAX, too_deep};
use crate::traceql::metrics::Metrics;

/// An operand.
#[derive(Debug)]
pub(super) enum Operand {
    /// Spans, or whole steps.
    Spans(SpansPart),
    /// A number of a set of spans.
    Scalar(ScalarPart),
    /// Numbers over time, and the place of their function.
    Metrics(Metrics, Range<usize>),
}

/// Steps that leave spans.
#[derive(Debug)]
pub(super) struct SpansPart {
    /// The steps; one of `Spans` alone wherever it may be joined.
    pub(super) stages: Vec<Stage>,
    /// What it may be joined with.
    pub(super) form: Form,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// Levels of operators.
    pub(super) depth: usize,
}

/// How spans are written, which decides what they may be joined with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Braces.
    Braces,
    /// Braces in parentheses.
    Either,
    /// Steps in parentheses.
    Steps,
}

/// A number of a set of spans.
#[derive(Debug)]
pub(super) struct ScalarPart {
    /// What it says.
    pub(super) scalar: Scalar,
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// Levels of operators.
    pub(super) depth: usize,
    /// Whether it depends on the spans.
    pub(super) uses_spans: bool,
}

impl Operand {
    /// What it is, in words.
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Spans(_) => "spans",
            Self::Scalar(_) => "a number",
            Self::Metrics(..) => "numbers over time",
        }
    }

    /// Its bytes in the text.
    pub(super) fn range(&self) -> Range<usize> {
        match self {
            Self::Spans(part) => part.range.clone(),
            Self::Scalar(part) => part.range.clone(),
            Self::Metrics(_, range) => range.clone(),
        }
    }
}

impl ScalarPart {
    /// The error about a number that nothing is asked of.
    pub(super) fn not_compared(&self) -> QueryError {
        QueryError::new(self.range.clone(), "this number is compared with nothing")
            .expected("a comparison behind it, such as `> 2`")
    }
}

impl SpansPart {
    /// Spans in braces, at this place.
    pub(super) fn braces(spans: Spans, range: Range<usize>) -> Self {
        Self {
            stages: vec![Stage::Spans(spans)],
            form: Form::Braces,
            range,
            depth: 1,
        }
    }

    /// The steps.
    pub(super) fn into_stages(self) -> Vec<Stage> {
        self.stages
    }

    /// The same in parentheses, whose range is given.
    pub(super) fn in_parentheses(self, range: Range<usize>) -> Result<Self, QueryError> {
        let depth = self.depth + 1;
        if depth > DEPTH_MAX {
            return Err(too_deep(range));
        }
        let is_spans = matches!(self.stages.as_slice(), [Stage::Spans(_)]);
        let (form, stages) = if is_spans {
            let form = if self.form == Form::Steps {
                Form::Steps
            } else {
                Form::Either
            };
            (form, self.stages)
        } else {
            let steps = Spans::Steps(Pipeline {
                stages: self.stages,
            });
            (Form::Steps, vec![Stage::Spans(steps)])
        };
        Ok(Self {
            stages,
            form,
            range,
            depth,
        })
    }

    /// The spans alone, where there is no more than one such step.
    fn into_spans(mut self) -> Spans {
        match self.stages.pop() {
            Some(Stage::Spans(spans)) if self.stages.is_empty() => spans,
            other => {
                self.stages.extend(other);
                Spans::Steps(Pipeline {
                    stages: self.stages,
                })
            }
        }
    }

    /// Both sides joined.
    pub(super) fn joined(join: Join, left: Self, right: Self) -> Result<Self, QueryError> {
        let range = left.range.start..right.range.end;
        let form = match (left.form, right.form) {
            (Form::Steps, Form::Braces) => return Err(without_parentheses(&right)),
            (Form::Braces, Form::Steps) => return Err(without_parentheses(&left)),
            (Form::Steps, _) | (_, Form::Steps) => Form::Steps,
            (Form::Either, Form::Either) => Form::Either,
            _ => Form::Braces,
        };
        let depth = left.depth.max(right.depth) + 1;
        if depth > DEPTH_MAX {
            return Err(too_deep(range));
        }
        if let Join::Related(..) = join {
            for side in [&left, &right] {
                side.leaves_one_set()?;
            }
        }
        let spans = Spans::Joined(
            join,
            Box::new(left.into_spans()),
            Box::new(right.into_spans()),
        );
        Ok(Self {
            stages: vec![Stage::Spans(spans)],
            form,
            range,
            depth,
        })
    }

    fn leaves_one_set(&self) -> Result<(), QueryError> {
        match self.stages.as_slice() {
            [Stage::Spans(Spans::Steps(steps))] if steps.may_leave_several() => {
                Err(QueryError::new(
                    self.range.clone(),
                    "`by` leaves several sets of spans here, and a relation is between two",
                )
                .expected("`| coalesce()` behind `by`"))
            }
            _ => Ok(()),
        }
    }
}

/// The error about braces that stand beside steps in parentheses.
fn without_parentheses(part: &SpansPart) -> QueryError {
    QueryError::new(
        part.range.clone(),
        "the other side holds steps, so this side needs parentheses too",
    )
    .expected("`({ … })`")
}
