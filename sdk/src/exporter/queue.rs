//! The bounded queue between the threads of the service and the exporter's thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use opentelemetry::InstrumentationScope;
use opentelemetry_sdk::logs::SdkLogRecord;
use opentelemetry_sdk::trace::SpanData;

/// A log record with the scope that wrote it.
pub(crate) type ScopedRecord = (SdkLogRecord, InstrumentationScope);

/// What was made, sent and lost since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items that the service made and that were sampled.
    pub made: u64,
    /// Items that a collector accepted.
    pub sent: u64,
    /// Items lost: the queue was full, the collector refused them, or the process ended first.
    pub dropped: u64,
}

impl Counts {
    /// Items that still wait to be sent.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        self.made
            .saturating_sub(self.sent)
            .saturating_sub(self.dropped)
    }
}

/// The counts of both signals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Spans.
    pub spans: Counts,
    /// Log records.
    pub records: Counts,
}

/// What the exporter's thread is woken for.
pub(crate) enum Work {
    /// Items to send; `flush` holds the number of the flush that asked for them.
    Batch { flush: u64 },
    /// Send what is there and end.
    Stop,
}

#[derive(Debug, Default)]
struct State {
    spans: VecDeque<SpanData>,
    records: VecDeque<ScopedRecord>,
    stats: Stats,
    flush_asked: u64,
    flush_done: u64,
    stopping: bool,
    stopped: bool,
}

impl State {
    /// Somebody waits for the exporter's thread.
    fn hurried(&self) -> bool {
        self.stopping || self.flush_asked != self.flush_done
    }
}

/// Spans and records wait here; when it is full the newest are dropped and counted.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    work: Condvar,
    done: Condvar,
    capacity: usize,
    batch_count: usize,
}

impl Queue {
    pub(crate) fn new(capacity: usize, batch_count: usize) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::new(),
            done: Condvar::new(),
            capacity,
            batch_count,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while the lock is held cannot leave the queue half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn push_span(&self, span: SpanData) {
        let mut state = self.lock();
        state.stats.spans.made += 1;
        if state.stopped || state.spans.len() >= self.capacity {
            state.stats.spans.dropped += 1;
            return;
        }
        state.spans.push_back(span);
        // The first wakes a thread that sleeps without end, a full batch one that waits for more.
        if state.spans.len() == 1 || state.spans.len() == self.batch_count {
            self.work.notify_one();
        }
    }

    pub(crate) fn push_record(&self, record: ScopedRecord) {
        let mut state = self.lock();
        state.stats.records.made += 1;
        if state.stopped || state.records.len() >= self.capacity {
            state.stats.records.dropped += 1;
            return;
        }
        state.records.push_back(record);
        // The first wakes a thread that sleeps without end, a full batch one that waits for more.
        if state.records.len() == 1 || state.records.len() == self.batch_count {
            self.work.notify_one();
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats
    }

    /// Waits until there is something to do; with nothing `pending` and nothing queued that is
    /// without end. Items then wait for a full batch, `delay`, a flush or the end.
    pub(crate) fn wait(&self, delay: Duration, pending: bool) -> Work {
        let state = self.lock();
        let state = self
            .work
            .wait_while(state, |state| {
                !pending && !state.hurried() && state.spans.is_empty() && state.records.is_empty()
            })
            .unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .work
            .wait_timeout_while(state, delay, |state| {
                !state.hurried()
                    && state.spans.len() < self.batch_count
                    && state.records.len() < self.batch_count
            })
            .unwrap_or_else(PoisonError::into_inner);
        if state.stopping {
            Work::Stop
        } else {
            Work::Batch {
                flush: state.flush_asked,
            }
        }
    }

    pub(crate) fn take_spans(&self) -> Vec<SpanData> {
        let mut state = self.lock();
        let count = state.spans.len().min(self.batch_count);
        state.spans.drain(..count).collect()
    }

    pub(crate) fn take_records(&self) -> Vec<ScopedRecord> {
        let mut state = self.lock();
        let count = state.records.len().min(self.batch_count);
        state.records.drain(..count).collect()
    }

    pub(crate) fn spans_ended(&self, sent: u64, dropped: u64) {
        let mut state = self.lock();
        state.stats.spans.sent += sent;
        state.stats.spans.dropped += dropped;
    }

    pub(crate) fn records_ended(&self, sent: u64, dropped: u64) {
        let mut state = self.lock();
        state.stats.records.sent += sent;
        state.stats.records.dropped += dropped;
    }

    pub(crate) fn flushed(&self, flush: u64) {
        self.lock().flush_done = flush;
        self.done.notify_all();
    }

    /// The exporter's thread ends: what still waits is lost and counted.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.stats.spans.dropped += state.spans.len() as u64;
        state.stats.records.dropped += state.records.len() as u64;
        state.spans.clear();
        state.records.clear();
        drop(state);
        self.done.notify_all();
    }

    /// Asks for all that waits to be sent and waits for it, at most `timeout`; true when it was done in time.
    pub(crate) fn flush(&self, timeout: Duration) -> bool {
        let mut state = self.lock();
        state.flush_asked += 1;
        let mine = state.flush_asked;
        self.work.notify_one();
        let (state, _) = self
            .done
            .wait_timeout_while(state, timeout, |state| {
                state.flush_done < mine && !state.stopped
            })
            .unwrap_or_else(PoisonError::into_inner);
        state.flush_done >= mine || state.stopped
    }

    /// Ends the exporter's thread after a last attempt, waiting at most `timeout`.
    pub(crate) fn stop(&self, timeout: Duration) -> bool {
        let mut state = self.lock();
        state.stopping = true;
        self.work.notify_one();
        let (state, _) = self
            .done
            .wait_timeout_while(state, timeout, |state| !state.stopped)
            .unwrap_or_else(PoisonError::into_inner);
        state.stopped
    }

    /// Sleeps up to `delay`, less when someone is in a hurry.
    pub(crate) fn rest(&self, delay: Duration, flush: u64) {
        let state = self.lock();
        drop(
            self.work
                .wait_timeout_while(state, delay, |state| {
                    !state.stopping && state.flush_asked == flush
                })
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use opentelemetry::logs::{Logger, LoggerProvider};
    use opentelemetry_sdk::logs::SdkLoggerProvider;

    use super::*;

    /// Longer than any test may take: who returns earlier was woken.
    const LONG: Duration = Duration::from_hours(1);

    fn record() -> ScopedRecord {
        let provider = SdkLoggerProvider::builder().build();
        let record = provider.logger("test").create_log_record();
        (record, InstrumentationScope::default())
    }

    fn waiter(queue: &Arc<Queue>, delay: Duration, pending: bool) -> std::thread::JoinHandle<Work> {
        let queue = Arc::clone(queue);
        std::thread::spawn(move || queue.wait(delay, pending))
    }

    #[test]
    fn the_first_item_wakes_a_thread_that_sleeps() {
        let queue = Arc::new(Queue::new(8, 4));
        let waiter = waiter(&queue, Duration::ZERO, false);
        queue.push_record(record());
        assert!(matches!(waiter.join().unwrap(), Work::Batch { flush: 0 }));
        assert_eq!(queue.take_records().len(), 1);
    }

    #[test]
    fn a_full_batch_waits_no_longer() {
        let queue = Arc::new(Queue::new(8, 4));
        let waiter = waiter(&queue, LONG, false);
        for _ in 0..4 {
            queue.push_record(record());
        }
        assert!(matches!(waiter.join().unwrap(), Work::Batch { .. }));
        assert_eq!(queue.take_records().len(), 4);
    }

    #[test]
    fn a_flush_and_the_end_wake_a_thread_that_sleeps() {
        let queue = Arc::new(Queue::new(8, 4));
        let sleeping = waiter(&queue, LONG, false);
        assert!(!queue.flush(Duration::ZERO), "nobody has answered yet");
        assert!(matches!(sleeping.join().unwrap(), Work::Batch { flush: 1 }));
        queue.flushed(1);
        let sleeping = waiter(&queue, LONG, false);
        assert!(!queue.stop(Duration::ZERO), "nobody has ended yet");
        assert!(matches!(sleeping.join().unwrap(), Work::Stop));
    }

    #[test]
    fn what_could_not_be_sent_is_tried_again_without_new_items() {
        let queue = Queue::new(8, 4);
        assert!(matches!(
            queue.wait(Duration::ZERO, true),
            Work::Batch { .. }
        ));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let queue = Queue::new(2, 2);
        for _ in 0..3 {
            queue.push_record(record());
        }
        let counts = queue.stats().records;
        assert_eq!((counts.made, counts.dropped, counts.waiting()), (3, 1, 2));
    }
}
