//! A metrics query, and its run over traces.

use spanwalk_model::{TraceItems, Value};

use super::collect::{Asked, Collected};
use super::contrast::Contrast;
use super::grid::{Budget, Grid};
use super::{Function, Metrics, Source, second};
use crate::conditions::{Condition, Target};
use crate::traceql::eval::Items;
use crate::traceql::{conditions, print};

/// The label that says what a series is where nothing else does.
pub(super) const NAME_LABEL: &str = "__name__";

/// Names with values.
pub(super) type Labels = Vec<(String, Value)>;

/// A checked metrics query. Its text form ([`Display`](std::fmt::Display)) reads back as an
/// equal query.
#[derive(Debug, Clone)]
pub struct MetricsQuery {
    metrics: Metrics,
    notes: Vec<String>,
}

impl PartialEq for MetricsQuery {
    fn eq(&self, other: &Self) -> bool {
        self.metrics == other.metrics
    }
}

/// Numbers over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What they are numbers of. Named as in Tempo: fields as queries write them, `p` for
    /// quantiles, `__bucket` for histograms, `__name__` where there is nothing else.
    pub labels: Vec<(String, Value)>,
    /// One for each step of time; NaN where there is none. Durations are in seconds.
    pub values: Vec<f64>,
}

/// What a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricsAnswer {
    /// The series, in the order in which their first spans came.
    pub series: Vec<Series>,
    /// Spans that are missing from some series, because there were too many series to keep.
    pub spans_left_out: u64,
}

impl MetricsQuery {
    pub(in crate::traceql) fn new(metrics: Metrics, notes: Vec<String>) -> Self {
        Self { metrics, notes }
    }

    /// Remarks for people.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What every trace fulfils that counts.
    pub fn trace_condition(&self) -> Condition {
        condition(&self.metrics)
    }

    /// Begins to count over these steps of time. A span belongs to the step of its start.
    pub fn run(&self, grid: Grid) -> MetricsRun<'_> {
        let mut leaves = Vec::new();
        collect_leaves(&self.metrics, &mut leaves);
        MetricsRun {
            metrics: &self.metrics,
            leaves,
            grid,
            budget: Budget::new(),
            spans_left_out: 0,
        }
    }
}

impl std::fmt::Display for MetricsQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        print::metrics(&self.metrics, f)
    }
}

fn condition(metrics: &Metrics) -> Condition {
    match &metrics.source {
        Source::Spans { pipeline, .. } => conditions::of_pipeline(pipeline, Target::Trace),
        Source::Arithmetic(_, left, right) => {
            Condition::one_of([condition(left), condition(right)])
        }
    }
}

fn collect_leaves<'q>(metrics: &'q Metrics, leaves: &mut Vec<Leaf<'q>>) {
    if let Source::Arithmetic(_, left, right) = &metrics.source {
        collect_leaves(left, leaves);
        collect_leaves(right, leaves);
    }
    leaves.extend(Asked::of(&metrics.source).map(|asked| Leaf {
        asked,
        collected: Collected::default(),
        contrast: Contrast::default(),
    }));
}

/// One source of series under construction.
struct Leaf<'q> {
    asked: Asked<'q>,
    collected: Collected,
    contrast: Contrast,
}

/// A metrics query that counts.
pub struct MetricsRun<'q> {
    metrics: &'q Metrics,
    /// In the order of the text.
    leaves: Vec<Leaf<'q>>,
    grid: Grid,
    budget: Budget,
    spans_left_out: u64,
}

impl MetricsRun<'_> {
    /// Takes a whole trace.
    pub fn observe(&mut self, items: &TraceItems) {
        let items = Items::of_trace(items);
        for leaf in &mut self.leaves {
            for set in items.after(leaf.asked.pipeline) {
                for index in set.indexes {
                    let start_ns = items.span(index).map(|span| span.item.start_ns);
                    let Some(step) = start_ns.and_then(|moment| self.grid.step_of(moment)) else {
                        continue;
                    };
                    let has_room = if let Function::Compare { .. } = leaf.asked.function {
                        leaf.contrast.add(
                            leaf.asked.function,
                            &items,
                            index,
                            &self.grid,
                            step,
                            &mut self.budget,
                        )
                    } else {
                        leaf.collected.add(
                            leaf.asked,
                            &items,
                            index,
                            &self.grid,
                            step,
                            &mut self.budget,
                        )
                    };
                    self.spans_left_out += u64::from(!has_room);
                }
            }
        }
    }

    /// All series.
    pub fn finish(self) -> MetricsAnswer {
        let mut leaves = self.leaves.into_iter();
        MetricsAnswer {
            series: finished(self.metrics, &mut leaves, &self.grid),
            spans_left_out: self.spans_left_out,
        }
    }
}

fn finished<'q>(
    metrics: &Metrics,
    leaves: &mut impl Iterator<Item = Leaf<'q>>,
    grid: &Grid,
) -> Vec<Series> {
    let series = match &metrics.source {
        Source::Arithmetic(sign, left, right) => {
            let left = finished(left, leaves, grid);
            let right = finished(right, leaves, grid);
            second::arithmetic(*sign, left, right)
        }
        Source::Spans { .. } => {
            leaves
                .next()
                .map_or_else(Vec::new, |leaf| match leaf.asked.function {
                    Function::Compare { top, .. } => leaf.contrast.finish(*top),
                    _ => leaf.collected.finish(leaf.asked, grid),
                })
        }
    };
    metrics
        .second_stages
        .iter()
        .fold(series, |series, stage| second::after(*stage, series))
}
