//! The segments of a directory: open, replay, release.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::disk::Disk;

use super::entry::{Entry, Position};
use super::error::WalError;
use super::format::{HEADER_BYTES, Header, VERSION, parse_segment_name, read_header, segment_name};
use super::frame::FRAME_BYTES_MAX;
use super::quarantine;
use super::scan::{Piece, scan};

/// How the log keeps its files.
#[derive(Debug, Clone, Copy)]
pub struct WalOptions {
    /// Bytes from which on a segment takes nothing more and a new one begins.
    pub segment_bytes: u64,
}

impl Default for WalOptions {
    fn default() -> Self {
        Self {
            segment_bytes: 64 * 1024 * 1024,
        }
    }
}

/// What a replay found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayReport {
    /// Entries given to the visitor.
    pub entry_count: u64,
    /// Bytes of their payloads.
    pub payload_bytes: u64,
    /// Bytes behind the last whole entry of the log, left by a write that did not end. They
    /// were cut off; a copy is in `quarantine`.
    pub cut_bytes: u64,
    /// Entries that were damaged and put into `quarantine`. Of damage at the end of the log
    /// it is not known how many it was; it counts as one.
    pub quarantined_count: u64,
    /// Bytes put into `quarantine`, but for `cut_bytes`.
    pub quarantined_bytes: u64,
    /// Things that could not be put aside because the disk refused; they were left out all
    /// the same.
    pub quarantine_failed_count: u64,
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
    opened: ReplayReport,
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

    /// Finds the next position, and cuts what stands behind the last good frame.
    fn settle_end(&self) -> Result<(), WalError> {
        loop {
            let Some(last) = self.state().segments.last().cloned() else {
                return Ok(());
            };
            let mut report = ReplayReport::default();
            let content = self.read_segment(&last, &mut report)?;
            let mut state = self.state();
            state.next = state.next.max(last.first);
            state.opened.add(&report);
            let Some(content) = content else {
                // Put aside as a whole; the one before is the last now.
                state.segments.pop();
                continue;
            };
            drop(state);
            let Some(end) = scan(&content, last.first, &mut |_| ControlFlow::Continue(())) else {
                return Ok(());
            };
            {
                let mut state = self.state();
                state.next = state.next.max(end.next);
            }
            if end.good_bytes < content.len() {
                self.cut_end(&last, &content, end.good_bytes, end.is_tail_complete)?;
            }
            let is_header_good = read_header(&content) == Header::Good;
            if !is_header_good && end.next == last.first {
                // Nothing in it and nothing to append to: it would stand in the way of a new
                // segment of the same name.
                self.put_segment_aside(&last)?;
                self.state().segments.pop();
                return Ok(());
            }
            self.state().is_last_open = is_header_good;
            return Ok(());
        }
    }

    /// Cuts a segment back to its last good frame; what is cut is copied aside first.
    fn cut_end(
        &self,
        segment: &Segment,
        content: &Bytes,
        good_bytes: usize,
        is_tail_complete: bool,
    ) -> Result<(), WalError> {
        let tail = content.slice(good_bytes..);
        let path = self.segment_path(segment.first);
        let is_copied = quarantine::copy(
            &*self.disk,
            &self.directory,
            segment.first,
            good_bytes,
            &tail,
        )
        .is_ok();
        let good_bytes = good_bytes as u64;
        let mut file = self
            .disk
            .open_append(&path)
            .map_err(|error| WalError::io("open", &path, error))?;
        file.truncate(good_bytes)
            .map_err(|error| WalError::io("cut", &path, error))?;
        file.sync_data()
            .map_err(|error| WalError::io("sync", &path, error))?;
        let mut state = self.state();
        if is_tail_complete {
            state.opened.quarantined_count += 1;
            state.opened.quarantined_bytes += tail.len() as u64;
        } else {
            state.opened.cut_bytes += tail.len() as u64;
        }
        state.opened.quarantine_failed_count += u64::from(!is_copied);
        if let Some(last) = state.segments.last_mut() {
            last.bytes = good_bytes;
        }
        Ok(())
    }

    /// The content of a segment; `None` where it could not be read and was moved aside.
    fn read_segment(
        &self,
        segment: &Segment,
        report: &mut ReplayReport,
    ) -> Result<Option<Bytes>, WalError> {
        // One group may begin just below the roll size and hold one largest entry.
        let bytes_max = self
            .options
            .segment_bytes
            .saturating_add(2 * FRAME_BYTES_MAX as u64);
        let path = self.segment_path(segment.first);
        match self.disk.read(&path, bytes_max) {
            Ok(content) => Ok(Some(Bytes::from(content))),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "a wal segment cannot be read");
                self.put_segment_aside(segment)?;
                report.quarantined_count += 1;
                report.quarantined_bytes += segment.bytes;
                Ok(None)
            }
        }
    }

    fn put_segment_aside(&self, segment: &Segment) -> Result<(), WalError> {
        quarantine::move_segment(&*self.disk, &self.directory, segment.first).map_err(|error| {
            WalError::io(
                "move to quarantine",
                &self.segment_path(segment.first),
                error,
            )
        })
    }

    fn replay_segment(
        &self,
        segment: &Segment,
        next_first: Option<Position>,
        after: Position,
        visit: &mut dyn FnMut(Position, Entry) -> ControlFlow<()>,
        report: &mut ReplayReport,
    ) -> Result<ControlFlow<()>, WalError> {
        let Some(content) = self.read_segment(segment, report)? else {
            self.state()
                .segments
                .retain(|other| other.first != segment.first);
            return Ok(ControlFlow::Continue(()));
        };
        let end = scan(&content, segment.first, &mut |piece| match piece {
            Piece::Entry(position, _) if position <= after => ControlFlow::Continue(()),
            Piece::Entry(position, entry) => {
                report.entry_count += 1;
                report.payload_bytes += entry.payload.len() as u64;
                visit(position, entry)
            }
            Piece::Damaged { bytes, entry_count } => {
                self.put_aside(segment, &content, bytes, entry_count, report);
                ControlFlow::Continue(())
            }
        });
        let Some(end) = end else {
            return Ok(ControlFlow::Break(()));
        };
        if end.good_bytes < content.len() {
            // Only in a segment that is not the last: that one was cut when it was opened.
            let entry_count = next_first.map_or(1, |next| next.0.saturating_sub(end.next.0).max(1));
            let tail = end.good_bytes..content.len();
            self.put_aside(segment, &content, tail, entry_count, report);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn put_aside(
        &self,
        segment: &Segment,
        content: &Bytes,
        bytes: std::ops::Range<usize>,
        entry_count: u64,
        report: &mut ReplayReport,
    ) {
        report.quarantined_count += entry_count;
        report.quarantined_bytes += bytes.len() as u64;
        let start = bytes.start;
        let copied = quarantine::copy(
            &*self.disk,
            &self.directory,
            segment.first,
            start,
            &content.slice(bytes),
        );
        report.quarantine_failed_count += u64::from(copied.is_err());
    }
}

impl ReplayReport {
    fn add(&mut self, other: &Self) {
        let Self {
            entry_count,
            payload_bytes,
            cut_bytes,
            quarantined_count,
            quarantined_bytes,
            quarantine_failed_count,
        } = other;
        self.entry_count += entry_count;
        self.payload_bytes += payload_bytes;
        self.cut_bytes += cut_bytes;
        self.quarantined_count += quarantined_count;
        self.quarantined_bytes += quarantined_bytes;
        self.quarantine_failed_count += quarantine_failed_count;
    }
}
