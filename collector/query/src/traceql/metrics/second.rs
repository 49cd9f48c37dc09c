//! What is left of series, and arithmetic between them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use spanwalk_model::Value;

use super::SecondStage;
use super::query::{Labels, NAME_LABEL, Series};
use crate::traceql::ast::{Arithmetic, Compare};

/// The series that a stage leaves; those without any number are left out.
pub(super) fn after(stage: SecondStage, series: Vec<Series>) -> Vec<Series> {
    let mut series = series;
    match stage {
        SecondStage::Top(count) => {
            rank(&mut series, count, |left, right| right.total_cmp(&left));
        }
        SecondStage::Bottom(count) => {
            rank(&mut series, count, |left, right| left.total_cmp(&right));
        }
        SecondStage::Filter(compare, bound) => {
            for value in series.iter_mut().flat_map(|one| one.values.iter_mut()) {
                if !holds(compare, *value, bound) {
                    *value = f64::NAN;
                }
            }
        }
    }
    series.retain(|one| one.values.iter().any(|value| !value.is_nan()));
    series
}

/// Keeps the first numbers of each step; of equal ones, those of the first series.
fn rank(series: &mut [Series], count: usize, order: impl Fn(f64, f64) -> Ordering) {
    let steps = series.iter().map(|one| one.values.len()).max().unwrap_or(0);
    for step in 0..steps {
        let mut numbers: Vec<(f64, usize)> = series
            .iter()
            .enumerate()
            .filter_map(|(place, one)| Some((*one.values.get(step)?, place)))
            .filter(|(number, _)| !number.is_nan())
            .collect();
        numbers
            .sort_by(|(left, first), (right, second)| order(*left, *right).then(first.cmp(second)));
        for (_, place) in numbers.into_iter().skip(count) {
            let value = series
                .get_mut(place)
                .and_then(|one| one.values.get_mut(step));
            if let Some(value) = value {
                *value = f64::NAN;
            }
        }
    }
}

fn holds(compare: Compare, value: f64, bound: f64) -> bool {
    let Some(order) = value.partial_cmp(&bound) else {
        return false;
    };
    match compare {
        Compare::Equal => order.is_eq(),
        Compare::NotEqual => order.is_ne(),
        Compare::Less => order.is_lt(),
        Compare::AtMost => order.is_le(),
        Compare::More => order.is_gt(),
        Compare::AtLeast => order.is_ge(),
    }
}

/// Series of both sides with the same labels put together, number by number. A side with one
/// series without labels goes with every series of the other.
pub(super) fn arithmetic(sign: Arithmetic, left: Vec<Series>, right: Vec<Series>) -> Vec<Series> {
    let name = [&left, &right].map(|side| side.first().map(name_of));
    let [Some(left_name), Some(right_name)] = name else {
        return Vec::new();
    };
    let name = format!("({left_name} {} {right_name})", sign.sign());
    let (left, right) = (by_labels(left), by_labels(right));
    let mut keys: Vec<&String> = left.keys().chain(right.keys()).collect();
    keys.sort_unstable();
    keys.dedup();
    let none = labels_key(&Vec::new());
    keys.into_iter()
        .filter_map(|key| {
            let first = left.get(key).or_else(|| left.get(&none))?;
            let second = right.get(key).or_else(|| right.get(&none))?;
            let mut labels: Labels = if first.labels.is_empty() {
                second.labels.clone()
            } else {
                first.labels.clone()
            };
            labels.insert(0, (NAME_LABEL.to_owned(), Value::from(name.as_str())));
            let values = first.values.iter().zip(&second.values);
            Some(Series {
                labels,
                values: values
                    .map(|(left, right)| calculated(sign, *left, *right))
                    .collect(),
            })
        })
        .collect()
}

/// The series by their labels, without what names the function.
fn by_labels(series: Vec<Series>) -> BTreeMap<String, Series> {
    series
        .into_iter()
        .map(|mut one| {
            one.labels.retain(|(name, _)| name != NAME_LABEL);
            (labels_key(&one.labels), one)
        })
        .collect()
}

fn labels_key(labels: &Labels) -> String {
    format!("{labels:?}")
}

/// How the series calls what it is, for the name of a result.
fn name_of(series: &Series) -> String {
    let named = series.labels.iter().find(|(name, _)| name == NAME_LABEL);
    named.map_or_else(|| "series".to_owned(), |(_, value)| value.to_string())
}

/// No number counts as zero, and nothing is divided by zero.
fn calculated(sign: Arithmetic, left: f64, right: f64) -> f64 {
    let or_zero = |number: f64| if number.is_nan() { 0.0 } else { number };
    let (left, right) = (or_zero(left), or_zero(right));
    match sign {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide if right != 0.0 => left / right,
        Arithmetic::Divide | Arithmetic::Remainder | Arithmetic::Power => f64::NAN,
    }
}
