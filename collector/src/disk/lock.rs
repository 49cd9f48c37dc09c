//! One process per data directory.
//!
//! The lock is held by the operating system on an open file, so that it ends with the process
//! however the process ends: a file left behind by `kill -9` blocks nobody.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Disk, RealDisk, real};

/// The name of the lock file within the data directory.
pub const LOCK_FILE_NAME: &str = "lock";

/// Digits of the longest process id that is read back.
const PID_BYTES_MAX: u64 = 20;

/// How often a lock that is held is tried again.
const LOCK_TRIES: u32 = 4;
/// The pause between tries.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Why a data directory could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process uses it.
    #[error("the data directory {} is used by {}", directory.display(), holder_text(*holder_pid))]
    Held {
        /// The directory.
        directory: PathBuf,
        /// The process that holds it, where it could be read.
        holder_pid: Option<u32>,
    },
    /// The directory or its lock file could not be made or opened.
    #[error(
        "cannot take the data directory {}: {source}; name a directory that you may write with --data-dir",
        directory.display()
    )]
    Io {
        /// The directory.
        directory: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

fn holder_text(pid: Option<u32>) -> String {
    match pid {
        Some(pid) => format!("process {pid}"),
        None => "another process".to_owned(),
    }
}

/// Holds a data directory for this process until it is dropped.
#[derive(Debug)]
pub struct DirectoryLock {
    // Closing the file releases the lock. The file itself stays: removing it would let two
    // processes hold locks on two files of the same name.
    _file: File,
}

impl DirectoryLock {
    /// Makes the directory where it is missing (mode 0700) and takes it.
    ///
    /// # Errors
    /// [`LockError::Held`] where another process has it, [`LockError::Io`] where the system
    /// refuses.
    pub fn acquire(directory: &Path) -> Result<Self, LockError> {
        let io_error = |source| LockError::Io {
            directory: directory.to_owned(),
            source,
        };
        RealDisk.create_directory(directory).map_err(io_error)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        real::owner_only(&mut options);
        let mut file = options
            .open(directory.join(LOCK_FILE_NAME))
            .map_err(io_error)?;
        match try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LockError::Held {
                    directory: directory.to_owned(),
                    holder_pid: read_pid(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io_error(source)),
        }
        write_pid(&mut file).map_err(io_error)?;
        Ok(Self { _file: file })
    }

    /// Whether a process holds the directory now, this one included. It may change at once.
    pub fn is_held(directory: &Path) -> bool {
        let Ok(file) = File::open(directory.join(LOCK_FILE_NAME)) else {
            return false;
        };
        // Shared, so that two who ask at once do not take each other for a holder.
        matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
    }
}

/// Takes the lock; tries again for a moment where it is held, because somebody may just look
/// with [`DirectoryLock::is_held`].
fn try_lock(file: &File) -> Result<(), TryLockError> {
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            other => return other,
        }
    }
    file.try_lock()
}

fn write_pid(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{}", std::process::id())
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(PID_BYTES_MAX).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
