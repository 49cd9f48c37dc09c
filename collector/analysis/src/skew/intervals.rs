//! What many calls agree on: the offset that most intervals allow.

/// The offsets that one call allows, nanoseconds; what is added to the callee's clock to get
/// the caller's. `high_ns` is `i64::MAX` where the end says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Interval {
    pub(super) low_ns: i64,
    pub(super) high_ns: i64,
}

impl Interval {
    pub(super) fn contains(self, offset_ns: i64) -> bool {
        self.low_ns <= offset_ns && offset_ns <= self.high_ns
    }

    /// The same call seen from the other side.
    pub(super) fn negated(self) -> Self {
        let negate = |bound: i64| match bound {
            i64::MAX => i64::MIN,
            i64::MIN => i64::MAX,
            other => -other,
        };
        Self {
            low_ns: negate(self.high_ns),
            high_ns: negate(self.low_ns),
        }
    }

    fn distance_to_zero(self) -> u64 {
        if self.contains(0) {
            0
        } else {
            self.low_ns.unsigned_abs().min(self.high_ns.unsigned_abs())
        }
    }
}

/// What intervals agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Agreement {
    /// The offsets that most of them allow.
    pub(super) interval: Interval,
    /// How many allow these.
    pub(super) support: usize,
    /// How many allow zero.
    pub(super) zero_support: usize,
}

/// The offsets that most intervals allow; of several such ranges the one nearest to zero
/// (Marzullo, "Maintaining the time in a distributed system", 1984). `None` without intervals.
pub(super) fn agreement(intervals: &[Interval]) -> Option<Agreement> {
    // A bound, and whether it opens: at equal moments what opens comes first.
    let mut bounds: Vec<(i64, bool)> = Vec::with_capacity(intervals.len() * 2);
    for interval in intervals {
        bounds.push((interval.low_ns, false));
        bounds.push((interval.high_ns, true));
    }
    bounds.sort_unstable();
    let mut open = 0_usize;
    let mut best: Option<(usize, Interval)> = None;
    for (place, (low_ns, closes)) in bounds.iter().enumerate() {
        if *closes {
            open = open.saturating_sub(1);
            continue;
        }
        open += 1;
        let Some((high_ns, true)) = bounds.get(place + 1).copied() else {
            continue;
        };
        let range = Interval {
            low_ns: *low_ns,
            high_ns,
        };
        let is_better = best.is_none_or(|(support, known)| {
            open > support
                || (open == support && range.distance_to_zero() < known.distance_to_zero())
        });
        if is_better {
            best = Some((open, range));
        }
    }
    best.map(|(support, interval)| Agreement {
        interval,
        support,
        zero_support: intervals
            .iter()
            .filter(|interval| interval.contains(0))
            .count(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval((low_ns, high_ns): (i64, i64)) -> Interval {
        Interval { low_ns, high_ns }
    }

    fn check(intervals: &[(i64, i64)], expected: (i64, i64), support: usize) {
        let intervals: Vec<_> = intervals.iter().copied().map(interval).collect();
        let found = agreement(&intervals).unwrap();
        assert_eq!(
            (found.interval, found.support),
            (interval(expected), support)
        );
    }

    #[test]
    fn the_range_that_most_allow_wins_and_of_equal_ones_the_nearest_to_zero() {
        check(&[(1, 9)], (1, 9), 1);
        check(&[(1, 9), (5, 12), (7, 8), (100, 200)], (7, 8), 3);
        check(&[(5, 9), (9, 12)], (9, 9), 2);
        check(&[(-90, -80), (5, 9)], (5, 9), 1);
        check(&[(3, i64::MAX), (4, i64::MAX)], (4, i64::MAX), 2);
        assert_eq!(agreement(&[]), None);
    }

    #[test]
    fn seen_from_the_other_side_and_back_is_the_same() {
        for one in [(1, 9), (-3, i64::MAX), (i64::MIN, 4)].map(interval) {
            assert_eq!(one.negated().negated(), one);
        }
    }
}
