//! Reads segments back, cuts torn ends, puts damage aside.

use std::ops::{ControlFlow, Range};

use bytes::Bytes;

use super::entry::{Entry, Position};
use super::error::WalError;
use super::format::{Header, read_header};
use super::frame::FRAME_BYTES_MAX;
use super::log::{Log, Segment};
use super::quarantine;
use super::scan::{Piece, scan};

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

impl ReplayReport {
    pub(super) fn add(&mut self, other: &Self) {
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

impl Log {
    /// Finds the next position, and cuts what stands behind the last good frame.
    pub(super) fn settle_end(&self) -> Result<(), WalError> {
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
        // A segment that is put aside is lost, so one failed read is not enough.
        let read = self
            .disk
            .read(&path, bytes_max)
            .or_else(|_| self.disk.read(&path, bytes_max));
        match read {
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

    pub(super) fn replay_segment(
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
        bytes: Range<usize>,
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
