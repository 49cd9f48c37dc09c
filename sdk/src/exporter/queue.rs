//! The bounded queue between the threads of the service and the exporter's thread.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::item::Weighed;
use crate::loss::{Counts, Loss};

/// What may wait, and what is sent at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Items in memory at most.
    pub(crate) queue_count: usize,
    /// Bytes in memory at most, about.
    pub(crate) queue_bytes: usize,
    /// Items of one request at most.
    pub(crate) batch_count: usize,
    /// Bytes of one request at most, about; a single item may be larger.
    pub(crate) batch_bytes: usize,
}

/// What the exporter's thread is woken for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Items to send; `flush` holds the number of the flush that asked for them.
    Batch { flush: u64 },
    /// Send what is there until this moment and end.
    Stop { by: Instant },
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<(T, usize)>,
    bytes: usize,
    counts: Counts,
    flush_asked: u64,
    flush_done: u64,
    stop_by: Option<Instant>,
    stopped: bool,
}

impl<T> State<T> {
    /// Somebody waits for the exporter's thread.
    fn hurried(&self) -> bool {
        self.stop_by.is_some() || self.flush_asked != self.flush_done
    }

    fn full_batch(&self, sizes: &Sizes) -> bool {
        self.items.len() >= sizes.batch_count || self.bytes >= sizes.batch_bytes
    }

    fn half_full(&self, sizes: &Sizes) -> bool {
        self.items.len() * 2 > sizes.queue_count || self.bytes * 2 > sizes.queue_bytes
    }
}

/// Items wait here; when it is full the newest are dropped and counted.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    state: Mutex<State<T>>,
    /// One permit for the only waiter, the lane: nothing is missed between its looks.
    work: Notify,
    stop: Notify,
    done: Condvar,
    sizes: Sizes,
}

impl<T: Weighed> Queue<T> {
    pub(crate) fn new(sizes: Sizes) -> Self {
        Self {
            state: Mutex::new(State {
                items: VecDeque::new(),
                bytes: 0,
                counts: Counts::default(),
                flush_asked: 0,
                flush_done: 0,
                stop_by: None,
                stopped: false,
            }),
            work: Notify::new(),
            stop: Notify::new(),
            done: Condvar::new(),
            sizes,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // A panic while the lock is held cannot leave the queue half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Never waits for anything but the lock, which nobody holds for long.
    pub(crate) fn push(&self, item: T) {
        let weight = item.weight_bytes();
        let mut state = self.lock();
        state.counts.made += 1;
        if state.stopped {
            state.counts.drop(Loss::Ended, 1);
            return;
        }
        if state.items.len() >= self.sizes.queue_count
            || state.bytes + weight > self.sizes.queue_bytes
        {
            state.counts.drop(Loss::QueueFull, 1);
            return;
        }
        let (was_batch, was_half) = (state.full_batch(&self.sizes), state.half_full(&self.sizes));
        state.items.push_back((item, weight));
        state.bytes += weight;
        // The first wakes a thread that sleeps without end, a full batch one that waits for more, a
        // half full queue one that rests while the collector is away.
        let wake = state.items.len() == 1
            || (!was_batch && state.full_batch(&self.sizes))
            || (!was_half && state.half_full(&self.sizes));
        drop(state);
        if wake {
            self.work.notify_one();
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.lock().counts
    }

    /// Changes the counts.
    pub(crate) fn count(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.lock().counts);
    }

    /// Waits until there is something to do; with nothing `pending` and nothing queued that is
    /// without end. Items then wait for a full batch, `delay`, a flush or the end.
    pub(crate) async fn wait(&self, delay: Duration, pending: bool) -> Work {
        self.until(|state, _| pending || state.hurried() || !state.items.is_empty())
            .await;
        let ready =
            self.until(|state, sizes| pending || state.hurried() || state.full_batch(sizes));
        // Running out of time is the other way to be ready.
        let _ = tokio::time::timeout(delay, ready).await;
        let state = self.lock();
        match state.stop_by {
            Some(by) => Work::Stop { by },
            None => Work::Batch {
                flush: state.flush_asked,
            },
        }
    }

    async fn until(&self, ready: impl Fn(&State<T>, &Sizes) -> bool) {
        loop {
            if ready(&self.lock(), &self.sizes) {
                return;
            }
            self.work.notified().await;
        }
    }

    /// Rests up to `delay`: less at the end, and, where `hasty`, when a flush is asked for after the
    /// number `flush`, or, where `spills`, when the queue is half full.
    pub(crate) async fn rest(&self, delay: Duration, flush: u64, hasty: bool, spills: bool) {
        let disturbed = self.until(|state, sizes| {
            state.stop_by.is_some()
                || (hasty && state.flush_asked != flush)
                || (spills && state.half_full(sizes))
        });
        // Having rested is the usual way out.
        let _ = tokio::time::timeout(delay, disturbed).await;
    }

    /// Ends a `reserve` before the moment until which the exporter may go on, once it has to end.
    pub(crate) async fn out_of_time(&self, reserve: Duration) {
        loop {
            let by = self.lock().stop_by;
            if let Some(by) = by {
                let by = by.checked_sub(reserve).unwrap_or(by);
                tokio::time::sleep_until(by.into()).await;
                return;
            }
            self.stop.notified().await;
        }
    }

    pub(crate) fn half_full(&self) -> bool {
        self.lock().half_full(&self.sizes)
    }

    /// The oldest items, as many as one request holds.
    pub(crate) fn take(&self) -> Vec<T> {
        let mut state = self.lock();
        let mut taken = Vec::with_capacity(state.items.len().min(self.sizes.batch_count));
        let mut bytes = 0;
        while taken.len() < self.sizes.batch_count {
            let Some((_, weight)) = state.items.front() else {
                break;
            };
            if !taken.is_empty() && bytes + weight > self.sizes.batch_bytes {
                break;
            }
            if let Some((item, weight)) = state.items.pop_front() {
                bytes += weight;
                taken.push(item);
            }
        }
        state.bytes = state.bytes.saturating_sub(bytes);
        taken
    }

    pub(crate) fn flushed(&self, flush: u64) {
        let mut state = self.lock();
        state.flush_done = state.flush_done.max(flush);
        drop(state);
        self.done.notify_all();
    }

    /// The lane ends: what still waits in memory is lost and counted.
    pub(crate) fn end(&self) {
        let mut state = self.lock();
        state.stopped = true;
        let count = state.items.len() as u64;
        state.counts.drop(Loss::Ended, count);
        state.items.clear();
        state.bytes = 0;
        drop(state);
        self.done.notify_all();
    }

    /// Asks for all that waits to be sent; the number is for [`Self::wait_flushed`].
    pub(crate) fn ask_flush(&self) -> u64 {
        let mut state = self.lock();
        state.flush_asked += 1;
        let mine = state.flush_asked;
        drop(state);
        self.work.notify_one();
        mine
    }

    /// True when an attempt at all of it has ended by `by`.
    pub(crate) fn wait_flushed(&self, mine: u64, by: Instant) -> bool {
        self.wait_done(by, |state| state.flush_done >= mine || state.stopped)
    }

    /// Asks the lane for a last attempt that ends by `by`.
    pub(crate) fn ask_stop(&self, by: Instant) {
        let mut state = self.lock();
        state.stop_by.get_or_insert(by);
        drop(state);
        self.work.notify_one();
        self.stop.notify_one();
    }

    /// True when the lane has ended by `by`.
    pub(crate) fn wait_stopped(&self, by: Instant) -> bool {
        self.wait_done(by, |state| state.stopped)
    }

    fn wait_done(&self, by: Instant, done: impl Fn(&State<T>) -> bool) -> bool {
        let timeout = by.saturating_duration_since(Instant::now());
        let (state, _) = self
            .done
            .wait_timeout_while(self.lock(), timeout, |state| !done(state))
            .unwrap_or_else(PoisonError::into_inner);
        done(&state)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Longer than any test may take: who returns earlier was woken.
    const LONG: Duration = Duration::from_hours(1);

    impl Weighed for u8 {
        fn weight_bytes(&self) -> usize {
            usize::from(*self)
        }
    }

    fn queue(queue_count: usize, batch_count: usize) -> Arc<Queue<u8>> {
        Arc::new(Queue::new(Sizes {
            queue_count,
            queue_bytes: 100,
            batch_count,
            batch_bytes: 50,
        }))
    }

    fn waiter(queue: &Arc<Queue<u8>>, delay: Duration) -> std::thread::JoinHandle<Work> {
        let queue = Arc::clone(queue);
        std::thread::spawn(move || run(queue.wait(delay, false)))
    }

    fn run<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(future)
    }

    #[test]
    fn the_first_item_wakes_a_thread_that_sleeps() {
        let queue = queue(8, 4);
        let waiter = waiter(&queue, Duration::ZERO);
        queue.push(1);
        assert_eq!(waiter.join().unwrap(), Work::Batch { flush: 0 });
        assert_eq!(queue.take().len(), 1);
    }

    #[test]
    fn a_full_batch_waits_no_longer() {
        for weights in [[1, 1, 1, 1].as_slice(), &[20, 20, 20]] {
            let queue = queue(8, 4);
            let waiter = waiter(&queue, LONG);
            for weight in weights {
                queue.push(*weight);
            }
            assert_eq!(waiter.join().unwrap(), Work::Batch { flush: 0 });
        }
    }

    #[test]
    fn a_batch_is_bounded_by_count_and_by_bytes() {
        let queue = queue(8, 4);
        for weight in [20, 20, 20, 1, 1, 1, 1, 1] {
            queue.push(weight);
        }
        assert_eq!(queue.take(), [20, 20]);
        assert_eq!(queue.take(), [20, 1, 1, 1]);
        assert_eq!(queue.take(), [1, 1]);
        queue.push(90);
        assert_eq!(queue.take(), [90], "an item larger than a batch goes alone");
    }

    #[test]
    fn a_flush_and_the_end_wake_a_thread_that_sleeps() {
        let queue = queue(8, 4);
        let sleeping = waiter(&queue, LONG);
        let mine = queue.ask_flush();
        assert!(
            !queue.wait_flushed(mine, Instant::now()),
            "nobody has answered yet"
        );
        assert_eq!(sleeping.join().unwrap(), Work::Batch { flush: mine });
        queue.flushed(mine);
        assert!(queue.wait_flushed(mine, Instant::now()));
        let sleeping = waiter(&queue, LONG);
        let by = Instant::now();
        queue.ask_stop(by);
        assert_eq!(sleeping.join().unwrap(), Work::Stop { by });
        assert!(!queue.wait_stopped(by), "nobody has ended yet");
    }

    #[test]
    fn a_rest_ends_early_for_a_flush_the_end_and_a_full_queue_where_wished() {
        let resting = |spills, hasty, disturb: fn(&Queue<u8>)| {
            let queue = queue(8, 4);
            disturb(&queue);
            run(queue.rest(LONG, 0, hasty, spills));
        };
        resting(false, true, |queue| _ = queue.ask_flush());
        resting(false, false, |queue| queue.ask_stop(Instant::now()));
        resting(true, false, |queue| (0..5).for_each(|_| queue.push(1)));
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let by_count = queue(2, 2);
        (0..3).for_each(|_| by_count.push(1));
        let counts = by_count.counts();
        assert_eq!((counts.made, counts.dropped, counts.waiting()), (3, 1, 2));
        let by_bytes = queue(8, 2);
        (0..3).for_each(|_| by_bytes.push(40));
        assert_eq!(by_bytes.counts().dropped_for(Loss::QueueFull), 1);
    }
}
