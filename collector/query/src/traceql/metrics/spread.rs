//! Values counted in powers of two, as Tempo counts them: small, and near enough for quantiles.

use std::collections::BTreeMap;

/// How many values lie above the power before and up to each power of two. Values of zero and
/// below lie at zero.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Spread {
    counts: BTreeMap<Option<i32>, u64>,
}

impl Spread {
    pub(super) fn add(&mut self, value: f64) {
        if !value.is_nan() {
            *self.counts.entry(exponent(value)).or_default() += 1;
        }
    }

    /// Each power of two that was met, lowest first, with its count.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        self.counts
            .iter()
            .map(|(exponent, count)| (bound(*exponent), *count))
    }

    /// The value below which this part of all lies, from 0 to 1: an estimate within its power
    /// of two. `None` where there is no value.
    pub(super) fn quantile(&self, part: f64) -> Option<f64> {
        let total: u64 = self.counts.values().sum();
        let wanted = part * total as f64;
        let mut before = 0.0;
        let mut found = None;
        for (exponent, count) in &self.counts {
            let count = *count as f64;
            let share = ((wanted - before) / count).clamp(0.0, 1.0);
            // Within a power of two the values are taken to lie evenly in their logarithm.
            found = Some(match exponent {
                Some(exponent) => 2.0_f64.powf(f64::from(*exponent) - 1.0 + share),
                None => 0.0,
            });
            before += count;
            if before >= wanted {
                break;
            }
        }
        found
    }
}

/// The least exponent of which the power of two is not below the value.
fn exponent(value: f64) -> Option<i32> {
    const EXPONENT_MAX: f64 = 1024.0;
    if value <= 0.0 {
        return None;
    }
    let near = value.log2().ceil().clamp(-EXPONENT_MAX, EXPONENT_MAX);
    #[expect(clippy::cast_possible_truncation, reason = "whole and clamped")]
    let near = near as i32;
    // The logarithm of a power of two may be rounded up.
    let below = near - 1;
    Some(if 2.0_f64.powi(below) >= value {
        below
    } else {
        near
    })
}

fn bound(exponent: Option<i32>) -> f64 {
    exponent.map_or(0.0, |exponent| 2.0_f64.powi(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_lie_up_to_their_power_of_two() {
        let mut spread = Spread::default();
        for value in [0.0, -3.0, 1.0, 1.5, 2.0, 1024.0, f64::NAN] {
            spread.add(value);
        }
        let buckets: Vec<(f64, u64)> = spread.buckets().collect();
        assert_eq!(buckets, [(0.0, 2), (1.0, 1), (2.0, 2), (1024.0, 1)]);
        assert_eq!(Spread::default().quantile(0.5), None);
    }

    proptest! {
        #[test]
        fn a_quantile_is_within_the_power_of_two_of_the_right_value(
            mut values in prop::collection::vec(1e-6_f64..1e12, 1..50),
            part in 0.0_f64..=1.0,
        ) {
            let mut spread = Spread::default();
            for value in &values {
                spread.add(*value);
            }
            values.sort_by(f64::total_cmp);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
            let rank = (part * values.len() as f64).ceil().max(1.0) as usize;
            let right = values[rank - 1];
            let found = spread.quantile(part).unwrap();
            prop_assert!(found <= right * 2.0 && found >= right / 2.0, "{found} for {right}");
        }
    }
}
