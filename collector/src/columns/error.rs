//! What can go wrong with a file of columns.

use std::io;
use std::path::{Path, PathBuf};

use super::bytes::Bad;

/// Why a file of columns could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// The system refused an operation on the file.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file does not hold what was written.
    #[error("{} is damaged in {place}: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The part of it, such as `group 3`.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// A newer program wrote the file.
    #[error(
        "{} has column format version {found}, this program reads up to {supported}",
        path.display()
    )]
    NewerVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version known here.
        supported: u32,
    },
    /// More than a file can hold.
    #[error("{what}: {count} are over the limit of {count_max} for {}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Of what there is too much.
        what: &'static str,
        /// How much there is.
        count: u64,
        /// How much there may be.
        count_max: u64,
    },
    /// A row was asked for that the file does not have.
    #[error("row {row} was asked of {}, which has {row_count}", path.display())]
    NoSuchRow {
        /// The file.
        path: PathBuf,
        /// The row.
        row: u32,
        /// How many there are.
        row_count: u32,
    },
}

impl ColumnsError {
    pub(super) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn damaged(path: &Path, place: &str, bad: Bad) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            place: place.to_owned(),
            what: bad.to_string(),
        }
    }
}
