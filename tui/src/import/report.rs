//! What an import did, as values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use spanwalk_model::otlp::Issues;

use super::error::FileProblem;
use super::sniff::Format;

/// What an import did.
#[derive(Debug, Default)]
pub struct ImportReport {
    /// Each file, in the order they were named.
    pub files: Vec<FileReport>,
}

/// What was found in one file and what became of it.
#[derive(Debug)]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// Its format; `None` where it was not recognised.
    pub format: Option<Format>,
    /// Spans read.
    pub span_count: u64,
    /// Log records read.
    pub log_count: u64,
    /// Metrics passed over: they are not kept.
    pub metric_count: u64,
    /// Items that the collector stored.
    pub stored_count: u64,
    /// Items that the collector had from an earlier import.
    pub known_count: u64,
    /// Items that the collector could not store, by reason.
    pub refused: BTreeMap<String, u64>,
    /// Items of the file that could not be used, and what was mended.
    pub issues: Issues,
    /// What is wrong with the file; of several things the first.
    pub problem: Option<FileProblem>,
    /// Lines, or parts, that were passed over because they could not be read.
    pub bad_line_count: u64,
}

impl FileReport {
    /// A report before anything was read.
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            format: None,
            span_count: 0,
            log_count: 0,
            metric_count: 0,
            stored_count: 0,
            known_count: 0,
            refused: BTreeMap::new(),
            issues: Issues::default(),
            problem: None,
            bad_line_count: 0,
        }
    }

    /// Spans and log records read.
    pub fn item_count(&self) -> u64 {
        self.span_count.saturating_add(self.log_count)
    }

    /// Keeps the first thing that is wrong with the file.
    pub(super) fn note(&mut self, problem: FileProblem) {
        if self.problem.is_none() {
            self.problem = Some(problem);
        }
    }
}

impl ImportReport {
    /// Whether every file was read to its end.
    pub fn is_complete(&self) -> bool {
        self.files.iter().all(|file| file.problem.is_none())
    }

    /// Items that the collector stored.
    pub fn stored_count(&self) -> u64 {
        self.files.iter().map(|file| file.stored_count).sum()
    }

    /// Items that the collector had already.
    pub fn known_count(&self) -> u64 {
        self.files.iter().map(|file| file.known_count).sum()
    }
}

/// How far an import is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Files read to their end.
    pub files_done: usize,
    /// Files named.
    pub files_total: usize,
    /// Bytes of the files, as they lie on the disk, that were read and taken by the
    /// collector.
    pub bytes_done: u64,
    /// Bytes of all files, as far as they can be known before.
    pub bytes_total: u64,
    /// Items that the collector took, stored or known.
    pub items_done: u64,
}
