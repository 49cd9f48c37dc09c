//! The steps of time that numbers are given for, and how much is kept.

use spanwalk_model::TimeRange;

/// More steps are refused, as Prometheus does.
pub(super) const STEPS_MAX: usize = 11_000;

/// Numbers that one run keeps; series that would need more are left out.
const CELLS_MAX: usize = 1 << 21;

/// Why times make no grid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// No time is asked for.
    #[error("the time from {start_ns} to {end_ns} is empty")]
    Empty {
        /// Its start, in nanoseconds since the epoch.
        start_ns: u64,
        /// Its end.
        end_ns: u64,
    },
    /// A step takes no time.
    #[error("a step has to take some time")]
    NoStep,
    /// There are too many steps.
    #[error("{count} steps of time are asked for, and at most {max} are given")]
    TooMany {
        /// How many there would be.
        count: u64,
        /// How many there may be.
        max: usize,
    },
}

/// Steps of equal length from a start; the last may reach beyond the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    range: TimeRange,
    step_ns: u64,
    count: usize,
}

impl Grid {
    /// Steps of this many nanoseconds in this time.
    ///
    /// # Errors
    /// [`GridError`] where the time is empty, a step takes none, or there are more than
    /// 11,000 steps.
    pub fn new(range: TimeRange, step_ns: u64) -> Result<Self, GridError> {
        let (start_ns, end_ns) = (range.start_ns, range.end_ns);
        if end_ns <= start_ns {
            return Err(GridError::Empty { start_ns, end_ns });
        }
        if step_ns == 0 {
            return Err(GridError::NoStep);
        }
        let count = (end_ns - start_ns).div_ceil(step_ns);
        match usize::try_from(count) {
            Ok(fitting) if fitting <= STEPS_MAX => Ok(Self {
                range,
                step_ns,
                count: fitting,
            }),
            _ => Err(GridError::TooMany {
                count,
                max: STEPS_MAX,
            }),
        }
    }

    /// How many steps there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// When a step begins, in nanoseconds since the epoch.
    pub fn step_start_ns(&self, step: usize) -> u64 {
        let steps = u64::try_from(step).unwrap_or(u64::MAX);
        self.range
            .start_ns
            .saturating_add(self.step_ns.saturating_mul(steps))
    }

    /// How long a step is, in seconds.
    pub(super) fn step_seconds(&self) -> f64 {
        const NS_PER_SECOND: f64 = 1e9;
        self.step_ns as f64 / NS_PER_SECOND
    }

    /// The step that the moment falls in; `None` outside of the time.
    pub(super) fn step_of(&self, moment_ns: u64) -> Option<usize> {
        if moment_ns >= self.range.end_ns {
            return None;
        }
        let since = moment_ns.checked_sub(self.range.start_ns)?;
        usize::try_from(since / self.step_ns).ok()
    }
}

/// What a run may still keep.
#[derive(Debug)]
pub(super) struct Budget {
    cells_left: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            cells_left: CELLS_MAX,
        }
    }

    /// Takes the numbers of one more series; says whether there were enough.
    pub(super) fn take(&mut self, cells: usize) -> bool {
        match self.cells_left.checked_sub(cells) {
            Some(left) => {
                self.cells_left = left;
                true
            }
            None => false,
        }
    }
}
