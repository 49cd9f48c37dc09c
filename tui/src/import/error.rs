//! What can go wrong with an import.

use spanwalk_model::otlp::DecodeError;

use crate::text::number::counted;

use super::limits::{DOCUMENT_BYTES_MAX, LINE_BYTES_MAX};

/// Why an import ended before its files did.
#[derive(Debug, thiserror::Error)]
pub enum ImportError<E> {
    /// The collector did not take a chunk.
    #[error("cannot send to the collector: {0}")]
    Sink(E),
    /// The thread that reads the files ended without a word.
    #[error("the reader of the files stopped unexpectedly")]
    Reader,
}

/// What is wrong with one file. What was read of it before was sent all the same.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// The file cannot be opened or read.
    #[error("cannot read: {0}")]
    Unreadable(#[source] std::io::Error),
    /// The path names a directory.
    #[error("is a directory; name the files in it")]
    Directory,
    /// Nothing is in it.
    #[error("the file is empty")]
    Empty,
    /// No format is recognised.
    #[error(
        "unknown format: the file begins with {begins}; accepted are OTLP JSON lines, OTLP \
         protobuf, Jaeger JSON and Zipkin v2 JSON, plain or compressed with gzip or zstd"
    )]
    UnknownFormat {
        /// The first bytes, for people.
        begins: String,
    },
    /// The file ends in the middle of something.
    #[error("{place}: cut in the middle; kept {} before it", counted(*item_count, "item"))]
    Cut {
        /// The line, or the byte where the last complete part ended.
        place: Place,
        /// Items read from the file before.
        item_count: u64,
    },
    /// A part of the file is not what its format asks for.
    #[error("{place}: {error}; kept {} around it", counted(*item_count, "item"))]
    Malformed {
        /// The line, or the byte where the part begins.
        place: Place,
        /// What is wrong there.
        error: DecodeError,
        /// Items read from the file.
        item_count: u64,
    },
    /// A line is JSON, but of something else.
    #[error("{place}: a JSON object without any key of OTLP; kept {} around it", counted(*item_count, "item"))]
    NotOtlp {
        /// The line.
        place: Place,
        /// Items read from the file.
        item_count: u64,
    },
    /// The compressed data is damaged.
    #[error("{place}: damaged: {error}; kept {} before it", counted(*item_count, "item"))]
    Damaged {
        /// Where.
        place: Place,
        /// What the decompressor says.
        error: std::io::Error,
        /// Items read from the file before.
        item_count: u64,
    },
    /// A line, or a group in a protobuf file, is too long.
    #[error("{0}: longer than the {limit} MiB that one line may have", limit = LINE_BYTES_MAX >> 20)]
    LongLine(Place),
    /// A file that is one JSON document is too large.
    #[error(
        "one JSON document of more than {limit} MiB; convert it to lines of one object each",
        limit = DOCUMENT_BYTES_MAX >> 20
    )]
    LongDocument,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line, counted from one.
    Line(u64),
    /// A byte of the uncompressed content, counted from zero.
    Byte(u64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Byte(offset) => write!(f, "byte {offset}"),
        }
    }
}
