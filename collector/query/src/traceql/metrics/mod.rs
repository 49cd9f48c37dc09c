//! Metrics queries: numbers over time of the spans that a pipeline leaves.
//!
//! - `query`: what others see: a query, and its run over traces.
//! - `grid`: the steps of time, and how much is kept.
//! - `cell`: what is kept of the values of one series in one step.
//! - `spread`: values in powers of two, for quantiles and histograms.
//! - `collect`: series of spans.
//! - `contrast`: `compare`.
//! - `second`: what is left of series, and arithmetic between them.

mod cell;
mod collect;
mod contrast;
mod grid;
mod query;
mod second;
mod spread;
#[cfg(test)]
mod tests;

pub use grid::{Grid, GridError};
pub use query::{MetricsAnswer, MetricsQuery, MetricsRun, Series};

use super::ast::{Arithmetic, Compare, Expression, Hint, Pipeline};
use super::check::DEPTH_MAX;
use super::field::Field;

/// Functions that make a metrics query.
pub(super) const FUNCTIONS: &[&str] = &[
    "rate",
    "count_over_time",
    "min_over_time",
    "max_over_time",
    "avg_over_time",
    "sum_over_time",
    "quantile_over_time",
    "histogram_over_time",
    "compare",
];

/// More values of one attribute than this are not compared.
pub(super) const COMPARE_VALUES_MAX: usize = 1000;

/// A whole metrics query, or a part of one in parentheses.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Metrics {
    /// Where its series come from.
    pub(super) source: Source,
    /// What is left of them, in order.
    pub(super) second_stages: Vec<SecondStage>,
    /// What was said about how to answer.
    pub(super) hints: Vec<Hint>,
}

/// Where series come from.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Source {
    /// From spans.
    Spans {
        /// Which spans.
        pipeline: Pipeline,
        /// What is asked of them.
        function: Function,
        /// One series for each combination of these values.
        by: Vec<Field>,
    },
    /// From the series of two queries with the same labels.
    Arithmetic(Arithmetic, Box<Metrics>, Box<Metrics>),
}

/// What is asked of spans.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Function {
    /// Spans per second.
    Rate,
    /// Spans.
    Count,
    /// The least value.
    Min(Field),
    /// The greatest value.
    Max(Field),
    /// The mean of values.
    Average(Field),
    /// The sum of values.
    Sum(Field),
    /// Values below which these parts lie, each from 0 to 1.
    Quantile(Field, Vec<f64>),
    /// How many values lie up to each power of two.
    Histogram(Field),
    /// How often each attribute has each value, among the spans that are selected and others.
    Compare {
        /// Which spans are selected.
        selection: Expression,
        /// The most frequent values that are shown for an attribute.
        top: usize,
        /// Spans are selected from the first moment, before the second; nanoseconds since the
        /// epoch.
        window_ns: Option<(u64, u64)>,
    },
}

/// What is left of series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum SecondStage {
    /// The greatest of each moment.
    Top(usize),
    /// The least of each moment.
    Bottom(usize),
    /// Values that compare.
    Filter(Compare, f64),
}

impl Metrics {
    /// Series of spans.
    pub(super) fn of_spans(pipeline: Pipeline, function: Function, by: Vec<Field>) -> Self {
        Self {
            source: Source::Spans {
                pipeline,
                function,
                by,
            },
            second_stages: Vec::new(),
            hints: Vec::new(),
        }
    }

    /// The series of both put together; `None` where that is nested too deep.
    pub(super) fn with(self, arithmetic: Arithmetic, right: Self) -> Option<Self> {
        let whole = Self {
            source: Source::Arithmetic(arithmetic, Box::new(self), Box::new(right)),
            second_stages: Vec::new(),
            hints: Vec::new(),
        };
        (whole.depth() <= DEPTH_MAX).then_some(whole)
    }

    fn depth(&self) -> usize {
        match &self.source {
            Source::Spans { .. } => 1,
            Source::Arithmetic(_, left, right) => left.depth().max(right.depth()) + 1,
        }
    }
}

impl Function {
    /// How it is written, without its parentheses.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Count => "count_over_time",
            Self::Min(_) => "min_over_time",
            Self::Max(_) => "max_over_time",
            Self::Average(_) => "avg_over_time",
            Self::Sum(_) => "sum_over_time",
            Self::Quantile(..) => "quantile_over_time",
            Self::Histogram(_) => "histogram_over_time",
            Self::Compare { .. } => "compare",
        }
    }
}
