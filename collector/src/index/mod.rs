//! What tantivy knows of a part: which traces or records hold a term.
//!
//! An index has one segment and no stored documents. Documents stand in the order of the
//! columns: the document of a trace is its place in the file's trace directory, that of a log
//! record is its row. So a posting leads to the payload without another look-up, and nothing
//! but terms and one column of moments is kept.
//!
//! Attributes are raw terms `key NUL text` in one field, not a JSON field: a JSON field reads
//! a dot in a key as a path and finds nothing for `http.route`.
//!
//! What a resource and a scope say is indexed once for each of them, and documents name them by
//! number. Terms of few documents stand in a table of hashes, not in the dictionary.
//!
//! - `schema`: the fields.
//! - `terms`: what is indexed of a span and of a record. `vocabulary`: each term once.
//!   `origins`: resources with scopes, by number. `table`: terms as hashes.
//! - `container`: all of it in one file.
//! - `writer`: builds an index.
//! - `reader`: finds the documents of a condition.

mod container;
mod origins;
mod reader;
mod schema;
mod table;
mod terms;
#[cfg(test)]
mod tests;
mod vocabulary;
mod writer;

use std::path::{Path, PathBuf};

pub use reader::{Answer, IndexReader};
pub use writer::{write_log_index, write_span_index};

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Tantivy could not write or read it.
    #[error("index {}: {source}", path.display())]
    Tantivy {
        /// The index's directory.
        path: PathBuf,
        /// What tantivy says.
        source: tantivy::TantivyError,
    },
    /// The directory could not be made or made durable.
    #[error("index {}: {source}", path.display())]
    Io {
        /// The index's directory.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is not what was written.
    #[error("index {}: {what} is damaged", path.display())]
    Damaged {
        /// The index.
        path: PathBuf,
        /// The part of it.
        what: &'static str,
    },
    /// A newer program wrote it.
    #[error(
        "index {}: written by a newer version of spanwalk (format {found})",
        path.display()
    )]
    NewerVersion {
        /// The index.
        path: PathBuf,
        /// The format found.
        found: u32,
    },
    /// The index does not belong to the file of columns beside it.
    #[error("index {}: holds {found} documents where {expected} are expected", path.display())]
    Count {
        /// The index's directory.
        path: PathBuf,
        /// Documents that the columns call for.
        expected: u32,
        /// Documents in the index.
        found: u32,
    },
}

impl IndexError {
    fn tantivy(path: &Path, source: impl Into<tantivy::TantivyError>) -> Self {
        Self::Tantivy {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}
