//! Waits until something is so.

use std::thread;
use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; only a defect reaches it.
pub const DEADLINE: Duration = Duration::from_mins(1);

/// How long to leave the other side alone between two questions.
const PAUSE: Duration = Duration::from_millis(20);

/// Asks until there is an answer, for things that cannot be listened to.
///
/// # Panics
/// Where the deadline passes; the message says what was waited for.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(
            begin.elapsed() < DEADLINE,
            "waited {DEADLINE:?} in vain for {what}"
        );
        thread::sleep(PAUSE);
    }
}
