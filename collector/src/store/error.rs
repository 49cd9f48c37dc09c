//! What can go wrong in the store.

use std::path::{Path, PathBuf};

use spanwalk_model::otlp::DecodeError;

use crate::columns::ColumnsError;
use crate::disk::LockError;
use crate::index::IndexError;
use crate::wal::WalError;

/// Why the store could not read or write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file of columns.
    #[error(transparent)]
    Columns(#[from] ColumnsError),
    /// An index.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The wal.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// Another file or directory.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The manifest could not be put into words.
    #[error("cannot write the manifest: {source}")]
    Manifest {
        /// The cause.
        source: serde_json::Error,
    },
    /// A record was asked for that this snapshot does not hold.
    #[error("the snapshot has no log record {row} in piece {piece}")]
    NoSuchLog {
        /// The piece asked for.
        piece: u32,
        /// The row asked for.
        row: u32,
    },
}

impl StoreError {
    pub(super) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is in use, or cannot be written.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The wal cannot be used.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// Files cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A newer program wrote it.
    #[error(
        "the data directory {} was written by a newer version of spanwalk (format {found}, this program knows {known}); use that version, or name another directory with --data-dir",
        directory.display()
    )]
    NewerVersion {
        /// The directory.
        directory: PathBuf,
        /// The format found.
        found: u32,
        /// The newest format that this program knows.
        known: u32,
    },
    /// The manifest is damaged.
    #[error(
        "the manifest {} is damaged: {reason}; restore it from a copy, or move the directory away and import the data again",
        path.display()
    )]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
}

/// Why a request was not taken.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// Flushing does not keep up. Try again later.
    #[error("overloaded: {items} items wait to be flushed")]
    Overloaded {
        /// Spans and records in the tail.
        items: usize,
    },
    /// The wal did not take it.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// The payload is not what the batch was decoded from.
    #[error("the payload cannot be decoded: {0}")]
    Payload(#[from] DecodeError),
}

impl IngestError {
    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Overloaded { .. } => true,
            Self::Wal(error) => error.is_retryable(),
            Self::Payload(_) => false,
        }
    }
}
