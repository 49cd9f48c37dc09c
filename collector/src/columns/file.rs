//! One file: written whole, then read at any place.

use std::marker::PhantomData;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use spanwalk_model::{LogRecord, Scoped, Span, TraceId};

use crate::disk::Disk;

use super::error::ColumnsError;
use super::row::Row;
use super::summary::FileSummary;

/// A file of spans.
pub type SpanFile = ColumnFile<Span>;

/// A file of log records.
pub type LogFile = ColumnFile<LogRecord>;

/// An open file of rows. Cheap to share behind an `Arc`; reads take no lock.
#[derive(Debug)]
pub struct ColumnFile<T> {
    path: PathBuf,
    summary: FileSummary,
    row: PhantomData<fn() -> T>,
}

impl<T: Row> ColumnFile<T> {
    /// Writes the rows, in the order of [`super::sort_rows`], and syncs the file. The name is
    /// durable after a sync of its directory, which is the caller's.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::TooLarge`].
    pub fn write(
        disk: &dyn Disk,
        path: &Path,
        rows: &[Scoped<T>],
    ) -> Result<FileSummary, ColumnsError> {
        let _ = (disk, path, rows);
        unimplemented!()
    }

    /// Opens a file and reads its footer.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`], [`ColumnsError::NewerVersion`].
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Self, ColumnsError> {
        let _ = (disk, path);
        unimplemented!()
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Totals of the file.
    pub fn summary(&self) -> &FileSummary {
        &self.summary
    }

    /// Rows in the file.
    pub fn row_count(&self) -> u32 {
        self.summary.row_count
    }

    /// The traces with their rows, in order of trace id. Rows without a trace come behind.
    pub fn traces(&self) -> impl Iterator<Item = (TraceId, Range<u32>)> + '_ {
        std::iter::empty()
    }

    /// The rows of a trace, where it has any here.
    pub fn trace_rows(&self, trace: TraceId) -> Option<Range<u32>> {
        let _ = trace;
        unimplemented!()
    }

    /// Everything of a trace; empty where it has no row here.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`].
    pub fn rows_of_trace(&self, trace: TraceId) -> Result<Vec<Scoped<T>>, ColumnsError> {
        let _ = trace;
        unimplemented!()
    }

    /// The rows of a range.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`], [`ColumnsError::NoSuchRow`].
    pub fn read_range(&self, rows: Range<u32>) -> Result<Vec<Scoped<T>>, ColumnsError> {
        let _ = rows;
        unimplemented!()
    }

    /// These rows, in the order asked for; a row may be asked for twice.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`], [`ColumnsError::NoSuchRow`].
    pub fn read_rows(&self, rows: &[u32]) -> Result<Vec<Scoped<T>>, ColumnsError> {
        let _ = rows;
        unimplemented!()
    }

    /// Visits all rows, one group of at most 8,192 after another; the number given with a
    /// group is its first row.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`].
    pub fn for_each_group(
        &self,
        visit: &mut dyn FnMut(u32, Vec<Scoped<T>>) -> ControlFlow<()>,
    ) -> Result<(), ColumnsError> {
        let _ = visit;
        unimplemented!()
    }
}
