//! What can go wrong with the log.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why the log could not do what was asked. Cheap to copy: one failed write answers many.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WalError {
    /// The system refused an operation on a file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `open`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: Arc<io::Error>,
    },
    /// A newer program wrote this directory.
    #[error(
        "{} has wal format version {found}, this program reads up to {supported}: use a newer program or another data directory",
        path.display()
    )]
    NewerVersion {
        /// The segment.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        supported: u32,
    },
    /// The entry is larger than the log takes.
    #[error("an entry of {bytes} bytes is over the limit of {bytes_max}")]
    EntryTooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Too much waits for the disk already. Try again later.
    #[error("{waiting_count} entries of {waiting_bytes} bytes wait for the disk already")]
    Overloaded {
        /// Entries that wait.
        waiting_count: usize,
        /// Bytes that wait.
        waiting_bytes: usize,
    },
    /// There is no room on the disk. Try again when there is.
    #[error("no room on the disk to write {}", path.display())]
    DiskFull {
        /// The segment.
        path: PathBuf,
    },
    /// An earlier write or sync failed, so nothing is acknowledged until a restart.
    #[error("the wal takes nothing more until a restart: {cause}")]
    Poisoned {
        /// What failed.
        cause: Arc<str>,
    },
    /// The log is being closed. Try again later.
    #[error("the wal is closed")]
    Stopped,
}

impl WalError {
    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            // Of an entry that was submitted, `Io` says that nothing of it was written.
            Self::Overloaded { .. } | Self::DiskFull { .. } | Self::Stopped | Self::Io { .. } => {
                true
            }
            Self::NewerVersion { .. } | Self::EntryTooLarge { .. } | Self::Poisoned { .. } => false,
        }
    }

    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source: Arc::new(source),
        }
    }
}
