//! One sync for all who wait.
//!
//! One thread takes what waits, up to a size, writes it with one write, syncs it with one
//! sync, hands it on in order, and answers those who wait. It never waits for more to come:
//! while it syncs, the next group gathers by itself, so a lone request is as fast as the disk
//! and many share its syncs.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::entry::{Entry, Position};
use super::error::WalError;
use super::format::ENTRY_BYTES_MAX;
use super::frame;
use super::log::Wal;
use super::writer::{WriteError, Writer};

/// Limits of what waits for the disk and of one write.
#[derive(Debug, Clone, Copy)]
pub struct GroupCommitOptions {
    /// Bytes from which on a group takes no further entry. Beyond 2 MiB the time of a sync
    /// grows with the size.
    pub group_bytes: usize,
    /// Bytes that may wait. One entry may always wait, however large.
    pub waiting_bytes_max: usize,
    /// Entries that may wait.
    pub waiting_count_max: usize,
}

impl Default for GroupCommitOptions {
    fn default() -> Self {
        Self {
            group_bytes: 1024 * 1024,
            waiting_bytes_max: 64 * 1024 * 1024,
            waiting_count_max: 8192,
        }
    }
}

/// Takes entries from many and makes them durable in groups. `T` is what the submitter wants
/// handed on together with the position, such as the decoded request.
#[derive(Debug)]
pub struct GroupCommit<T> {
    wal: Wal,
    shared: Arc<Shared<T>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared<T> {
    queue: Mutex<Queue<T>>,
    changed: Condvar,
    options: GroupCommitOptions,
}

struct Queue<T> {
    waiting: VecDeque<Waiting<T>>,
    bytes: usize,
    /// Why nothing more is taken, once that is so.
    closed: Option<WalError>,
}

struct Waiting<T> {
    entry: Entry,
    frame_bytes: usize,
    attachment: T,
    answer: oneshot::Sender<Result<Position, WalError>>,
}

impl<T: Send + 'static> GroupCommit<T> {
    /// Starts the thread. `on_durable` runs on it, after the sync and before the submitters
    /// are answered, with entries in the order of their positions.
    ///
    /// # Errors
    /// [`WalError::Io`] where the system gives no thread.
    pub fn start(
        wal: Wal,
        options: GroupCommitOptions,
        on_durable: impl FnMut(Vec<(Position, T)>) + Send + 'static,
    ) -> Result<Self, WalError> {
        let shared = Arc::new(Shared {
            queue: Mutex::new(Queue {
                waiting: VecDeque::new(),
                bytes: 0,
                closed: None,
            }),
            changed: Condvar::new(),
            options,
        });
        let writer = Writer::new(Arc::clone(&wal.0));
        let closer = CloseOnExit(Arc::clone(&shared));
        let thread = std::thread::Builder::new()
            .name("wal".to_owned())
            .spawn(move || run(&closer.0, writer, on_durable))
            .map_err(|error| WalError::io("start a thread for", &wal.0.directory, error))?;
        Ok(Self {
            wal,
            shared,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Waits until the entry is on the disk and was handed on; returns its position. The
    /// entry is written also where the future is dropped before.
    ///
    /// # Errors
    /// Every [`WalError`] but `NewerVersion`; [`WalError::is_retryable`] says whether the
    /// sender should try again.
    pub async fn submit(&self, entry: Entry, attachment: T) -> Result<Position, WalError> {
        let answer = self.enqueue(entry, attachment)?;
        // The thread ends without an answer only where `on_durable` panicked.
        answer.await.unwrap_or_else(|_| {
            Err(WalError::Poisoned {
                cause: Arc::from("the thread of the wal ended"),
            })
        })
    }

    fn enqueue(
        &self,
        entry: Entry,
        attachment: T,
    ) -> Result<oneshot::Receiver<Result<Position, WalError>>, WalError> {
        let Some(frame_bytes) = frame::frame_bytes(&entry) else {
            return Err(WalError::EntryTooLarge {
                bytes: entry.payload.len(),
                bytes_max: ENTRY_BYTES_MAX,
            });
        };
        let mut queue = self.shared.queue();
        if let Some(reason) = &queue.closed {
            return Err(reason.clone());
        }
        let options = &self.shared.options;
        let is_full = queue.waiting.len() >= options.waiting_count_max
            || queue.bytes.saturating_add(frame_bytes) > options.waiting_bytes_max;
        if is_full && !queue.waiting.is_empty() {
            return Err(WalError::Overloaded {
                waiting_count: queue.waiting.len(),
                waiting_bytes: queue.bytes,
            });
        }
        let (sender, receiver) = oneshot::channel();
        queue.bytes += frame_bytes;
        queue.waiting.push_back(Waiting {
            entry,
            frame_bytes,
            attachment,
            answer: sender,
        });
        drop(queue);
        self.shared.changed.notify_one();
        Ok(receiver)
    }
}

impl<T> GroupCommit<T> {
    /// See [`Wal::release`].
    ///
    /// # Errors
    /// See [`Wal::release`].
    pub fn release(&self, up_to: Position) -> Result<u64, WalError> {
        self.wal.release(up_to)
    }

    /// See [`Wal::bytes`].
    pub fn bytes(&self) -> u64 {
        self.wal.bytes()
    }

    /// See [`Wal::last_position`].
    pub fn last_position(&self) -> Position {
        self.wal.last_position()
    }

    /// Why nothing more is taken, where that is so.
    pub fn closed(&self) -> Option<WalError> {
        self.shared.queue().closed.clone()
    }

    /// Takes nothing more, writes what waits, and returns when that is done. Blocks the
    /// thread that calls it.
    pub fn stop(&self) {
        self.shared.close(WalError::Stopped);
        let thread = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the thread of the wal panicked");
        }
    }
}

impl<T> Drop for GroupCommit<T> {
    fn drop(&mut self) {
        self.stop();
    }
}

impl<T> Shared<T> {
    fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nothing more in. The first reason stays.
    fn close(&self, reason: WalError) {
        self.queue().closed.get_or_insert(reason);
        self.changed.notify_all();
    }

    /// The next group; `None` where there is none and none will come.
    fn next_group(&self) -> Option<Vec<Waiting<T>>> {
        let mut queue = self.queue();
        while queue.waiting.is_empty() {
            if queue.closed.is_some() {
                return None;
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let mut group = Vec::new();
        let mut group_bytes = 0;
        while let Some(next) = queue.waiting.front() {
            if !group.is_empty() && group_bytes + next.frame_bytes > self.options.group_bytes {
                break;
            }
            group_bytes += next.frame_bytes;
            group.extend(queue.waiting.pop_front());
        }
        queue.bytes = queue.bytes.saturating_sub(group_bytes);
        Some(group)
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// Closes the queue however the thread ends, so that nobody waits for a thread that is gone.
struct CloseOnExit<T>(Arc<Shared<T>>);

impl<T> Drop for CloseOnExit<T> {
    fn drop(&mut self) {
        self.0.close(WalError::Poisoned {
            cause: Arc::from("the thread of the wal ended"),
        });
        // Dropping what waits answers those who wait.
        let waiting = std::mem::take(&mut self.0.queue().waiting);
        drop(waiting);
    }
}

fn run<T>(shared: &Shared<T>, mut writer: Writer, mut on_durable: impl FnMut(Vec<(Position, T)>)) {
    while let Some(group) = shared.next_group() {
        let mut entries = Vec::with_capacity(group.len());
        let mut others = Vec::with_capacity(group.len());
        for waiting in group {
            entries.push(waiting.entry);
            others.push((waiting.attachment, waiting.answer));
        }
        match writer.append(&entries) {
            Ok(first) => acknowledge(first, others, &mut on_durable),
            Err(WriteError::Refused(error)) => refuse(others, &error),
            Err(WriteError::Broken(error)) => {
                tracing::error!(%error, "the wal takes nothing more until a restart");
                let poisoned = WalError::Poisoned {
                    cause: Arc::from(error.to_string()),
                };
                shared.close(poisoned.clone());
                refuse(others, &poisoned);
                refuse_all_waiting(shared, &poisoned);
                return;
            }
        }
    }
}

type Answer = oneshot::Sender<Result<Position, WalError>>;

fn acknowledge<T>(
    first: Position,
    group: Vec<(T, Answer)>,
    on_durable: &mut impl FnMut(Vec<(Position, T)>),
) {
    let mut durable = Vec::with_capacity(group.len());
    let mut answers = Vec::with_capacity(group.len());
    let mut position = first;
    for (attachment, answer) in group {
        durable.push((position, attachment));
        answers.push((position, answer));
        position = position.next();
    }
    on_durable(durable);
    for (position, answer) in answers {
        // A submitter that went away needs no answer.
        let _ = answer.send(Ok(position));
    }
}

fn refuse<T>(group: Vec<(T, Answer)>, error: &WalError) {
    for (_, answer) in group {
        let _ = answer.send(Err(error.clone()));
    }
}

fn refuse_all_waiting<T>(shared: &Shared<T>, error: &WalError) {
    let waiting = std::mem::take(&mut shared.queue().waiting);
    for waiting in waiting {
        let _ = waiting.answer.send(Err(error.clone()));
    }
}
