//! `compare`: how often attributes have which values, among selected spans and all others.

use std::collections::{BTreeMap, HashMap};

use spanwalk_model::{Attributes, Scoped, Span, Value};

use super::grid::{Budget, Grid};
use super::query::{Labels, Series};
use super::{COMPARE_VALUES_MAX, Function};
use crate::traceql::eval::Items;

/// The label that says which spans a series counts.
const TYPE_LABEL: &str = "__meta_type";

/// The label that says what is wrong with an attribute.
const ERROR_LABEL: &str = "__meta_error";

/// An attribute, among selected spans or others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    is_selection: bool,
    key: String,
}

/// The values of one attribute.
#[derive(Debug, Default)]
struct Counted {
    of_value: HashMap<String, (Value, Vec<u64>)>,
    has_more: bool,
}

/// Counts under construction.
#[derive(Debug, Default)]
pub(super) struct Contrast {
    counted: BTreeMap<Place, Counted>,
}

impl Contrast {
    /// Takes a span. Says whether there was room for all its values.
    pub(super) fn add<'a>(
        &mut self,
        function: &'a Function,
        items: &Items<'a>,
        index: usize,
        grid: &Grid,
        step: usize,
        budget: &mut Budget,
    ) -> bool {
        let Function::Compare {
            selection,
            window_ns,
            ..
        } = function
        else {
            return true;
        };
        let Some(span) = items.span(index) else {
            return true;
        };
        let start_ns = span.item.start_ns;
        let is_in_window = window_ns.is_none_or(|(first, end)| start_ns >= first && start_ns < end);
        let is_selection = is_in_window && items.is_true(selection, index);
        let mut has_room = true;
        each_value(span, &mut |key, value| {
            let place = Place { is_selection, key };
            let counted = self.counted.entry(place).or_default();
            has_room &= counted.add(value, grid, step, budget);
        });
        has_room
    }

    /// The most frequent values of each attribute, and how many spans have any.
    pub(super) fn finish(self, top: usize) -> Vec<Series> {
        let mut finished = Vec::new();
        for (place, counted) in self.counted {
            let group = if place.is_selection {
                "selection"
            } else {
                "baseline"
            };
            let mut values: Vec<(Value, Vec<u64>)> = counted.of_value.into_values().collect();
            values.sort_by_cached_key(|(value, counts)| {
                let total: u64 = counts.iter().sum();
                (std::cmp::Reverse(total), value.to_string())
            });
            let is_cut = counted.has_more || values.len() > top;
            let steps = values.first().map_or(0, |(_, counts)| counts.len());
            let mut totals = vec![0.0; steps];
            for (_, counts) in &values {
                for (total, count) in totals.iter_mut().zip(counts) {
                    *total += *count as f64;
                }
            }
            for (value, counts) in values.into_iter().take(top) {
                finished.push(Series {
                    labels: labels(TYPE_LABEL, group, &place.key, value),
                    values: counts.into_iter().map(|count| count as f64).collect(),
                });
            }
            let total_group = format!("{group}_total");
            finished.push(Series {
                labels: labels(TYPE_LABEL, &total_group, &place.key, Value::Empty),
                values: totals,
            });
            if is_cut {
                let mut cut = labels(ERROR_LABEL, "__too_many_values__", &place.key, Value::Empty);
                cut.insert(0, (TYPE_LABEL.to_owned(), Value::from(group)));
                finished.push(Series {
                    labels: cut,
                    values: vec![f64::NAN; steps],
                });
            }
        }
        finished
    }
}

impl Counted {
    fn add(&mut self, value: Value, grid: &Grid, step: usize, budget: &mut Budget) -> bool {
        let key = format!("{value:?}");
        if !self.of_value.contains_key(&key) {
            let has_room = self.of_value.len() < COMPARE_VALUES_MAX && budget.take(grid.count());
            if !has_room {
                self.has_more = true;
                return false;
            }
            let counts = vec![0; grid.count()];
            self.of_value.insert(key.clone(), (value, counts));
        }
        let count = self
            .of_value
            .get_mut(&key)
            .and_then(|(_, counts)| counts.get_mut(step));
        if let Some(count) = count {
            *count += 1;
        }
        true
    }
}

fn labels(first: &str, group: &str, key: &str, value: Value) -> Labels {
    vec![
        (first.to_owned(), Value::from(group)),
        (key.to_owned(), value),
    ]
}

/// Shows what the span has under the names that the language gives it.
fn each_value(span: &Scoped<Span>, visit: &mut dyn FnMut(String, Value)) {
    let item = &span.item;
    visit("name".to_owned(), Value::from(item.name.as_str()));
    visit("kind".to_owned(), Value::from(item.kind.as_str()));
    let status = if item.is_error() {
        "error"
    } else {
        item.status.code.as_str()
    };
    visit("status".to_owned(), Value::from(status));
    let mut of_scope = |scope: &str, attributes: &Attributes| {
        for entry in attributes.iter().filter(|entry| !entry.value.is_empty()) {
            visit(format!("{scope}.{}", entry.key), entry.value.clone());
        }
    };
    of_scope("span", &item.attributes);
    of_scope("resource", &span.resource.attributes);
}
