//! What is kept of the values of one series in one step of time.

use super::Function;
use super::spread::Spread;

/// What a function needs of values.
#[derive(Debug, Clone, Default)]
pub(super) enum Cell {
    /// Nothing was met yet.
    #[default]
    Empty,
    /// How many, and the sum, least and greatest of the values.
    Numbers {
        /// How many there are.
        count: u64,
        /// Their sum.
        sum: f64,
        /// The least.
        min: f64,
        /// The greatest.
        max: f64,
    },
    /// How the values are spread.
    Spread(Spread),
}

impl Cell {
    /// Takes a value for this function.
    pub(super) fn add(&mut self, function: &Function, value: f64) {
        if matches!(self, Self::Empty) {
            *self = match function {
                Function::Quantile(..) | Function::Histogram(_) => Self::Spread(Spread::default()),
                _ => Self::Numbers {
                    count: 0,
                    sum: 0.0,
                    min: f64::INFINITY,
                    max: f64::NEG_INFINITY,
                },
            };
        }
        match self {
            Self::Empty => {}
            Self::Spread(spread) => spread.add(value),
            Self::Numbers {
                count,
                sum,
                min,
                max,
            } => {
                *count += 1;
                *sum += value;
                *min = min.min(value);
                *max = max.max(value);
            }
        }
    }

    /// The spread; of no value, nothing.
    pub(super) fn spread(&self) -> Option<&Spread> {
        match self {
            Self::Spread(spread) => Some(spread),
            Self::Empty | Self::Numbers { .. } => None,
        }
    }

    /// The number that the function makes; without values no number, or none of them.
    pub(super) fn number(&self, function: &Function, step_seconds: f64) -> f64 {
        let counts = matches!(function, Function::Rate | Function::Count);
        match self {
            Self::Numbers {
                count,
                sum,
                min,
                max,
            } => match function {
                Function::Rate => *count as f64 / step_seconds,
                Function::Count => *count as f64,
                Function::Min(_) => *min,
                Function::Max(_) => *max,
                Function::Average(_) => sum / *count as f64,
                _ => *sum,
            },
            Self::Empty | Self::Spread(_) if counts => 0.0,
            Self::Empty | Self::Spread(_) => f64::NAN,
        }
    }
}
