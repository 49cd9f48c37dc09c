//! The way of one signal: from its queue, over the spool while the collector is away, to the collector.

use std::sync::Arc;
use std::time::Duration;

use tracing::Dispatch;

use super::Encoded;
use super::backoff::Backoff;
use super::encode::{Encode, Encoder};
use super::item::Weighed;
use super::queue::{Queue, Work};
use super::send::{Outcome, Sender};
use super::spool::Spool;
use crate::loss::Loss;

/// What is left of the last moments to put on disk what could not be sent.
const RESERVE: Duration = Duration::from_millis(500);

/// Why sending stopped.
#[derive(Debug, PartialEq, Eq)]
enum Stopped {
    /// Nothing waits any more.
    Empty,
    /// The collector cannot be reached, or asked to be left alone for a time.
    Away { asked: Option<Duration> },
}

pub(crate) struct Lane<T> {
    pub(super) queue: Arc<Queue<T>>,
    pub(super) sender: Sender,
    pub(super) encoder: Encoder,
    pub(super) spool: Option<Spool>,
    pub(super) delay: Duration,
    /// The oldest request in memory; younger than all on disk, older than all in the queue.
    pub(super) pending: Option<Encoded>,
    pub(super) backoff: Backoff,
    pub(super) away: bool,
    /// Where people hear of it when the collector goes or comes back.
    pub(super) told: Option<Dispatch>,
}

impl<T: Encode + Weighed> Lane<T> {
    pub(super) async fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        loop {
            match queue.wait(self.delay, self.holds()).await {
                Work::Stop { by } => {
                    let last = by.checked_sub(RESERVE).unwrap_or(by);
                    // Running out of time is one way to end; what is left is kept or counted.
                    let _ = tokio::time::timeout_at(last.into(), self.send_all()).await;
                    self.keep_or_count();
                    return queue.end();
                }
                Work::Batch { flush } => {
                    let stopped = tokio::select! {
                        stopped = self.send_all() => stopped,
                        // A request that hangs must not take the time that is left.
                        () = queue.out_of_time(RESERVE) => continue,
                    };
                    queue.flushed(flush);
                    match stopped {
                        Stopped::Empty => self.backoff.reset(),
                        Stopped::Away { asked } => self.rest(asked, flush).await,
                    }
                }
            }
        }
    }

    /// Something waits apart from the queue.
    fn holds(&self) -> bool {
        self.pending.is_some() || self.spool.as_ref().is_some_and(|it| !it.is_empty())
    }

    async fn rest(&mut self, asked: Option<Duration>, flush: u64) {
        let rest = self.backoff.rest(asked, rand::random());
        let until = tokio::time::Instant::now() + rest;
        let queue = Arc::clone(&self.queue);
        loop {
            self.spill();
            // When the disk is full too, a full queue is nothing to wake up for.
            let spills = self.spool.is_some() && !queue.half_full();
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            // A collector that asked to be left alone is, also by a flush.
            queue.rest(left, flush, asked.is_none(), spills).await;
            if !(spills && queue.half_full()) {
                return;
            }
        }
    }

    /// Moves to the disk what would soon be too much for memory.
    fn spill(&mut self) {
        while self.spool.is_some() && self.queue.half_full() {
            if let Some(request) = self.pending.take()
                && !self.keep(&request)
            {
                self.pending = Some(request);
                return;
            }
            self.fill();
            if self.pending.is_none() {
                return;
            }
        }
    }

    /// Puts a request on disk; false when there is no room, or no disk.
    fn keep(&mut self, request: &Encoded) -> bool {
        let Some(spool) = &mut self.spool else {
            return false;
        };
        let kept = spool.append(request);
        if kept.is_ok() {
            self.queue.count(|counts| counts.spooled += request.count);
        }
        kept.is_ok()
    }

    /// The process ends: what waits in memory goes to the disk, what cannot is counted.
    fn keep_or_count(&mut self) {
        loop {
            self.fill();
            let Some(request) = self.pending.take() else {
                return;
            };
            if !self.keep(&request) {
                let loss = if self.spool.is_some() {
                    Loss::Spool
                } else {
                    Loss::Ended
                };
                self.queue.count(|counts| counts.drop(loss, request.count));
            }
        }
    }

    /// Makes a request of the oldest items, if there is none.
    fn fill(&mut self) {
        if self.pending.is_none() {
            let items = self.queue.take();
            if !items.is_empty() {
                self.pending = Some(T::encode(&self.encoder, &items));
            }
        }
    }

    /// Sends, oldest first, until nothing waits or the collector cannot be reached.
    async fn send_all(&mut self) -> Stopped {
        loop {
            if self.spool.as_ref().is_some_and(|it| !it.is_empty()) {
                // What is made meanwhile must not be lost behind what is older.
                self.spill();
                if let Some(away) = self.send_oldest_on_disk().await {
                    return away;
                }
                continue;
            }
            self.fill();
            let Some(request) = self.pending.clone() else {
                return Stopped::Empty;
            };
            match self.attempt(&request).await {
                None => self.pending = None,
                Some(away) => return away,
            }
        }
    }

    async fn send_oldest_on_disk(&mut self) -> Option<Stopped> {
        let front = self.spool.as_ref().and_then(Spool::front)?;
        let count = match front {
            Ok(request) => {
                if let Some(away) = self.attempt(&request).await {
                    return Some(away);
                }
                request.count
            }
            Err(count) => {
                self.queue.count(|counts| counts.drop(Loss::Spool, count));
                count
            }
        };
        if let Some(spool) = &mut self.spool {
            spool.remove_front();
        }
        self.queue
            .count(|counts| counts.spooled = counts.spooled.saturating_sub(count));
        None
    }

    /// Sends one request; none when it is done with, for good or bad.
    async fn attempt(&mut self, request: &Encoded) -> Option<Stopped> {
        match self.sender.send(request).await {
            Outcome::Sent { rejected } => {
                let rejected = rejected.min(request.count);
                self.queue.count(|counts| {
                    counts.sent += request.count - rejected;
                    counts.drop(Loss::Rejected, rejected);
                });
                self.came_back();
                None
            }
            Outcome::Lost { loss, text } => {
                self.queue.count(|counts| counts.drop(loss, request.count));
                self.came_back();
                self.tell(|to| tracing::warn!(target: TARGET, "{} items were lost: {to}: {text}", request.count));
                None
            }
            Outcome::Retry { asked, text } => {
                if !self.away {
                    self.away = true;
                    self.tell(|to| tracing::warn!(target: TARGET, "telemetry waits: {to}: {text}"));
                }
                Some(Stopped::Away { asked })
            }
        }
    }

    fn came_back(&mut self) {
        if self.away {
            self.away = false;
            self.tell(|to| tracing::info!(target: TARGET, "telemetry is sent again to {to}"));
        }
    }

    /// Says it where the service's own events go: this thread has no subscriber.
    fn tell(&self, say: impl FnOnce(&str)) {
        if let Some(told) = &self.told {
            tracing::dispatcher::with_default(told, || say(self.sender.endpoint()));
        }
    }
}

/// The target of what the SDK says of itself.
pub(crate) const TARGET: &str = "spanwalk_sdk::telemetry";
