//! Moments and ranges of time.

/// Nanoseconds since the Unix epoch, UTC. Zero means unknown, as in OTLP.
pub type UnixNanos = u64;

/// A half-open range of time: `start_ns` is inside, `end_ns` is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// First nanosecond inside.
    pub start_ns: UnixNanos,
    /// First nanosecond after.
    pub end_ns: UnixNanos,
}

impl TimeRange {
    /// All of time.
    pub const ALL: Self = Self {
        start_ns: 0,
        end_ns: u64::MAX,
    };

    /// Whether the moment is inside. The last representable nanosecond belongs to a range
    /// that ends there, so that [`TimeRange::ALL`] leaves nothing out.
    pub fn contains(&self, moment_ns: UnixNanos) -> bool {
        moment_ns >= self.start_ns && (moment_ns < self.end_ns || self.end_ns == u64::MAX)
    }

    /// Whether the closed interval from `first_ns` to `last_ns` shares a moment with this range.
    pub fn overlaps(&self, first_ns: UnixNanos, last_ns: UnixNanos) -> bool {
        last_ns >= self.start_ns && (first_ns < self.end_ns || self.end_ns == u64::MAX)
    }
}

impl Default for TimeRange {
    fn default() -> Self {
        Self::ALL
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_start_and_not_its_end() {
        let range = TimeRange {
            start_ns: 10,
            end_ns: 20,
        };
        assert!(range.contains(10) && !range.contains(20));
        assert!(range.overlaps(0, 10) && !range.overlaps(20, 30));
    }

    #[test]
    fn all_of_time_holds_the_last_moment() {
        assert!(TimeRange::ALL.contains(u64::MAX));
        assert!(TimeRange::ALL.overlaps(u64::MAX, u64::MAX));
    }
}
