//! The thread that flushes and compacts. It sleeps while the tail is empty.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use spanwalk_model::UnixNanos;

use super::catalogue::Catalogue;
use super::change::Flusher;
use super::contract::{Retained, Snapshot, Store};
use super::error::StoreError;
use super::recovery::Found;
use super::recovery::StoreOptions;
use super::retention;
use super::snapshot::StoreSnapshot;
use crate::clock;
use crate::wal::Wal;

/// The first pause after a flush that failed.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// The longest pause after flushes that failed.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// What is too old is looked for no more often than this.
const EXPIRY_PAUSE_MIN: Duration = Duration::from_secs(1);

/// What readers, senders and the worker share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) catalogue: Catalogue,
    pub(super) flusher: Flusher,
    pub(super) options: StoreOptions,
    pub(super) started: Started,
    /// What recovery put aside.
    pub(super) found: Found,
    pub(super) failure: Mutex<Option<String>>,
    pub(super) signal: Mutex<Signal>,
    pub(super) changed: Condvar,
    /// The log that senders append to elsewhere; here it lets segments go.
    pub(super) wal: Wal,
}

/// When the store was opened, on two clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Started {
    moment_ns: UnixNanos,
    instant: Instant,
}

impl Started {
    pub(super) fn now() -> Self {
        Self {
            moment_ns: clock::now_ns(),
            instant: Instant::now(),
        }
    }

    /// Now, by the clock of the system or by the time that went by since the start, whichever
    /// is less: a clock that jumps ahead shall not make data old.
    pub(super) fn now_ns(&self) -> UnixNanos {
        let elapsed_ns = u64::try_from(self.instant.elapsed().as_nanos()).unwrap_or(u64::MAX);
        clock::now_ns().min(self.moment_ns.saturating_add(elapsed_ns))
    }
}

/// What the worker waits for.
#[derive(Debug, Default)]
pub(super) struct Signal {
    is_stopping: bool,
    has_data: bool,
}

impl Shared {
    /// Tells the worker that data came.
    pub(super) fn wake(&self) {
        self.signal().has_data = true;
        self.changed.notify_one();
    }

    /// How long until something is too old; `None` where nothing ever is.
    fn until_expiry(&self) -> Option<Duration> {
        let limits = self.options.limits();
        let expiry_ns = limits.next_expiry_ns(&self.catalogue.manifest().parts)?;
        let pause_ns = expiry_ns.saturating_sub(self.started.now_ns());
        Some(Duration::from_nanos(pause_ns).max(EXPIRY_PAUSE_MIN))
    }

    fn signal(&self) -> MutexGuard<'_, Signal> {
        self.signal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set_failure(&self, failure: Option<String>) {
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
    }
}

impl Store for Shared {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        let (tail, parts) = self.catalogue.now();
        Arc::new(StoreSnapshot {
            tail,
            parts,
            disk: Arc::clone(&self.flusher.disk),
            directory: PathBuf::clone(&self.flusher.directory),
        })
    }

    fn warnings(&self) -> Vec<String> {
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.found.warnings.iter().cloned();
        found.chain(failure.clone()).collect()
    }

    fn retained(&self) -> Retained {
        let limits = self.options.limits();
        retention::retained(&self.catalogue.manifest(), limits, self.wal.bytes())
    }
}

/// The running worker.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Worker {
    pub(super) fn start(shared: Arc<Shared>) -> std::io::Result<Self> {
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || run(&for_thread))?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Flushes what is left and ends the thread; how the last flush went.
    pub(super) fn stop(&mut self) -> Result<(), StoreError> {
        self.shared.signal().is_stopping = true;
        self.shared.changed.notify_one();
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(result)) => result,
            Some(Err(_)) => {
                tracing::error!("the thread of the store panicked");
                Ok(())
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            tracing::error!(%error, "the last flush failed; the wal keeps its data");
        }
    }
}

/// Why the worker woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Woken {
    /// There is something to flush.
    Data,
    /// Something is too old now.
    Expired,
    Stopping,
}

fn run(shared: &Shared) -> Result<(), StoreError> {
    let mut retry = RETRY_FIRST;
    loop {
        let woken = wait(shared);
        let done = match woken {
            Woken::Expired => retain(shared),
            Woken::Data | Woken::Stopping => flush_once(shared),
        };
        match done {
            Ok(()) => {
                retry = RETRY_FIRST;
                shared.set_failure(None);
                if woken == Woken::Stopping {
                    return Ok(());
                }
            }
            Err(error) if woken == Woken::Stopping => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "flushing failed; the wal keeps the data");
                shared.set_failure(Some(format!(
                    "flushing fails, the data stay in the wal: {error}"
                )));
                pause(shared, retry);
                retry = (retry * 2).min(RETRY_MAX);
            }
        }
    }
}

/// Waits until the tail is full, or has held data for a while, or something is too old, or the
/// store stops.
fn wait(shared: &Shared) -> Woken {
    let until_expiry = shared.until_expiry();
    let mut guard = shared.signal();
    let is_idle = |signal: &mut Signal| !signal.has_data && !signal.is_stopping;
    if let Some(pause) = until_expiry {
        let (woken, timeout) = shared
            .changed
            .wait_timeout_while(guard, pause, is_idle)
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Woken::Expired;
        }
        guard = woken;
    } else {
        guard = shared
            .changed
            .wait_while(guard, is_idle)
            .unwrap_or_else(PoisonError::into_inner);
    }
    let (mut guard, _) = shared
        .changed
        .wait_timeout_while(guard, shared.options.flush_age, |signal| {
            !signal.is_stopping && !shared.options.is_full(shared.catalogue.tail.fill())
        })
        .unwrap_or_else(PoisonError::into_inner);
    guard.has_data = false;
    if guard.is_stopping {
        Woken::Stopping
    } else {
        Woken::Data
    }
}

/// Waits before another try; not when the store stops.
fn pause(shared: &Shared, pause: Duration) {
    let guard = shared.signal();
    let (mut guard, _) = shared
        .changed
        .wait_timeout_while(guard, pause, |signal| !signal.is_stopping)
        .unwrap_or_else(PoisonError::into_inner);
    guard.has_data = true;
}

/// Drops what is over the limits, flushes, compacts. It drops first, because that makes room.
pub(super) fn flush_once(shared: &Shared) -> Result<(), StoreError> {
    retain(shared)?;
    if let Some(position) = shared.flusher.flush(&shared.catalogue)? {
        shared.wal.release(position)?;
    }
    while shared.flusher.compact(&shared.catalogue)? {}
    retain(shared)
}

fn retain(shared: &Shared) -> Result<(), StoreError> {
    shared.flusher.retain(
        &shared.catalogue,
        shared.options.limits(),
        shared.wal.bytes(),
        shared.started.now_ns(),
    )?;
    Ok(())
}
