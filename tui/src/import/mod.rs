//! Reads files of traces and logs and sends them to a collector.
//!
//! ```text
//! file ─▶ source (gzip, zstd, plain) ─▶ sniff ─▶ reader of the format ─▶ chunker ─▶ sink
//!         └──────────────── one blocking thread ────────────────────┘    4 in flight
//! ```
//!
//! The format is known by the content, never by the name. What is sent are OTLP protobuf
//! requests, each with a delivery id made of its content: the same file gives the same
//! chunks and so the same ids, and a collector that knows an id stores nothing again.
//!
//! Memory is bounded by the longest line, or by the size of a file that is one JSON document.

mod chunk;
mod client_sink;
mod error;
mod limits;
mod progress;
mod protobuf_file;
mod read_file;
mod report;
mod run;
mod size;
mod sniff;
mod source;
#[cfg(test)]
mod tests;

pub use chunk::Chunk;
pub use client_sink::ClientSink;
pub use error::{FileProblem, ImportError, Place};
pub use progress::ProgressDisplay;
pub use report::{FileReport, ImportReport, Progress};
pub use run::{Sink, import_files};
pub use sniff::Format;
