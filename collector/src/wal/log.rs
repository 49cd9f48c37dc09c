//! The segments of a directory: open, replay, release.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::disk::Disk;

use super::entry::{Entry, Position};
use super::error::WalError;
use super::format::{HEADER_BYTES, Header, VERSION, parse_segment_name, read_header, segment_name};
use super::replay::ReplayReport;

/// How the log keeps its files.
#[derive(Debug, Clone, Copy)]
pub struct WalOptions {
    /// Bytes from which on a segment takes nothing more and a new one begins.
    pub segment_bytes: u64,
}

impl Default for WalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: 16 * 1024 * 1024,
        }
    }
}

/// One file of the log.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) first: Position,
    pub(super) bytes: u64,
}

/// What changes while the log is in use.
#[derive(Debug)]
pub(super) struct State {
    /// In order. The last one is the only one that grows.
    pub(super) segments: Vec<Segment>,
    /// The position of the next entry.
    pub(super) next: Position,
    /// Whether the last segment may be appended to.
    pub(super) is_last_open: bool,
    /// What opening found, told by the first replay.
    pub(super) opened: ReplayReport,
}

/// The log of a data directory. Copies share it.
#[derive(Debug, Clone)]
pub struct Wal(pub(super) Arc<Log>);

/// The shared part of [`Wal`].
#[derive(Debug)]
pub(super) struct Log {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
    pub(super) options: WalOptions,
    state: Mutex<State>,
}

impl Wal {
    /// Opens the log in this directory, which is made where it is missing. The end of the
    /// last segment is looked at: what an interrupted write left is cut off and put aside.
    ///
    /// # Errors
    /// [`WalError::NewerVersion`] where a newer program wrote a segment, [`WalError::Io`]
    /// where the system refuses.
    pub fn open(
        disk: Arc<dyn Disk>,
        directory: &Path,
        options: WalOptions,
    ) -> Result<Self, WalError> {
        disk.create_directory(directory)
            .map_err(|error| WalError::io("create", directory, error))?;
        // An earlier process may have failed to make a segment's name durable. What is appended
        // to that segment from now on shall not hang on it.
        disk.sync_directory(directory)
            .map_err(|error| WalError::io("sync", directory, error))?;
        let entries = disk
            .list(directory)
            .map_err(|error| WalError::io("list", directory, error))?;
        let mut segments: Vec<Segment> = entries
            .iter()
            .filter(|entry| !entry.is_directory)
            .filter_map(|entry| {
                Some(Segment {
                    first: parse_segment_name(&entry.name)?,
                    bytes: entry.bytes,
                })
            })
            .collect();
        segments.sort_by_key(|segment| segment.first);
        let log = Log {
            disk,
            directory: directory.to_owned(),
            options,
            state: Mutex::new(State {
                next: Position(1),
                segments,
                is_last_open: false,
                opened: ReplayReport::default(),
            }),
        };
        log.refuse_newer_versions()?;
        log.settle_end()?;
        Ok(Self(Arc::new(log)))
    }

    /// Visits the entries behind this position, in order. To be called before
    /// [`super::GroupCommit::start`]; new entries come behind `after`, also where the end of
    /// the log was lost.
    ///
    /// # Errors
    /// [`WalError::Io`] where a segment can neither be read nor be put aside.
    pub fn replay(
        &self,
        after: Position,
        visit: &mut dyn FnMut(Position, Entry) -> ControlFlow<()>,
    ) -> Result<ReplayReport, WalError> {
        let (segments, mut report) = {
            let mut state = self.0.state();
            if state.next <= after {
                state.next = after.next();
                // Positions within a segment have no gaps, so the next entry begins another.
                state.is_last_open = false;
            }
            (state.segments.clone(), std::mem::take(&mut state.opened))
        };
        for (index, segment) in segments.iter().enumerate() {
            let next_first = segments.get(index + 1).map(|next| next.first);
            if next_first.is_some_and(|first| first <= after.next()) {
                continue;
            }
            let flow = self
                .0
                .replay_segment(segment, next_first, after, visit, &mut report)?;
            if flow.is_break() {
                break;
            }
        }
        Ok(report)
    }

    /// Deletes the segments that hold nothing behind this position, and says how many bytes
    /// that freed. The last segment stays: its name keeps positions from being used twice.
    ///
    /// # Errors
    /// [`WalError::Io`] where the system refuses; the segment is tried again next time.
    pub fn release(&self, up_to: Position) -> Result<u64, WalError> {
        let log = &self.0;
        let mut freed_bytes = 0;
        loop {
            let mut state = log.state();
            let [oldest, second, ..] = state.segments.as_slice() else {
                return Ok(freed_bytes);
            };
            if second.first > up_to.next() {
                return Ok(freed_bytes);
            }
            let (path, bytes) = (log.segment_path(oldest.first), oldest.bytes);
            match log.disk.remove_file(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(WalError::io("remove", &path, error)),
            }
            state.segments.remove(0);
            freed_bytes += bytes;
        }
    }

    /// Bytes in all segments.
    pub fn bytes(&self) -> u64 {
        let state = self.0.state();
        state.segments.iter().map(|segment| segment.bytes).sum()
    }

    /// The position of the last entry, durable or on its way; [`Position::ZERO`] before the
    /// first.
    pub fn last_position(&self) -> Position {
        Position(self.0.state().next.0.saturating_sub(1))
    }
}

impl Log {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // The state is changed in single steps, so a panic elsewhere leaves it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn segment_path(&self, first: Position) -> PathBuf {
        self.directory.join(segment_name(first))
    }

    fn refuse_newer_versions(&self) -> Result<(), WalError> {
        for segment in &self.state().segments {
            let path = self.segment_path(segment.first);
            let mut header = [0; HEADER_BYTES];
            let read = self
                .disk
                .open_read(&path)
                .and_then(|file| file.read_exact_at(0, &mut header));
            // A segment that cannot be read is put aside when its turn comes.
            if read.is_ok()
                && let Header::Newer(found) = read_header(&header)
            {
                return Err(WalError::NewerVersion {
                    path,
                    found,
                    supported: VERSION,
                });
            }
        }
        Ok(())
    }
}
