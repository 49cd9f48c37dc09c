//! Engine calls on threads that may block: so many at once, and so long.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::problem::ApiError;
use crate::clock::Deadline;

/// How long beyond its deadline work may go on before nobody waits for it any more. The engine
/// looks at the deadline between two traces, and one of them may be large.
const GRACE: Duration = Duration::from_secs(5);

/// Lets work run that blocks.
#[derive(Debug)]
pub(super) struct Runner {
    places: Arc<Semaphore>,
    at_once: usize,
    timeout: Duration,
    grace: Duration,
}

impl Runner {
    /// So many pieces of work at once, each this long, waiting for a place included.
    pub(super) fn new(at_once: usize, timeout: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(at_once)),
            at_once,
            timeout,
            grace: GRACE,
        }
    }

    /// Waits for a place, then for the work. Work that was begun goes to its end, and keeps
    /// its place until then, also where nobody waits for it any more.
    ///
    /// # Errors
    /// What the work says; [`ApiError::Busy`] where no place became free in time;
    /// [`ApiError::TimedOut`] where the work did not mind its deadline;
    /// [`ApiError::Panicked`] where it panicked.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(Deadline) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let deadline = Deadline::after(self.timeout);
        let waiting = timeout(self.timeout, Arc::clone(&self.places).acquire_owned());
        let Ok(Ok(place)) = waiting.await else {
            return Err(ApiError::Busy {
                at_once: self.at_once,
                waited: self.timeout,
            });
        };
        let task = tokio::task::spawn_blocking(move || {
            let _place = place;
            work(deadline)
        });
        match timeout(self.timeout.saturating_add(self.grace), task).await {
            Ok(Ok(result)) => result,
            Ok(Err(error)) if error.is_panic() => Err(ApiError::Panicked),
            // The runtime takes no new work when it ends.
            Ok(Err(_)) => Err(ApiError::Stopping),
            Err(_) => Err(ApiError::TimedOut {
                allowed: self.timeout,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;

    use super::*;

    fn runner(at_once: usize) -> Runner {
        Runner {
            grace: Duration::ZERO,
            ..Runner::new(at_once, Duration::ZERO)
        }
    }

    #[tokio::test]
    async fn work_runs_and_its_place_becomes_free() {
        let runner = Runner::new(1, Duration::from_mins(1));
        for number in 0..3 {
            assert_eq!(runner.run(move |_| Ok(number)).await.unwrap(), number);
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_its_place_becomes_free() {
        let runner = Runner::new(1, Duration::from_mins(1));
        let failed = runner.run::<()>(|_| panic!("of this test")).await;
        assert!(matches!(failed, Err(ApiError::Panicked)));
        assert_eq!(runner.run(|_| Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn nobody_waits_beyond_the_time_and_the_place_stays_taken() {
        let runner = runner(1);
        let (release, released) = sync_channel::<()>(1);
        let (tell_end, ended) = tokio::sync::oneshot::channel();
        let late = runner.run(move |deadline| {
            released.recv().unwrap();
            tell_end.send(deadline.has_passed()).unwrap();
            Ok(())
        });
        assert!(matches!(late.await, Err(ApiError::TimedOut { .. })));
        let refused = runner.run(|_| Ok(())).await;
        assert!(matches!(refused, Err(ApiError::Busy { at_once: 1, .. })));
        release.send(()).unwrap();
        assert!(ended.await.unwrap());
        drop(runner.places.acquire().await.unwrap());
    }
}
