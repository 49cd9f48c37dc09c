//! The only place of this crate that asks for the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use spanwalk_model::UnixNanos;

/// Now, in nanoseconds since the Unix epoch; zero where the system's clock stands before it.
pub fn now_ns() -> UnixNanos {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| u64::try_from(elapsed.as_nanos()).ok())
        .unwrap_or(0)
}

/// The moment by which an answer is wanted, on a clock that is never set.
#[derive(Debug, Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// No deadline.
    pub const NEVER: Self = Self(None);

    /// This long from now; none where that lies beyond all time.
    pub fn after(duration: Duration) -> Self {
        Self(Instant::now().checked_add(duration))
    }

    /// Whether it has passed.
    pub fn has_passed(&self) -> bool {
        self.0.is_some_and(|deadline| Instant::now() >= deadline)
    }
}
