//! How long to rest after a failed attempt: exponential, with jitter, unless the collector says.

use std::time::Duration;

/// The first rest.
const FIRST: Duration = Duration::from_millis(250);
/// The longest: a collector that is back is found within this time.
const LONGEST: Duration = Duration::from_secs(5);
/// The longest rest that a collector can ask for: a wrong number must not silence a service.
const ASKED_MAX: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    pub(crate) fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The rest after another failure. `chance`, from 0 to 1, spreads it over the upper half, so
    /// that many services do not come back at once; what the collector `asked` for is a minimum.
    pub(crate) fn rest(&mut self, asked: Option<Duration>, chance: f64) -> Duration {
        let half = self.next / 2;
        let own = half + half.mul_f64(chance.clamp(0.0, 1.0));
        self.next = (self.next * 2).min(LONGEST);
        match asked {
            // A little more for each: all of them were told the same.
            Some(asked) => asked.min(ASKED_MAX) + FIRST.mul_f64(chance.clamp(0.0, 1.0)),
            None => own,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rests_double_up_to_the_longest_and_begin_anew_after_success() {
        let mut backoff = Backoff::default();
        let rests: Vec<_> = (0..7)
            .map(|_| backoff.rest(None, 1.0).as_millis())
            .collect();
        assert_eq!(rests, [250, 500, 1000, 2000, 4000, 5000, 5000]);
        backoff.reset();
        assert_eq!(backoff.rest(None, 0.0).as_millis(), 125, "half at least");
    }

    #[test]
    fn the_collectors_wish_is_a_minimum_within_bounds() {
        let mut backoff = Backoff::default();
        let asked = Duration::from_secs(7);
        assert!(backoff.rest(Some(asked), 0.0) >= asked);
        assert_eq!(backoff.rest(Some(Duration::MAX), 0.0), ASKED_MAX);
    }
}
