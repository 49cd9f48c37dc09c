//! Visitors of the shop: an open loop, so that a slow shop does not slow its visitors.
//!
//! The visitors are not instrumented: traces begin at the gateway.

mod journey;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::DemoError;
use journey::{Answered, Visitors};

/// Requests that run at the same time; one more is skipped and counted.
const RUNNING_MAX: u32 = 64;
/// The highest rate that is taken.
const RATE_MAX: f64 = 1_000.0;
/// The gap between the first requests, whatever the rate.
const OPENING_GAP: Duration = Duration::from_millis(150);
/// How long one request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How far behind the generator may be before it gives up to catch up.
const LATE_MAX: Duration = Duration::from_secs(1);

/// How the requests ended so far.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) sent: AtomicU64,
    /// Answers 4xx: out of stock, card declined.
    pub(crate) refused: AtomicU64,
    /// Answers 5xx, and none.
    pub(crate) failed: AtomicU64,
    /// Not sent, as too many were running.
    pub(crate) skipped: AtomicU64,
}

/// The visitors while they come.
#[derive(Debug)]
pub(crate) struct Load {
    counts: Arc<Counts>,
    running: Arc<Semaphore>,
    generator: JoinHandle<()>,
}

impl Load {
    /// Sends visitors to `gateway_url`, `rate_per_s` in the mean; the same `seed` sends the same ones.
    pub(crate) fn start(gateway_url: &str, rate_per_s: f64, seed: u64) -> Result<Self, DemoError> {
        check_rate(rate_per_s)?;
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(REQUEST_TIMEOUT)
            .user_agent("spanwalk-demo-load")
            .build()?;
        let counts = Arc::new(Counts::default());
        let running = Arc::new(Semaphore::new(RUNNING_MAX as usize));
        let generator = Generator {
            client,
            base: gateway_url.to_owned(),
            counts: Arc::clone(&counts),
            running: Arc::clone(&running),
            visitors: Visitors::default(),
            random: StdRng::seed_from_u64(seed),
        };
        Ok(Self {
            counts,
            running,
            generator: tokio::spawn(generator.run(rate_per_s)),
        })
    }

    pub(crate) fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Sends nobody any more, and waits for those who are there, at most `timeout`.
    pub(crate) async fn stop(self, timeout: Duration) {
        self.generator.abort();
        let all = self.running.acquire_many(RUNNING_MAX);
        // Who is still there then is cut off with the shop.
        let _left = tokio::time::timeout(timeout, all).await;
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.generator.abort();
    }
}

/// Whether there can be so many requests per second.
pub(crate) fn check_rate(rate_per_s: f64) -> Result<(), DemoError> {
    if (0.0..=RATE_MAX).contains(&rate_per_s) {
        return Ok(());
    }
    Err(DemoError::Rate {
        rate_per_s,
        max: RATE_MAX,
    })
}

struct Generator {
    client: reqwest::Client,
    base: String,
    counts: Arc<Counts>,
    running: Arc<Semaphore>,
    visitors: Visitors,
    random: StdRng,
}

impl Generator {
    async fn run(mut self, rate_per_s: f64) {
        if rate_per_s <= 0.0 {
            return;
        }
        for journey in journey::opening() {
            self.send(journey);
            tokio::time::sleep(OPENING_GAP).await;
        }
        let mut next = Instant::now();
        loop {
            next += gap(&mut self.random, rate_per_s);
            if next + LATE_MAX < Instant::now() {
                // The machine slept or was stopped; the missed visitors do not come all at once.
                next = Instant::now();
            }
            tokio::time::sleep_until(next).await;
            let journey = self.visitors.next(&mut self.random);
            self.send(journey);
        }
    }

    fn send(&self, journey: journey::Journey) {
        let Ok(permit) = Arc::clone(&self.running).try_acquire_owned() else {
            self.counts.skipped.fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.counts.sent.fetch_add(1, Ordering::Relaxed);
        let (client, base) = (self.client.clone(), self.base.clone());
        let (counts, visitors) = (Arc::clone(&self.counts), self.visitors.clone());
        tokio::spawn(async move {
            match journey.go(&client, &base, &visitors).await {
                Answered::Well => {}
                Answered::Refused => {
                    counts.refused.fetch_add(1, Ordering::Relaxed);
                }
                Answered::Failed => {
                    counts.failed.fetch_add(1, Ordering::Relaxed);
                }
            }
            drop(permit);
        });
    }
}

/// The time to the next visitor of many who know nothing of each other: exponential, one minute at most.
fn gap(random: &mut StdRng, rate_per_s: f64) -> Duration {
    let share: f64 = random.random_range(f64::EPSILON..1.0);
    Duration::from_secs_f64((-share.ln() / rate_per_s).min(60.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_have_the_mean_that_was_asked_for() {
        let mut random = StdRng::seed_from_u64(7);
        let count = 20_000;
        let sum: f64 = (0..count)
            .map(|_| gap(&mut random, 5.0).as_secs_f64())
            .sum();
        let mean = sum / f64::from(count);
        assert!((0.19..0.21).contains(&mean), "{mean}");
    }

    #[test]
    fn rates_that_are_none_are_refused() {
        assert!(check_rate(0.0).is_ok());
        assert!(check_rate(5.0).is_ok());
        for wrong in [-1.0, 1_001.0, f64::NAN, f64::INFINITY] {
            assert!(check_rate(wrong).is_err(), "{wrong}");
        }
    }
}
