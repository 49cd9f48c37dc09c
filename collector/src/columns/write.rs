//! Writes a file: sorts, numbers, cuts into groups, packs.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::path::Path;

use spanwalk_model::{Resource, Scope, Scoped};

use crate::disk::{AppendFile, Disk, HEADER_BYTES, header_of};

use super::error::ColumnsError;
use super::footer::{FooterParts, Group};
use super::format::{
    FOOTER_BYTES_MAX, GROUP_BYTES_MAX, GROUP_ROWS_FULL, GROUP_ROWS_WRITTEN, GROUP_VALUE_BYTES,
    MAGIC, VERSION,
};
use super::group::NumberedRow;
use super::row::{Row, sort_key};
use super::stream::{Packer, StreamWriter};
use super::summary::{FileSummary, ServiceCount};
use super::tables::TableWriter;
use super::traces::Traces;

/// Writes the rows as a file, and syncs it.
pub(super) fn write<T: Row, R: Borrow<Scoped<T>>>(
    disk: &dyn Disk,
    path: &Path,
    rows: &[R],
) -> Result<FileSummary, ColumnsError> {
    let row_count = u32::try_from(rows.len()).map_err(|_| ColumnsError::TooLarge {
        path: path.to_owned(),
        what: "rows",
        count: rows.len() as u64,
        count_max: u64::from(u32::MAX),
    })?;
    let mut resources = TableWriter::<Resource>::default();
    let mut scopes = TableWriter::<Scope>::default();
    let ordered = in_order(rows);
    let numbered: Vec<NumberedRow<'_, T>> = ordered
        .iter()
        .map(|row| NumberedRow {
            item: &row.item,
            resource: resources.number(&row.resource),
            scope: scopes.number(&row.scope),
        })
        .collect();
    let traces = Traces::of(numbered.iter().map(|row| row.item.trace()));
    let mut writer = Writer::create(disk, path)?;
    let mut rest = numbered.as_slice();
    while !rest.is_empty() {
        let (group, behind) = rest.split_at(group_length(rest));
        writer.write_group(group)?;
        rest = behind;
    }
    let mut summary = FileSummary {
        row_count,
        trace_count: u32::try_from(traces.len()).unwrap_or(u32::MAX),
        first_ns: writer.groups.iter().map(|g| g.first_ns).min().unwrap_or(0),
        last_ns: writer.groups.iter().map(|g| g.last_ns).max().unwrap_or(0),
        bytes: 0,
        services: count_services(&writer.by_resource, &resources),
        cut_value_count: writer.cut_count + resources.cut_count() + scopes.cut_count(),
    };
    writer.finish::<T>(&mut summary, &resources, &scopes, &traces)?;
    Ok(summary)
}

/// The rows in the order of a file.
fn in_order<T: Row, R: Borrow<Scoped<T>>>(rows: &[R]) -> Vec<&Scoped<T>> {
    let mut ordered: Vec<&Scoped<T>> = rows.iter().map(Borrow::borrow).collect();
    if !ordered.is_sorted_by_key(|row| sort_key(&row.item)) {
        ordered.sort_by_cached_key(|row| sort_key(&row.item));
    }
    ordered
}

/// How many of the rows make the next group.
fn group_length<T: Row>(rows: &[NumberedRow<'_, T>]) -> usize {
    let mut value_bytes = 0usize;
    let mut trace = None;
    for (index, row) in rows.iter().enumerate() {
        let begins_trace = index == 0 || row.item.trace() != trace;
        trace = row.item.trace();
        let is_full = index >= GROUP_ROWS_WRITTEN
            || value_bytes >= GROUP_VALUE_BYTES
            || (begins_trace && index >= GROUP_ROWS_FULL);
        if is_full && index > 0 {
            return index;
        }
        value_bytes = value_bytes.saturating_add(row.item.value_bytes());
    }
    rows.len()
}

/// Rows and errors of each resource, as totals of each service.
fn count_services(
    by_resource: &[(u64, u64)],
    resources: &TableWriter<Resource>,
) -> Vec<ServiceCount> {
    let mut by_service: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (resource, (row_count, error_count)) in resources.entries().iter().zip(by_resource) {
        let totals = by_service.entry(resource.service_name()).or_default();
        totals.0 += row_count;
        totals.1 += error_count;
    }
    by_service
        .into_iter()
        .map(|(service, (row_count, error_count))| ServiceCount {
            service: service.to_owned(),
            row_count,
            error_count,
        })
        .collect()
}

struct Writer<'a> {
    path: &'a Path,
    file: Box<dyn AppendFile>,
    packer: Packer,
    offset: u64,
    groups: Vec<Group>,
    next_row: u32,
    cut_count: u64,
    /// Rows and errors of each resource so far.
    by_resource: Vec<(u64, u64)>,
}

impl<'a> Writer<'a> {
    fn create(disk: &dyn Disk, path: &'a Path) -> Result<Self, ColumnsError> {
        let file = disk
            .create(path)
            .map_err(|error| ColumnsError::io("create", path, error))?;
        let packer = Packer::new().map_err(|error| ColumnsError::io("compress", path, error))?;
        let mut writer = Self {
            path,
            file,
            packer,
            offset: 0,
            groups: Vec::new(),
            next_row: 0,
            cut_count: 0,
            by_resource: Vec::new(),
        };
        writer.append(&header_of(MAGIC, VERSION))?;
        Ok(writer)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), ColumnsError> {
        self.file
            .append(bytes)
            .map_err(|error| ColumnsError::io("write", self.path, error))?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn too_large(&self, what: &'static str, count_max: usize) -> ColumnsError {
        ColumnsError::TooLarge {
            path: self.path.to_owned(),
            what,
            count: count_max as u64 + 1,
            count_max: count_max as u64,
        }
    }

    fn write_group<T: Row>(&mut self, rows: &[NumberedRow<'_, T>]) -> Result<(), ColumnsError> {
        let mut streams = StreamWriter::default();
        self.cut_count += T::encode(rows, &mut streams);
        self.count(rows);
        let mut blocks = Vec::new();
        let packing = self
            .packer
            .pack(&streams, &mut blocks)
            .map_err(|error| ColumnsError::io("compress", self.path, error))?
            .ok_or_else(|| self.too_large("bytes of one group", GROUP_BYTES_MAX))?;
        let moments = || rows.iter().map(|row| row.item.row_moment_ns());
        // Both fit: a group's rows are bounded, and the file's rows were counted before.
        let row_count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.groups.push(Group {
            first_row: self.next_row,
            row_count,
            offset: self.offset,
            first_ns: moments().min().unwrap_or(0),
            last_ns: moments().max().unwrap_or(0),
            packing,
        });
        self.next_row = self.next_row.saturating_add(row_count);
        self.append(&blocks)
    }

    /// Counts here, group by group, while the rows are still in the processor's cache.
    fn count<T: Row>(&mut self, rows: &[NumberedRow<'_, T>]) {
        for row in rows {
            let Ok(resource) = usize::try_from(row.resource) else {
                continue;
            };
            if resource >= self.by_resource.len() {
                self.by_resource.resize(resource + 1, (0, 0));
            }
            if let Some((row_count, error_count)) = self.by_resource.get_mut(resource) {
                *row_count += 1;
                *error_count += u64::from(row.item.is_error_row());
            }
        }
    }

    fn finish<T: Row>(
        mut self,
        summary: &mut FileSummary,
        resources: &TableWriter<Resource>,
        scopes: &TableWriter<Scope>,
        traces: &Traces,
    ) -> Result<(), ColumnsError> {
        let parts = FooterParts {
            summary,
            resources,
            scopes,
            traces,
            groups: &self.groups,
        };
        let footer = parts
            .encode(T::KIND, &mut self.packer)
            .map_err(|error| ColumnsError::io("compress", self.path, error))?
            .ok_or_else(|| self.too_large("bytes of the footer", FOOTER_BYTES_MAX))?;
        self.append(&footer)?;
        self.file
            .sync_data()
            .map_err(|error| ColumnsError::io("sync", self.path, error))?;
        summary.bytes = self.offset;
        debug_assert!(summary.bytes > HEADER_BYTES as u64);
        Ok(())
    }
}
