//! The thread that flushes and compacts. It sleeps while the tail is empty.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::catalogue::Catalogue;
use super::contract::{Snapshot, Store};
use super::error::StoreError;
use super::flush::Flusher;
use super::ingest::Attachment;
use super::recovery::StoreOptions;
use super::snapshot::StoreSnapshot;
use crate::wal::GroupCommit;

/// The first pause after a flush that failed.
const RETRY_FIRST: Duration = Duration::from_secs(1);
/// The longest pause after flushes that failed.
const RETRY_MAX: Duration = Duration::from_secs(30);

/// What readers, senders and the worker share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) catalogue: Catalogue,
    pub(super) flusher: Flusher,
    pub(super) options: StoreOptions,
    /// What a person should know: what recovery put aside, why flushing fails.
    pub(super) found: Vec<String>,
    pub(super) failure: Mutex<Option<String>>,
    pub(super) signal: Mutex<Signal>,
    pub(super) changed: Condvar,
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
        self.found.iter().cloned().chain(failure.clone()).collect()
    }
}

/// The running worker.
#[derive(Debug)]
pub(super) struct Worker {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<Result<(), StoreError>>>,
}

impl Worker {
    pub(super) fn start(
        shared: Arc<Shared>,
        wal: Arc<GroupCommit<Attachment>>,
    ) -> std::io::Result<Self> {
        let for_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(move || run(&for_thread, &wal))?;
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

fn run(shared: &Shared, wal: &GroupCommit<Attachment>) -> Result<(), StoreError> {
    let mut retry = RETRY_FIRST;
    loop {
        let is_stopping = wait(shared);
        match flush_once(shared, wal) {
            Ok(()) => {
                retry = RETRY_FIRST;
                shared.set_failure(None);
                if is_stopping {
                    return Ok(());
                }
            }
            Err(error) if is_stopping => return Err(error),
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

/// Waits until the tail is full, or has held data for a while, or the store stops; whether it
/// stops.
fn wait(shared: &Shared) -> bool {
    let guard = shared.signal();
    let guard = shared
        .changed
        .wait_while(guard, |signal| !signal.has_data && !signal.is_stopping)
        .unwrap_or_else(PoisonError::into_inner);
    let (mut guard, _) = shared
        .changed
        .wait_timeout_while(guard, shared.options.flush_age, |signal| {
            !signal.is_stopping && !shared.options.is_full(shared.catalogue.tail.fill())
        })
        .unwrap_or_else(PoisonError::into_inner);
    guard.has_data = false;
    guard.is_stopping
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

fn flush_once(shared: &Shared, wal: &GroupCommit<Attachment>) -> Result<(), StoreError> {
    if let Some(position) = shared.flusher.flush(&shared.catalogue)? {
        wal.release(position)?;
    }
    while shared.flusher.compact(&shared.catalogue)? {}
    Ok(())
}
