//! Memory is spent only with a permit: one budget of bytes for all requests in flight.
//!
//! A listener takes a permit for what it is about to read and gives it back when the request
//! is answered. Where nothing is left it refuses, with a hint when to come back; what was
//! accepted is never dropped. What a listener does not know before, such as the size of a
//! chunked body, it takes piece by piece with [`Permit::grow`].
//!
//! - `tokens`: who may send and who may ask.

mod tokens;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

pub use tokens::{Access, Denial, Right, TokensError};

/// The shortest hint, in seconds.
const RETRY_AFTER_MIN_S: u64 = 1;
/// The longest hint, in seconds. Exporters give up after some tens of seconds, so that a
/// longer one would lose their data.
const RETRY_AFTER_MAX_S: u64 = 30;
/// How many more requests refused than admitted make the hint its longest.
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
    /// How many stand at the door: refused and not yet made up for by one admitted.
    pressure: AtomicU64,
    /// Spreads the hints.
    turn: AtomicU64,
}

/// Why there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Others hold it now.
    #[error(
        "overloaded: requests in flight hold {held_bytes} of {bytes_max} bytes; try again in {retry_after_s} s"
    )]
    Now {
        /// Bytes that are held.
        held_bytes: usize,
        /// The whole budget.
        bytes_max: usize,
        /// When to come back, in whole seconds.
        retry_after_s: u64,
    },
    /// The one request needs more than there is at all, so that waiting does not help.
    #[error(
        "the request needs more than the {bytes_max} bytes that all requests in flight may hold; send smaller batches"
    )]
    Never {
        /// The whole budget.
        bytes_max: usize,
    },
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

    /// Bytes that requests in flight may hold.
    pub fn bytes_max(&self) -> usize {
        self.state.bytes_max
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
        if self
            .bytes
            .checked_add(bytes)
            .is_none_or(|total| total > state.bytes_max)
        {
            return Err(Refusal::Never {
                bytes_max: state.bytes_max,
            });
        }
        let taken = state
            .held
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |held| {
                held.checked_add(bytes)
                    .filter(|total| *total <= state.bytes_max)
            });
        match taken {
            Ok(_) => {
                // Once for a request: one that grows piece by piece is one that was admitted.
                if self.bytes == 0 && bytes > 0 {
                    state.relieve();
                }
                self.bytes += bytes;
                Ok(())
            }
            Err(held_bytes) => Err(Refusal::Now {
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
    /// Counts a request that was admitted.
    fn relieve(&self) {
        // The closure always gives a value, so that there is no error.
        let _ = self
            .pressure
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |pressure| {
                Some(pressure.saturating_sub(1))
            });
    }

    /// Counts a refusal and says when to come back: later the more are refused than admitted,
    /// and spread, so that those who were refused together do not return together.
    fn refuse(&self) -> u64 {
        let grown = |pressure: u64| pressure.saturating_add(1).min(PRESSURE_FULL);
        let pressure = self
            .pressure
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |pressure| {
                Some(grown(pressure))
            })
            .map_or(PRESSURE_FULL, grown);
        let longest =
            RETRY_AFTER_MIN_S + (RETRY_AFTER_MAX_S - RETRY_AFTER_MIN_S) * pressure / PRESSURE_FULL;
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
        assert!(
            matches!(
                refusal,
                Refusal::Now {
                    held_bytes: 100,
                    bytes_max: 100,
                    ..
                }
            ),
            "{refusal}"
        );
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
    fn what_there_will_never_be_room_for_is_no_matter_of_time() {
        let budget = Budget::new(10);
        let mut permit = budget.admit(8).unwrap();
        for bytes in [3, usize::MAX] {
            let refusal = permit.grow(bytes).unwrap_err();
            assert_eq!(refusal, Refusal::Never { bytes_max: 10 });
        }
        assert!(matches!(budget.admit(3), Err(Refusal::Now { .. })));
    }

    #[test]
    fn empty_permits_do_not_shorten_the_hints_and_admissions_do() {
        let budget = Budget::new(1);
        let held = budget.admit(1).unwrap();
        for _ in 0..PRESSURE_FULL {
            let mut permit = budget.admit(0).unwrap();
            permit.grow(1).unwrap_err();
        }
        assert!((0..50).any(|_| budget.retry_after_s() > 20));
        drop(held);
        for _ in 0..PRESSURE_FULL {
            drop(budget.admit(1).unwrap());
        }
        assert_eq!(budget.retry_after_s(), 1);
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
