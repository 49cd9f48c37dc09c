//! One file: written whole, then read at any place.

use std::borrow::Borrow;
use std::marker::PhantomData;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use spanwalk_model::{LogRecord, Scoped, Span, SpanId, TraceId, UnixNanos};

use crate::disk::{Disk, HEADER_BYTES, ReadFile, read_header};

use super::bytes::{Bad, to_index};
use super::error::ColumnsError;
use super::footer::{Footer, Group, Trailer};
use super::format::{MAGIC, TRAILER_BYTES, VERSION};
use super::group::GroupContext;
use super::row::Row;
use super::span_codec::ID_STREAM;
use super::summary::FileSummary;
use super::write;

/// A file of spans.
pub type SpanFile = ColumnFile<Span>;

/// A file of log records.
pub type LogFile = ColumnFile<LogRecord>;

/// An open file of rows. Cheap to share behind an `Arc`; reads take no lock.
#[derive(Debug)]
pub struct ColumnFile<T> {
    path: PathBuf,
    file: Box<dyn ReadFile>,
    footer: Footer,
    row: PhantomData<fn() -> T>,
}

/// A group of neighbouring rows, which is read as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowGroup {
    /// Its rows.
    pub rows: Range<u32>,
    /// Their earliest start or moment.
    pub first_ns: UnixNanos,
    /// Their latest start or moment.
    pub last_ns: UnixNanos,
}

impl<T: Row> ColumnFile<T> {
    /// Writes the rows, in the order of [`super::sort_rows`], and syncs the file. The name is
    /// durable after a sync of its directory, which is the caller's.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::TooLarge`]. What was written until then stays,
    /// for the caller to remove.
    pub fn write<R: Borrow<Scoped<T>>>(
        disk: &dyn Disk,
        path: &Path,
        rows: &[R],
    ) -> Result<FileSummary, ColumnsError> {
        write::write(disk, path, rows)
    }

    /// Opens a file and reads its footer.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`], [`ColumnsError::NewerVersion`].
    pub fn open(disk: &dyn Disk, path: &Path) -> Result<Self, ColumnsError> {
        let file = disk
            .open_read(path)
            .map_err(|error| ColumnsError::io("open", path, error))?;
        let bytes = file.bytes();
        let header = read_chunk(&*file, path, 0, "the header")?;
        match read_header(MAGIC, &header) {
            None => {
                let bad = Bad("the file does not begin as one of its kind");
                return Err(ColumnsError::damaged(path, "the header", bad));
            }
            Some(found) if found > VERSION => {
                return Err(ColumnsError::NewerVersion {
                    path: path.to_owned(),
                    found,
                    supported: VERSION,
                });
            }
            Some(_) => {}
        }
        let damaged = |place: &str, bad| ColumnsError::damaged(path, place, bad);
        let short = || damaged("the trailer", Bad("the file is too short"));
        let trailer_offset = bytes
            .checked_sub(TRAILER_BYTES as u64)
            .filter(|offset| *offset >= HEADER_BYTES as u64)
            .ok_or_else(short)?;
        let trailer = read_chunk(&*file, path, trailer_offset, "the trailer")?;
        let trailer =
            Trailer::read(&trailer, T::KIND).map_err(|bad| damaged("the trailer", bad))?;
        let footer_offset = trailer_offset
            .checked_sub(trailer.stored_bytes as u64)
            .filter(|offset| *offset >= HEADER_BYTES as u64)
            .ok_or_else(short)?;
        // Within the file, so the allocation is bounded by it.
        let mut stored = vec![0; trailer.stored_bytes];
        file.read_exact_at(footer_offset, &mut stored)
            .map_err(|error| ColumnsError::io("read", path, error))?;
        let mut footer = Footer::read(&stored, &trailer, footer_offset)
            .map_err(|bad| damaged("the footer", bad))?;
        footer.summary.bytes = bytes;
        Ok(Self {
            path: path.to_owned(),
            file,
            footer,
            row: PhantomData,
        })
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Totals of the file.
    pub fn summary(&self) -> &FileSummary {
        &self.footer.summary
    }

    /// Rows in the file.
    pub fn row_count(&self) -> u32 {
        self.footer.summary.row_count
    }

    /// The groups in the order of their rows.
    pub fn groups(&self) -> impl Iterator<Item = RowGroup> + '_ {
        self.footer.groups.iter().map(|group| RowGroup {
            rows: group.first_row..group.first_row.saturating_add(group.row_count),
            first_ns: group.first_ns,
            last_ns: group.last_ns,
        })
    }

    /// The traces with their rows, in order of trace id. Rows without a trace come behind.
    pub fn traces(&self) -> impl Iterator<Item = (TraceId, Range<u32>)> + '_ {
        self.footer.traces.iter()
    }

    /// The rows of a trace, where it has any here.
    pub fn trace_rows(&self, trace: TraceId) -> Option<Range<u32>> {
        self.footer.traces.rows(trace)
    }

    /// Everything of a trace; empty where it has no row here.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`].
    pub fn rows_of_trace(&self, trace: TraceId) -> Result<Vec<Scoped<T>>, ColumnsError> {
        match self.trace_rows(trace) {
            Some(rows) => self.read_range(rows),
            None => Ok(Vec::new()),
        }
    }

    /// The rows of a range.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`], [`ColumnsError::NoSuchRow`].
    pub fn read_range(&self, rows: Range<u32>) -> Result<Vec<Scoped<T>>, ColumnsError> {
        let Some(last) = rows.end.checked_sub(1).filter(|last| *last >= rows.start) else {
            return Ok(Vec::new());
        };
        self.check_row(last)?;
        let mut read = Vec::new();
        let from = self.group_of(rows.start);
        for (index, group) in self.footer.groups.iter().enumerate().skip(from) {
            if group.first_row >= rows.end {
                break;
            }
            let start = rows.start.max(group.first_row) - group.first_row;
            let end = (rows.end - group.first_row).min(group.row_count);
            read.extend(self.read_group(index, group, &mut (start..end))?);
        }
        Ok(read)
    }

    /// These rows, in the order asked for; a row may be asked for twice.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`], [`ColumnsError::NoSuchRow`].
    pub fn read_rows(&self, rows: &[u32]) -> Result<Vec<Scoped<T>>, ColumnsError> {
        let mut distinct = rows.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        if let Some(last) = distinct.last() {
            self.check_row(*last)?;
        }
        let mut read = Vec::with_capacity(distinct.len());
        let mut rest = distinct.as_slice();
        while let Some(first) = rest.first() {
            let index = self.group_of(*first);
            let Some(group) = self.footer.groups.get(index) else {
                break;
            };
            let end = group.first_row.saturating_add(group.row_count);
            let (inside, behind) = rest.split_at(rest.partition_point(|row| *row < end));
            let mut local = inside.iter().map(|row| row - group.first_row);
            read.extend(self.read_group(index, group, &mut local)?);
            rest = behind;
        }
        if rows == distinct {
            return Ok(read);
        }
        let place_of = |row: &u32| distinct.binary_search(row).ok();
        Ok(rows
            .iter()
            .filter_map(|row| read.get(place_of(row)?).cloned())
            .collect())
    }

    /// Visits all rows, one group after another; the number given with a
    /// group is its first row.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`].
    pub fn for_each_group(
        &self,
        visit: &mut dyn FnMut(u32, Vec<Scoped<T>>) -> ControlFlow<()>,
    ) -> Result<(), ColumnsError> {
        for (index, group) in self.footer.groups.iter().enumerate() {
            let rows = self.read_group(index, group, &mut (0..group.row_count))?;
            if visit(group.first_row, rows).is_break() {
                break;
            }
        }
        Ok(())
    }

    fn check_row(&self, row: u32) -> Result<(), ColumnsError> {
        let row_count = self.row_count();
        if row < row_count {
            return Ok(());
        }
        Err(ColumnsError::NoSuchRow {
            path: self.path.clone(),
            row,
            row_count,
        })
    }

    /// The group that holds a row of the file.
    fn group_of(&self, row: u32) -> usize {
        self.footer
            .groups
            .partition_point(|group| group.first_row <= row)
            .saturating_sub(1)
    }

    /// Rows of a group, told by ascending numbers within it.
    fn read_group(
        &self,
        index: usize,
        group: &Group,
        rows: &mut dyn Iterator<Item = u32>,
    ) -> Result<Vec<Scoped<T>>, ColumnsError> {
        let damaged = |bad| ColumnsError::damaged(&self.path, &format!("group {index}"), bad);
        // The footer was checked: the blocks lie within the file.
        let bytes = group
            .packing
            .stored_bytes()
            .ok_or_else(|| damaged(Bad("its blocks are too long")))?;
        let mut stored = vec![0; bytes];
        self.file
            .read_exact_at(group.offset, &mut stored)
            .map_err(|error| ColumnsError::io("read", &self.path, error))?;
        let streams = group.packing.unpack(&stored).map_err(|(block, bad)| {
            let place = format!("group {index}, block {block}");
            ColumnsError::damaged(&self.path, &place, bad)
        })?;
        drop(stored);
        let context = GroupContext {
            first_row: group.first_row,
            row_count: to_index(u64::from(group.row_count)).map_err(damaged)?,
            traces: &self.footer.traces,
            resources: &self.footer.resources,
            scopes: &self.footer.scopes,
        };
        let mut rows = rows.filter_map(|row| usize::try_from(row).ok());
        T::decode(context, &mut streams.reader(), &mut rows).map_err(damaged)
    }
}

impl ColumnFile<Span> {
    /// The ids of the spans of a trace, in the order of its rows. Most often this reads a
    /// small part of what reading the spans does.
    ///
    /// # Errors
    /// [`ColumnsError::Io`], [`ColumnsError::Damaged`].
    pub fn span_ids_of_trace(&self, trace: TraceId) -> Result<Vec<SpanId>, ColumnsError> {
        let Some(rows) = self.trace_rows(trace) else {
            return Ok(Vec::new());
        };
        let mut ids = Vec::new();
        let from = self.group_of(rows.start);
        for (index, group) in self.footer.groups.iter().enumerate().skip(from) {
            if group.first_row >= rows.end {
                break;
            }
            let start = rows.start.max(group.first_row) - group.first_row;
            let end = (rows.end - group.first_row).min(group.row_count);
            let Some(block) = group.packing.block_of(ID_STREAM) else {
                let spans = self.read_group(index, group, &mut (start..end))?;
                ids.extend(spans.iter().map(|span| span.item.span_id));
                continue;
            };
            let damaged = |bad| ColumnsError::damaged(&self.path, &format!("group {index}"), bad);
            let mut stored = vec![0; block.len()];
            self.file
                .read_exact_at(group.offset + block.start as u64, &mut stored)
                .map_err(|error| ColumnsError::io("read", &self.path, error))?;
            let bytes = group
                .packing
                .unpack_block(ID_STREAM, &stored)
                .map_err(damaged)?;
            let chunks = bytes.as_chunks::<{ SpanId::BYTES }>().0;
            let skipped = start as usize;
            let wanted = chunks.iter().skip(skipped).take(end as usize - skipped);
            for chunk in wanted {
                let id = SpanId::from_bytes(*chunk).ok_or(Bad("a span id is zero"));
                ids.push(id.map_err(damaged)?);
            }
        }
        Ok(ids)
    }
}

fn read_chunk<const N: usize>(
    file: &dyn ReadFile,
    path: &Path,
    offset: u64,
    place: &str,
) -> Result<[u8; N], ColumnsError> {
    let mut chunk = [0; N];
    if file.bytes() < offset.saturating_add(N as u64) {
        let bad = Bad("the file is too short");
        return Err(ColumnsError::damaged(path, place, bad));
    }
    file.read_exact_at(offset, &mut chunk)
        .map_err(|error| ColumnsError::io("read", path, error))?;
    Ok(chunk)
}
