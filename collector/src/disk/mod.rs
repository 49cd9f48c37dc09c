//! The only door to files that we write ourselves.
//!
//! Everything durable goes through [`Disk`], so that the same code runs on real files and, in
//! tests, on a simulated disk that loses what was not synced, tears writes and fails on demand.
//!
//! - `header`: how every file of ours begins.
//! - `real`: files through the standard library, readable by their owner alone.
//! - `lock`: one process per data directory.
//! - `atomic`: a small file replaced as a whole or not at all.
//! - `simulated`: the disk of the tests.

mod atomic;
mod header;
mod lock;
mod real;
#[cfg(test)]
pub(crate) mod simulated;

use std::fmt::Debug;
use std::io;
use std::path::Path;

pub use atomic::replace_file;
pub use header::{HEADER_BYTES, header_of, read_header};
pub use lock::{DirectoryLock, LOCK_FILE_NAME, LockError};
pub use real::RealDisk;

/// What one directory holds under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name within the directory. Names that are no UTF-8 are shown with replacement
    /// characters; we never write such names, so they can only be foreign.
    pub name: String,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// Bytes of the file; zero for a directory.
    pub bytes: u64,
}

/// The operations on files that durability is built from. Errors are those of the operating
/// system; callers add the path and what they were doing.
pub trait Disk: Debug + Send + Sync {
    /// Makes a new empty file, readable and writable by its owner alone. The name is durable
    /// only after [`Disk::sync_directory`] of its directory.
    ///
    /// # Errors
    /// `AlreadyExists` where the name is taken, else what the system says.
    fn create(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Opens an existing file to append behind its end.
    ///
    /// # Errors
    /// `NotFound` where there is none, else what the system says.
    fn open_append(&self, path: &Path) -> io::Result<Box<dyn AppendFile>>;

    /// Opens an existing file to read at any place.
    ///
    /// # Errors
    /// `NotFound` where there is none, else what the system says.
    fn open_read(&self, path: &Path) -> io::Result<Box<dyn ReadFile>>;

    /// Gives a file or directory another name in one step, replacing a file that has it.
    /// Durable after [`Disk::sync_directory`] of the directory.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Makes the names within a directory durable.
    ///
    /// # Errors
    /// What the system says.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;

    /// What the directory holds, sorted by name.
    ///
    /// # Errors
    /// `NotFound` where there is no such directory, else what the system says.
    fn list(&self, path: &Path) -> io::Result<Vec<DirectoryEntry>>;

    /// Removes a file.
    ///
    /// # Errors
    /// `NotFound` where there is none, else what the system says.
    fn remove_file(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory and everything in it.
    ///
    /// # Errors
    /// `NotFound` where there is none, else what the system says.
    fn remove_directory_all(&self, path: &Path) -> io::Result<()>;

    /// Makes a directory and those above it, for its owner alone; one that is there already
    /// is fine.
    ///
    /// # Errors
    /// What the system says.
    fn create_directory(&self, path: &Path) -> io::Result<()>;

    /// Whether its paths are those of the operating system, so that files can also be mapped
    /// into memory.
    fn is_of_system(&self) -> bool {
        false
    }

    /// The whole file, where it holds at most `bytes_max` bytes.
    ///
    /// # Errors
    /// `FileTooLarge` where it holds more, else what the system says.
    fn read(&self, path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
        let file = self.open_read(path)?;
        let bytes = file.bytes();
        if bytes > bytes_max {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the file holds {bytes} bytes, at most {bytes_max} are read"),
            ));
        }
        let length = usize::try_from(bytes).map_err(io::Error::other)?;
        let mut content = vec![0; length];
        file.read_exact_at(0, &mut content)?;
        Ok(content)
    }
}

/// A file that grows at its end.
pub trait AppendFile: Debug + Send {
    /// Writes all bytes behind the end. After an error an unknown part of them is there.
    ///
    /// # Errors
    /// What the system says.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes everything written so far durable. After an error it is not known what is, and
    /// asking again may wrongly say that all is well: the caller must give the file up.
    ///
    /// # Errors
    /// What the system says.
    fn sync_data(&mut self) -> io::Result<()>;

    /// Cuts the file back to this many bytes.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&mut self, bytes: u64) -> io::Result<()>;
}

/// A file that is read at any place, by several threads at once.
pub trait ReadFile: Debug + Send + Sync {
    /// Bytes in the file when it was opened.
    fn bytes(&self) -> u64;

    /// Fills the buffer from this offset.
    ///
    /// # Errors
    /// `UnexpectedEof` where the file ends before, else what the system says.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;
}

/// Whether the error says that there is no room, so that the same write may succeed later.
pub fn is_out_of_space(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

#[cfg(test)]
mod tests;
