//! Appends groups of entries to the last segment and syncs them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::{AppendFile, is_out_of_space};

use super::entry::{Entry, Position};
use super::error::WalError;
use super::format::{HEADER_BYTES, header};
use super::frame;
use super::log::{Log, Segment};

/// Why a group was not written.
#[derive(Debug)]
pub(super) enum WriteError {
    /// Nothing of the group is in the log, and another may be tried.
    Refused(WalError),
    /// It is not known what the disk holds: nothing more may be acknowledged.
    Broken(WalError),
}

/// The one that appends.
#[derive(Debug)]
pub(super) struct Writer {
    log: Arc<Log>,
    current: Option<Current>,
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Current {
    path: PathBuf,
    file: Box<dyn AppendFile>,
    /// Bytes known to be durable.
    bytes: u64,
}

/// A group's buffer larger than this is given back after use.
const BUFFER_KEPT_BYTES: usize = 4 * 1024 * 1024;

impl Writer {
    pub(super) fn new(log: Arc<Log>) -> Self {
        Self {
            log,
            current: None,
            buffer: Vec::new(),
        }
    }

    /// Writes and syncs the entries. Returns the position of the first; the others follow it
    /// without a gap.
    pub(super) fn append(&mut self, entries: &[Entry]) -> Result<Position, WriteError> {
        let first = self.log.state().next;
        self.buffer.clear();
        let mut next = first;
        for entry in entries {
            if !frame::encode(next, entry, &mut self.buffer) {
                return Err(WriteError::Refused(WalError::EntryTooLarge {
                    bytes: entry.payload.len(),
                    bytes_max: super::format::ENTRY_BYTES_MAX,
                }));
            }
            next = next.next();
        }
        let written = self.write_buffer(first);
        if self.buffer.capacity() > BUFFER_KEPT_BYTES {
            self.buffer = Vec::new();
        }
        let bytes = written?;
        let mut state = self.log.state();
        state.next = next;
        if let Some(last) = state.segments.last_mut() {
            last.bytes = bytes;
        }
        Ok(first)
    }

    /// Writes the buffer; returns the bytes of the segment after it.
    fn write_buffer(&mut self, first: Position) -> Result<u64, WriteError> {
        self.prepare(first)?;
        let Some(current) = &mut self.current else {
            return Err(WriteError::Broken(WalError::Stopped));
        };
        let written = current
            .file
            .append(&self.buffer)
            .map_err(|error| ("write", error))
            .and_then(|()| current.file.sync_data().map_err(|error| ("sync", error)));
        match written {
            Ok(()) => {
                current.bytes += self.buffer.len() as u64;
                Ok(current.bytes)
            }
            Err((action, error)) if is_out_of_space(&error) => {
                current
                    .file
                    .truncate(current.bytes)
                    .map_err(|error| broken("cut", &current.path, error))?;
                tracing::warn!(path = %current.path.display(), action, %error, "no room for the wal");
                Err(WriteError::Refused(WalError::DiskFull {
                    path: current.path.clone(),
                }))
            }
            Err((action, error)) => Err(broken(action, &current.path, error)),
        }
    }

    /// Makes sure that there is a segment to append to.
    fn prepare(&mut self, first: Position) -> Result<(), WriteError> {
        let limit = self.log.options.segment_bytes;
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.bytes < limit)
        {
            return Ok(());
        }
        let reopened = {
            let state = self.log.state();
            let is_open = self.current.is_none() && state.is_last_open;
            state
                .segments
                .last()
                .filter(|last| is_open && last.bytes < limit)
                .cloned()
        };
        self.current = Some(match reopened {
            Some(last) => self.reopen(&last)?,
            None => self.create(first)?,
        });
        Ok(())
    }

    fn reopen(&self, last: &Segment) -> Result<Current, WriteError> {
        let path = self.log.segment_path(last.first);
        let file = self
            .log
            .disk
            .open_append(&path)
            .map_err(|error| refused("open", &path, error))?;
        Ok(Current {
            path,
            file,
            bytes: last.bytes,
        })
    }

    fn create(&self, first: Position) -> Result<Current, WriteError> {
        let path = self.log.segment_path(first);
        let mut file = match self.log.disk.create(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Left by an attempt that found no room. No entry in it was acknowledged: the
                // position in its name is still to be given.
                self.log
                    .disk
                    .remove_file(&path)
                    .and_then(|()| self.log.disk.create(&path))
                    .map_err(|error| refused("create", &path, error))?
            }
            Err(error) => return Err(refused("create", &path, error)),
        };
        file.append(&header())
            .map_err(|error| refused_or_broken("write", &path, error))?;
        file.sync_data()
            .map_err(|error| refused_or_broken("sync", &path, error))?;
        self.log
            .disk
            .sync_directory(&self.log.directory)
            .map_err(|error| broken("sync", &self.log.directory, error))?;
        let bytes = HEADER_BYTES as u64;
        let mut state = self.log.state();
        state.segments.push(Segment { first, bytes });
        state.is_last_open = true;
        drop(state);
        Ok(Current { path, file, bytes })
    }
}

fn broken(action: &'static str, path: &Path, error: io::Error) -> WriteError {
    WriteError::Broken(WalError::io(action, path, error))
}

/// For what fails before a byte was written, such as for want of a file descriptor.
fn refused(action: &'static str, path: &Path, error: io::Error) -> WriteError {
    WriteError::Refused(if is_out_of_space(&error) {
        WalError::DiskFull {
            path: path.to_owned(),
        }
    } else {
        WalError::io(action, path, error)
    })
}

fn refused_or_broken(action: &'static str, path: &Path, error: io::Error) -> WriteError {
    if is_out_of_space(&error) {
        refused(action, path, error)
    } else {
        broken(action, path, error)
    }
}
