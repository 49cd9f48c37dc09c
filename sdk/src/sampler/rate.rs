//! A bucket of tokens that fills with time.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub(super) struct Rate {
    per_second: f64,
    state: Mutex<(f64, Instant)>,
}

impl Rate {
    /// Begins full. What is not above 0 lets nothing through.
    pub(super) fn new(per_second: f64, now: Instant) -> Self {
        let per_second = if per_second > 0.0 { per_second } else { 0.0 };
        Self {
            per_second,
            state: Mutex::new((Self::burst(per_second), now)),
        }
    }

    fn burst(per_second: f64) -> f64 {
        if per_second > 0.0 {
            per_second.max(1.0)
        } else {
            0.0
        }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&self, now: Instant) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, last) = *state;
        let passed = now.saturating_duration_since(last).as_secs_f64();
        let tokens = (tokens + passed * self.per_second).min(Self::burst(self.per_second));
        let taken = tokens >= 1.0;
        *state = (if taken { tokens - 1.0 } else { tokens }, now.max(last));
        taken
    }
}
