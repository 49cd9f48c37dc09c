//! Series of the spans that a pipeline leaves.

use std::collections::{BTreeMap, HashMap};

use spanwalk_model::Value;

use super::cell::Cell;
use super::grid::{Budget, Grid};
use super::query::{Labels, NAME_LABEL, Series};
use super::spread::Spread;
use super::{Function, Source};
use crate::traceql::ast::Pipeline;
use crate::traceql::eval::{Items, Val, as_float};
use crate::traceql::field::Field;
use crate::traceql::print;

/// Values that a series with a spread takes as many numbers for as others take one.
const SPREAD_CELLS: usize = 16;

const NS_PER_SECOND: f64 = 1e9;

/// Series under construction.
#[derive(Debug, Default)]
pub(super) struct Collected {
    place_of: HashMap<String, usize>,
    series: Vec<(Labels, Vec<Cell>)>,
}

/// The spans that are asked, and what of them.
#[derive(Clone, Copy)]
pub(super) struct Asked<'q> {
    pub(super) pipeline: &'q Pipeline,
    pub(super) function: &'q Function,
    pub(super) by: &'q [Field],
}

impl<'q> Asked<'q> {
    /// What this source asks of spans; `None` for arithmetic.
    pub(super) fn of(source: &'q Source) -> Option<Self> {
        match source {
            Source::Spans {
                pipeline,
                function,
                by,
            } => Some(Self {
                pipeline,
                function,
                by,
            }),
            Source::Arithmetic(..) => None,
        }
    }

    /// The field of which the values are taken.
    fn field(&self) -> Option<&'q Field> {
        match self.function {
            Function::Rate | Function::Count | Function::Compare { .. } => None,
            Function::Min(field)
            | Function::Max(field)
            | Function::Average(field)
            | Function::Sum(field)
            | Function::Quantile(field, _)
            | Function::Histogram(field) => Some(field),
        }
    }
}

impl Collected {
    /// Takes a span. Says whether there was room for its series.
    pub(super) fn add<'a>(
        &mut self,
        asked: Asked<'a>,
        items: &Items<'a>,
        index: usize,
        grid: &Grid,
        step: usize,
        budget: &mut Budget,
    ) -> bool {
        let values: Vec<f64> = match asked.field() {
            None => vec![1.0],
            Some(field) => items
                .value(field, index)
                .singles()
                .iter()
                .filter_map(measured)
                .collect(),
        };
        if values.is_empty() {
            return true;
        }
        let by: Vec<Val<'_>> = asked
            .by
            .iter()
            .map(|field| items.value(field, index))
            .collect();
        let key = format!("{by:?}");
        let known = self.place_of.get(&key).copied();
        let Some(place) = known.or_else(|| self.begin(asked, key, &by, grid, budget)) else {
            return false;
        };
        let cell = self
            .series
            .get_mut(place)
            .and_then(|(_, cells)| cells.get_mut(step));
        if let Some(cell) = cell {
            for value in values {
                cell.add(asked.function, value);
            }
        }
        true
    }

    /// The place of a new series; `None` where there is no room for it.
    fn begin(
        &mut self,
        asked: Asked<'_>,
        key: String,
        by: &[Val<'_>],
        grid: &Grid,
        budget: &mut Budget,
    ) -> Option<usize> {
        let has_spread = matches!(
            asked.function,
            Function::Quantile(..) | Function::Histogram(_)
        );
        let each = if has_spread { SPREAD_CELLS } else { 1 };
        if !budget.take(grid.count().saturating_mul(each)) {
            return None;
        }
        let labels = asked
            .by
            .iter()
            .zip(by)
            .map(|(field, value)| (written(field), value.to_value()))
            .collect();
        let place = self.series.len();
        self.series.push((labels, vec![Cell::Empty; grid.count()]));
        self.place_of.insert(key, place);
        Some(place)
    }

    /// The series that were collected.
    pub(super) fn finish(self, asked: Asked<'_>, grid: &Grid) -> Vec<Series> {
        let seconds = grid.step_seconds();
        let mut finished = Vec::new();
        for (mut labels, cells) in self.series {
            if labels.is_empty() {
                labels.push((NAME_LABEL.to_owned(), Value::from(asked.function.name())));
            }
            match asked.function {
                Function::Quantile(_, parts) => {
                    finished.extend(parts.iter().map(|part| {
                        Series {
                            labels: with(&labels, "p", *part),
                            values: cells
                                .iter()
                                .map(|cell| cell.spread().and_then(|spread| spread.quantile(*part)))
                                .map(|value| value.unwrap_or(f64::NAN))
                                .collect(),
                        }
                    }));
                }
                Function::Histogram(_) => finished.extend(histogram(&labels, &cells)),
                function => finished.push(Series {
                    values: cells
                        .iter()
                        .map(|cell| cell.number(function, seconds))
                        .collect(),
                    labels,
                }),
            }
        }
        finished
    }
}

/// The number that is measured: durations in seconds, as metrics have them.
fn measured(value: &Val<'_>) -> Option<f64> {
    let number = as_float(value.as_number()?);
    Some(match value {
        Val::Duration(_) => number / NS_PER_SECOND,
        _ => number,
    })
}

/// One series for each power of two.
fn histogram(labels: &Labels, cells: &[Cell]) -> Vec<Series> {
    // Bits of floats that are not below zero are ordered as they are.
    let mut of_bound: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for (step, cell) in cells.iter().enumerate() {
        for (bound, count) in cell.spread().into_iter().flat_map(Spread::buckets) {
            let values = of_bound
                .entry(bound.to_bits())
                .or_insert_with(|| vec![0.0; cells.len()]);
            if let Some(value) = values.get_mut(step) {
                *value += count as f64;
            }
        }
    }
    of_bound
        .into_iter()
        .map(|(bits, values)| Series {
            labels: with(labels, "__bucket", f64::from_bits(bits)),
            values,
        })
        .collect()
}

fn with(labels: &Labels, name: &str, value: f64) -> Labels {
    let mut labels = labels.clone();
    labels.push((name.to_owned(), Value::Double(value)));
    labels
}

fn written(field: &Field) -> String {
    std::fmt::from_fn(|f| print::field(field, f)).to_string()
}
