//! How long things take, in buckets that grow with the time.

use std::collections::BTreeMap;

/// Buckets within each doubling, as a power of two: 32, so a bucket is 3 % wide.
const SUB_BITS: u32 = 5;

/// Durations of many calls: exact count, sum and bounds, quantiles within 3 %.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Latency {
    buckets: BTreeMap<u32, u64>,
    /// How many there are.
    pub count: u64,
    /// Their sum, nanoseconds.
    pub sum_ns: u64,
    /// The longest, nanoseconds.
    pub max_ns: u64,
}

impl Latency {
    /// Adds one.
    pub fn add(&mut self, duration_ns: u64) {
        *self.buckets.entry(bucket(duration_ns)).or_default() += 1;
        self.count += 1;
        self.sum_ns = self.sum_ns.saturating_add(duration_ns);
        self.max_ns = self.max_ns.max(duration_ns);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
        self.count += other.count;
        self.sum_ns = self.sum_ns.saturating_add(other.sum_ns);
        self.max_ns = self.max_ns.max(other.max_ns);
    }

    /// The mean, nanoseconds; zero where there is none.
    pub fn mean_ns(&self) -> u64 {
        self.sum_ns.checked_div(self.count).unwrap_or(0)
    }

    /// The duration that this share, from 0 to 1, does not exceed, nanoseconds; zero where
    /// there is none.
    pub fn quantile_ns(&self, share: f64) -> u64 {
        let wanted = share.clamp(0.0, 1.0) * self.count as f64;
        let mut seen = 0_u64;
        for (bucket, count) in &self.buckets {
            seen += count;
            if seen as f64 >= wanted {
                return upper_ns(*bucket).min(self.max_ns);
            }
        }
        self.max_ns
    }
}

/// Below 64 each number is its own bucket; above, the highest bits are.
fn bucket(duration_ns: u64) -> u32 {
    let bits = u64::BITS - duration_ns.leading_zeros();
    let shift = bits.saturating_sub(SUB_BITS + 1);
    let top = u32::try_from(duration_ns >> shift).unwrap_or(u32::MAX);
    (shift << SUB_BITS) + top
}

/// The largest number of a bucket.
fn upper_ns(bucket: u32) -> u64 {
    let sub = 1 << SUB_BITS;
    let shift = (bucket >> SUB_BITS).saturating_sub(1);
    let top = u64::from(if shift == 0 {
        bucket
    } else {
        (bucket % sub) + sub
    });
    ((top + 1) << shift).saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
            #[test]
            fn a_bucket_holds_its_number_within_three_percent(number in 0..u64::MAX / 4) {
                let upper = upper_ns(bucket(number));
                prop_assert!(upper >= number);
                prop_assert!(upper - number <= number / 31);
            }

            #[test]
            fn quantiles_are_near_and_merging_is_adding(
                one in prop::collection::vec(0_u64..1 << 40, 1..50),
                other in prop::collection::vec(0_u64..1 << 40, 0..50),
            ) {
                let of = |numbers: &[u64]| {
                    let mut latency = Latency::default();
                    for number in numbers {
     latency.add(*number);
    }
                    latency
                };
                let mut merged = of(&one);
                merged.merge(&of(&other));
                let mut all = [one, other].concat();
                prop_assert_eq!(&merged, &of(&all));
                all.sort_unstable();
                let median = all[all.len().div_ceil(2) - 1];
                let found = merged.quantile_ns(0.5);
                prop_assert!(found >= median && found - median <= median / 31);
                prop_assert_eq!(merged.quantile_ns(1.0), *all.last().unwrap());
            }
        }
}
