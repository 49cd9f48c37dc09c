//! Memory is spent only with a permit: one budget of bytes for all requests in flight.
//!
//! A listener takes a permit for what it is about to read and gives it back when the request
//! is answered. Where nothing is left it refuses, with a hint when to come back; what was
//! accepted is never dropped. What a listener does not know before, such as the size of a
//! chunked body, it takes piece by piece with [`Permit::grow`].

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The shortest hint, in seconds.
const RETRY_AFTER_MIN_S: u64 = 1;
/// The longest hint, in seconds. Exporters give up after some tens of seconds, so that a
/// longer one would lose their data.
const RETRY_AFTER_MAX_S: u64 = 30;
/// Refusals in a row after which the hint has grown to its longest.
const PRESSURE_FULL: u64 = 256;

/// Bytes that requests in flight may hold. Clones share it.
#[derive(Debug, Clone)]
pub struct Budget {
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    bytes_max: usize,
    held: AtomicUsize,
    /// Refusals since a request was last admitted: how many stand at the door.
    pressure: AtomicU64,
    /// Spreads the hints.
    turn: AtomicU64,
}

/// There is no room now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "overloaded: requests in flight hold {held_bytes} of {bytes_max} bytes; try again in {retry_after_s} s"
)]
pub struct Refusal {
    /// Bytes that others hold.
    pub held_bytes: usize,
    /// The whole budget.
    pub bytes_max: usize,
    /// When to come back, in whole seconds.
    pub retry_after_s: u64,
}

impl Budget {
    /// A budget of so many bytes.
    pub fn new(bytes_max: usize) -> Self {
        Self {
            state: Arc::new(State {
                bytes_max,
                held: AtomicUsize::new(0),
                pressure: AtomicU64::new(0),
                turn: AtomicU64::new(0),
            }),
        }
    }

    /// A permit for so many bytes.
    ///
    /// # Errors
    /// [`Refusal`] where less is left.
    pub fn admit(&self, bytes: usize) -> Result<Permit, Refusal> {
        let mut permit = Permit {
            state: Arc::clone(&self.state),
            bytes: 0,
        };
        permit.grow(bytes)?;
        Ok(permit)
    }

    /// Bytes that requests in flight hold now.
    pub fn held_bytes(&self) -> usize {
        self.state.held.load(Ordering::Relaxed)
    }

    /// When a sender that is refused for another reason should come back, in whole seconds.
    pub fn retry_after_s(&self) -> u64 {
        self.state.refuse()
    }
}

/// The right to hold some bytes until it is dropped.
#[derive(Debug)]
pub struct Permit {
    state: Arc<State>,
    bytes: usize,
}

impl Permit {
    /// Takes so many bytes more.
    ///
    /// # Errors
    /// [`Refusal`] where less is left; what is held stays held.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let state = &self.state;
        let taken = state
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
                held.checked_add(bytes)
                    .filter(|total| *total <= state.bytes_max)
            });
        match taken {
            Ok(_) => {
                self.bytes += bytes;
                state.pressure.store(0, Ordering::Relaxed);
                Ok(())
            }
            Err(held_bytes) => Err(Refusal {
                held_bytes,
                bytes_max: state.bytes_max,
                retry_after_s: state.refuse(),
            }),
        }
    }

    /// Bytes held.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.state.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

impl State {
    /// Counts a refusal and says when to come back: later the more are refused in a row, and
    /// spread, so that those who were refused together do not return together.
    fn refuse(&self) -> u64 {
        let pressure = self
            .pressure
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        let longest = RETRY_AFTER_MIN_S
            + (RETRY_AFTER_MAX_S - RETRY_AFTER_MIN_S) * pressure.min(PRESSURE_FULL) / PRESSURE_FULL;
        // Steps of the golden ratio fall evenly on a range, without chance (Knuth, The Art of
        // Computer Programming, volume 3, section 6.4).
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let spread = turn.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        RETRY_AFTER_MIN_S + spread % longest.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budget = Budget::new(100);
        let first = budget.admit(60).unwrap();
        let mut second = budget.admit(40).unwrap();
        let refusal = budget.admit(1).unwrap_err();
        assert_eq!((refusal.held_bytes, refusal.bytes_max), (100, 100));
        drop(first);
        second.grow(60).unwrap();
        assert_eq!((second.bytes(), budget.held_bytes()), (100, 100));
        drop(second);
        assert_eq!(budget.held_bytes(), 0);
    }

    #[test]
    fn a_refused_growth_takes_nothing() {
        let budget = Budget::new(10);
        let mut permit = budget.admit(8).unwrap();
        permit.grow(usize::MAX).unwrap_err();
        permit.grow(3).unwrap_err();
        assert_eq!(budget.held_bytes(), 8);
    }

    #[test]
    fn hints_grow_with_the_crowd_and_differ() {
        let budget = Budget::new(0);
        let hints: Vec<u64> = (0..1000).map(|_| budget.retry_after_s()).collect();
        assert!(
            hints
                .iter()
                .all(|hint| (RETRY_AFTER_MIN_S..=RETRY_AFTER_MAX_S).contains(hint))
        );
        assert!(hints.iter().take(8).all(|hint| *hint <= 3), "{hints:?}");
        let late: std::collections::BTreeSet<u64> = hints.iter().skip(500).copied().collect();
        assert!(late.len() > 20, "{late:?}");
    }
}
