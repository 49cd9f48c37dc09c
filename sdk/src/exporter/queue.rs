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
        if state.spans.len() == self.batch_count {
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
        if state.records.len() == self.batch_count {
            self.work.notify_one();
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats
    }

    /// Waits until a batch is full, `delay` has passed, a flush is asked or the end has come.
    pub(crate) fn wait(&self, delay: Duration) -> Work {
        let state = self.lock();
        let (state, _) = self
            .work
            .wait_timeout_while(state, delay, |state| {
                !state.stopping
                    && state.flush_asked == state.flush_done
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
