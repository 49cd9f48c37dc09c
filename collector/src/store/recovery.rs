//! Opens a data directory, whatever a crash left in it.

use std::collections::{BTreeMap, HashSet};
use std::io::ErrorKind;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use spanwalk_model::Batch;
use spanwalk_model::otlp::{DecodeError, protobuf};

use super::catalogue::Catalogue;
use super::change::Flusher;
use super::contract::Store;
use super::error::{OpenError, StoreError};
use super::ingest::Ingest;
use super::manifest::Manifest;
use super::part::{PARTS_DIRECTORY, Part, directory_of};
use super::retention::Limits;
use super::worker::{Shared, Signal, Started, Worker};
use crate::disk::{DirectoryLock, Disk, RealDisk};
use crate::tail::{Arrival, Fill};
use crate::wal::{
    Entry, GroupCommit, GroupCommitOptions, Position, Signal as WalSignal, Wal, WalOptions,
};

/// The directory of the wal in a data directory.
const WAL_DIRECTORY: &str = "wal";
/// Where damaged things are put.
const QUARANTINE_DIRECTORY: &str = "quarantine";

/// How the store keeps data.
#[derive(Debug, Clone, Copy)]
pub struct StoreOptions {
    /// Nanoseconds of a window of time.
    pub window_ns: u64,
    /// Spans and records in the tail from which on it is flushed.
    pub flush_items: usize,
    /// Bytes of payload in the tail from which on it is flushed.
    pub flush_bytes: usize,
    /// How long data stay in the tail at most.
    pub flush_age: Duration,
    /// How long data are kept after they arrived; `None` for ever.
    pub retention_age: Option<Duration>,
    /// Bytes that windows and wal may take together; `None` for no limit.
    pub retention_bytes: Option<u64>,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            window_ns: 3_600_000_000_000,
            flush_items: 100_000,
            flush_bytes: 64 * 1024 * 1024,
            flush_age: Duration::from_mins(1),
            retention_age: None,
            retention_bytes: None,
        }
    }
}

/// The tail refuses more at this many times the size it is flushed at.
const OVERLOAD_FACTOR: usize = 2;

impl StoreOptions {
    /// What is kept how long.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            age: self.retention_age,
            bytes: self.retention_bytes,
        }
    }

    /// Whether the tail should be flushed.
    pub(super) fn is_full(&self, fill: Fill) -> bool {
        fill.items >= self.flush_items || fill.payload_bytes >= self.flush_bytes
    }

    /// Whether flushing does not keep up.
    pub(super) fn is_over(&self, fill: Fill) -> bool {
        fill.items >= self.flush_items.saturating_mul(OVERLOAD_FACTOR)
            || fill.payload_bytes >= self.flush_bytes.saturating_mul(OVERLOAD_FACTOR)
    }
}

/// An open data directory.
pub struct OpenStore {
    shared: Arc<Shared>,
    ingest: Ingest,
    worker: Worker,
    // Last, so that it is given back after everything else ended.
    _lock: Option<DirectoryLock>,
}

impl std::fmt::Debug for OpenStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenStore").finish_non_exhaustive()
    }
}

impl OpenStore {
    /// The store, for queries.
    pub fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.shared) as Arc<dyn Store>
    }

    /// Items that were acknowledged once and could not be read back at this start, by reason;
    /// what a damaged wal entry held is not known, it counts as one.
    pub fn lost(&self) -> &BTreeMap<&'static str, u64> {
        &self.shared.found.lost
    }

    /// The way in.
    pub fn ingest(&self) -> Ingest {
        self.ingest.clone()
    }

    /// Flushes, compacts and drops on this thread, as the worker does on its own.
    #[cfg(test)]
    pub(super) fn flush_now(&self) -> Result<(), StoreError> {
        super::worker::flush_once(&self.shared)
    }

    /// Takes nothing more, flushes, and gives the directory back. Blocks.
    ///
    /// # Errors
    /// [`StoreError`] where the last flush failed; the wal then keeps its data.
    pub fn stop(mut self) -> Result<(), StoreError> {
        self.ingest.wal.stop();
        self.worker.stop()
    }
}

/// Opens a data directory and makes it where it is missing. Blocks until everything in the
/// wal is visible.
///
/// # Errors
/// [`OpenError`]. Damaged parts and wal entries are no error: they are put aside and told of
/// in [`Store::warnings`].
pub fn open(directory: &Path, options: StoreOptions) -> Result<OpenStore, OpenError> {
    let lock = DirectoryLock::acquire(directory)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    open_locked(&disk, directory, options, Some(lock))
}

/// As [`open`], on any disk, and without keeping other processes out.
///
/// # Errors
/// [`OpenError`].
pub fn open_on(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    options: StoreOptions,
) -> Result<OpenStore, OpenError> {
    open_locked(disk, directory, options, None)
}

fn open_locked(
    disk: &Arc<dyn Disk>,
    directory: &Path,
    options: StoreOptions,
    lock: Option<DirectoryLock>,
) -> Result<OpenStore, OpenError> {
    prepare(disk.as_ref(), directory)?;
    let started = Started::now();
    let mut found = Found::default();
    let mut manifest = Manifest::read(disk.as_ref(), directory, started.now_ns())?;
    remove_strangers(disk.as_ref(), directory, &manifest)?;
    let parts = open_parts(disk.as_ref(), directory, &mut manifest, &mut found)?;
    let flushed = Position(manifest.flushed);
    let catalogue = Catalogue::new(manifest, parts);
    let flusher = Flusher::new(Arc::clone(disk), directory.to_owned(), options.window_ns);
    let wal = Wal::open(
        Arc::clone(disk),
        &directory.join(WAL_DIRECTORY),
        WalOptions::default(),
    )?;
    replay(&wal, flushed, &catalogue, &flusher, options, &mut found)?;
    let shared = Arc::new(Shared {
        catalogue,
        flusher,
        options,
        started,
        found,
        failure: Mutex::new(None),
        signal: Mutex::new(Signal::default()),
        changed: Condvar::new(),
        wal: wal.clone(),
    });
    let on_durable = {
        let shared = Arc::clone(&shared);
        move |group| shared.insert_durable(group)
    };
    let wal = Arc::new(GroupCommit::start(
        wal,
        GroupCommitOptions::default(),
        on_durable,
    )?);
    let worker = Worker::start(Arc::clone(&shared))
        .map_err(|error| StoreError::io("start a thread for", directory, error))?;
    if shared.catalogue.tail.fill().items > 0 {
        shared.wake();
    }
    Ok(OpenStore {
        ingest: Ingest {
            shared: Arc::clone(&shared),
            wal,
        },
        shared,
        worker,
        _lock: lock,
    })
}

/// Makes the directories that are missing, and every name in the data directory durable: the
/// new directories, and a manifest that an earlier process put in place and could not sync.
/// What that one does not name is removed next, so it must not give way to an older one.
fn prepare(disk: &dyn Disk, directory: &Path) -> Result<(), StoreError> {
    for path in [
        directory,
        &directory.join(WAL_DIRECTORY),
        &directory.join(PARTS_DIRECTORY),
    ] {
        disk.create_directory(path)
            .map_err(|error| StoreError::io("create", path, error))?;
    }
    let parent = directory.parent().filter(|path| *path != Path::new(""));
    for path in parent.into_iter().chain([directory]) {
        match disk.sync_directory(path) {
            Ok(()) => {}
            // The parent may be one that we may not even read.
            Err(error) if error.kind() == ErrorKind::PermissionDenied && path != directory => {}
            Err(error) => return Err(StoreError::io("sync", path, error)),
        }
    }
    Ok(())
}

/// Removes directories of parts that no manifest names: a crash left them.
fn remove_strangers(
    disk: &dyn Disk,
    directory: &Path,
    manifest: &Manifest,
) -> Result<(), StoreError> {
    let parts = directory.join(PARTS_DIRECTORY);
    let named: HashSet<PathBuf> = manifest
        .parts
        .iter()
        .map(|meta| directory_of(directory, meta.id))
        .collect();
    let entries = disk
        .list(&parts)
        .map_err(|error| StoreError::io("list", &parts, error))?;
    for entry in entries {
        let path = parts.join(&entry.name);
        let is_ours = entry.is_directory && entry.name.parse::<u64>().is_ok();
        if is_ours && !named.contains(&path) {
            disk.remove_directory_all(&path)
                .map_err(|error| StoreError::io("remove", &path, error))?;
        }
    }
    Ok(())
}

/// What recovery put aside.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// For people.
    pub(super) warnings: Vec<String>,
    /// Items by reason; what a damaged wal entry held is not known, it counts as one.
    pub(super) lost: BTreeMap<&'static str, u64>,
}

impl Found {
    fn lose(&mut self, reason: &'static str, count: u64) {
        if count > 0 {
            *self.lost.entry(reason).or_default() += count;
        }
    }
}

/// Opens the parts; those that cannot be are put aside and told of.
fn open_parts(
    disk: &dyn Disk,
    directory: &Path,
    manifest: &mut Manifest,
    found: &mut Found,
) -> Result<Vec<Arc<Part>>, StoreError> {
    let mut parts = Vec::with_capacity(manifest.parts.len());
    let mut damaged = Vec::new();
    for meta in &manifest.parts {
        // A part that is put aside is lost to all queries, so one failed read is not enough.
        let opened = Part::open(disk, directory, meta.clone())
            .or_else(|_| Part::open(disk, directory, meta.clone()));
        match opened {
            Ok(part) => parts.push(Arc::new(part)),
            Err(error) => {
                let items = u64::from(meta.span_count) + u64::from(meta.log_count);
                found.lose("damaged_part", items);
                found.warnings.push(format!(
                    "a part with {} spans and {} log records is damaged and was put into {QUARANTINE_DIRECTORY}: {error}",
                    meta.span_count, meta.log_count
                ));
                damaged.push(meta.id);
            }
        }
    }
    if damaged.is_empty() {
        return Ok(parts);
    }
    for id in &damaged {
        put_aside(disk, directory, *id)?;
    }
    manifest.parts.retain(|meta| !damaged.contains(&meta.id));
    manifest.write(disk, directory)?;
    Ok(parts)
}

fn put_aside(disk: &dyn Disk, directory: &Path, id: u64) -> Result<(), StoreError> {
    let quarantine = directory.join(QUARANTINE_DIRECTORY);
    disk.create_directory(&quarantine)
        .map_err(|error| StoreError::io("create", &quarantine, error))?;
    let from = directory_of(directory, id);
    let to = quarantine.join(format!("part-{id:020}"));
    match disk.rename(&from, &to) {
        Ok(()) => Ok(()),
        // Its directory is what is missing.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(StoreError::io("move", &from, error)),
    }
}

/// Puts what is in the wal behind the flushed position back into the tail.
fn replay(
    wal: &Wal,
    flushed: Position,
    catalogue: &Catalogue,
    flusher: &Flusher,
    options: StoreOptions,
    found: &mut Found,
) -> Result<(), OpenError> {
    let mut undecodable = 0_u64;
    let mut failed = None;
    let report = wal.replay(flushed, &mut |position, entry| {
        let payload_bytes = entry.payload.len();
        let delivery = entry.delivery;
        if delivery.is_some_and(|delivery| catalogue.knows(delivery)) {
            return ControlFlow::Continue(());
        }
        match decode(&entry) {
            Ok(mut batch) => {
                // As when it came first, so that both give the same records.
                batch.observe(entry.received_ns);
                catalogue.tail.insert(Arrival {
                    position,
                    received_ns: entry.received_ns,
                    delivery,
                    batch,
                    payload_bytes,
                });
            }
            Err(error) => {
                tracing::warn!(%position, %error, "a wal entry cannot be decoded");
                undecodable += 1;
            }
        }
        if !options.is_full(catalogue.tail.fill()) {
            return ControlFlow::Continue(());
        }
        match flusher.flush(catalogue) {
            Ok(_) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    })?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    found.lose("undecodable_wal_entry", undecodable);
    found.lose("damaged_wal_entry", report.quarantined_count);
    if undecodable > 0 {
        found.warnings.push(format!(
            "{undecodable} requests in the wal could not be decoded and are left out"
        ));
    }
    if report.quarantined_count > 0 {
        found.warnings.push(format!(
            "{} damaged wal entries ({} bytes) were put into quarantine",
            report.quarantined_count, report.quarantined_bytes
        ));
    }
    Ok(())
}

fn decode(entry: &Entry) -> Result<Batch, DecodeError> {
    Ok(match entry.signal {
        WalSignal::Spans => Batch::Spans(protobuf::decode_traces(&entry.payload)?.groups),
        WalSignal::Logs => Batch::Logs(protobuf::decode_logs(&entry.payload)?.groups),
    })
}
