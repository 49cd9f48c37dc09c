//! One part: written whole, opened, never changed.
//!
//! ```text
//! parts/00000000000000000042/
//!     spans.col   spans.idx/      where it holds spans
//!     logs.col    logs.idx/       where it holds log records
//! ```

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use spanwalk_model::{LogRecord, Scoped, Span, SpanId, TraceId, UnixNanos};
use spanwalk_query::{Condition, Term};

use super::error::StoreError;
use super::manifest::{PartMeta, ServiceMeta};
use crate::columns::{LogFile, Row, SpanFile, sort_rows};
use crate::disk::Disk;
use crate::index::{Answer, IndexReader, write_log_index, write_span_index};
use crate::tail::earliest;

/// The directory of parts in a data directory.
pub(super) const PARTS_DIRECTORY: &str = "parts";

/// The directory of a part.
pub(super) fn directory_of(data_directory: &Path, id: u64) -> PathBuf {
    data_directory
        .join(PARTS_DIRECTORY)
        .join(format!("{id:020}"))
}

/// Rows on their way to a part.
#[derive(Debug, Default)]
pub(super) struct Rows<'a> {
    pub(super) arrived: Arrived,
    pub(super) spans: Vec<&'a Scoped<Span>>,
    pub(super) logs: Vec<&'a Scoped<LogRecord>>,
}

/// When the first and the last of some rows arrived.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Arrived(Option<(UnixNanos, UnixNanos)>);

impl Arrived {
    /// As a part says it.
    pub(super) fn of(meta: &PartMeta) -> Self {
        Self(Some((meta.first_arrived_ns, meta.last_arrived_ns)))
    }

    pub(super) fn add(&mut self, moment_ns: UnixNanos) {
        self.join(Self(Some((moment_ns, moment_ns))));
    }

    pub(super) fn join(&mut self, other: Self) {
        self.0 = match (self.0, other.0) {
            (None, known) | (known, None) => known,
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        };
    }
}

/// The rows of a part that was read.
#[derive(Debug, Default)]
pub(super) struct PartRows {
    pub(super) spans: Vec<Scoped<Span>>,
    pub(super) logs: Vec<Scoped<LogRecord>>,
}

impl Rows<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.logs.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len() + self.logs.len()
    }
}

/// An open part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) meta: PartMeta,
    traces: Vec<(TraceId, UnixNanos)>,
    spans: Option<SpanSide>,
    logs: Option<LogSide>,
}

#[derive(Debug)]
struct SpanSide {
    file: SpanFile,
    index: IndexReader,
    /// The trace of each document.
    traces: Vec<TraceId>,
}

#[derive(Debug)]
struct LogSide {
    file: LogFile,
    index: IndexReader,
    /// The traces with their rows, which are documents too.
    traces: Vec<(TraceId, Range<u32>)>,
}

impl Part {
    /// Writes a part and makes it durable. It does not exist until a manifest names it.
    pub(super) fn write(
        disk: &dyn Disk,
        data_directory: &Path,
        id: u64,
        window: u64,
        mut rows: Rows<'_>,
    ) -> Result<PartMeta, StoreError> {
        let directory = directory_of(data_directory, id);
        disk.create_directory(&directory)
            .map_err(|error| StoreError::io("create", &directory, error))?;
        let mut meta = PartMeta {
            id,
            window,
            ..PartMeta::default()
        };
        if !rows.spans.is_empty() {
            sort_rows(&mut rows.spans);
            SpanFile::write(disk, &directory.join("spans.col"), &rows.spans)?;
            meta.trace_count = write_span_index(disk, &directory.join("spans.idx"), &rows.spans)?;
            meta.span_count = u32::try_from(rows.spans.len()).unwrap_or(u32::MAX);
        }
        if !rows.logs.is_empty() {
            sort_rows(&mut rows.logs);
            LogFile::write(disk, &directory.join("logs.col"), &rows.logs)?;
            meta.log_count = write_log_index(disk, &directory.join("logs.idx"), &rows.logs)?;
        }
        let moments = || {
            let of_spans = rows.spans.iter().map(|span| span.item.row_moment_ns());
            let of_logs = rows.logs.iter().map(|log| log.item.row_moment_ns());
            of_spans.chain(of_logs)
        };
        meta.first_ns = moments().min().unwrap_or(0);
        meta.last_ns = moments().max().unwrap_or(0);
        (meta.first_arrived_ns, meta.last_arrived_ns) = rows.arrived.0.unwrap_or_default();
        meta.services = services(&rows);
        for path in [directory.as_path(), &data_directory.join(PARTS_DIRECTORY)] {
            disk.sync_directory(path)
                .map_err(|error| StoreError::io("sync", path, error))?;
        }
        meta.bytes = bytes_below(disk, &directory)?;
        Ok(meta)
    }

    /// Opens a part that a manifest names.
    pub(super) fn open(
        disk: &dyn Disk,
        data_directory: &Path,
        meta: PartMeta,
    ) -> Result<Self, StoreError> {
        let directory = directory_of(data_directory, meta.id);
        let spans = (meta.span_count > 0)
            .then(|| SpanSide::open(disk, &directory))
            .transpose()?;
        let logs = (meta.log_count > 0)
            .then(|| LogSide::open(disk, &directory))
            .transpose()?;
        let mut traces = Vec::new();
        if let Some(side) = &spans {
            traces.extend(side.starts());
        }
        if let Some(side) = &logs {
            traces.extend(side.starts());
        }
        traces.sort_unstable();
        traces.dedup_by(|(id, start_ns), (kept, kept_ns)| {
            let is_same = id == kept;
            if is_same {
                *kept_ns = earliest(*kept_ns, *start_ns);
            }
            is_same
        });
        Ok(Self {
            meta,
            traces,
            spans,
            logs,
        })
    }

    /// Rows of both kinds.
    pub(super) fn row_count(&self) -> u64 {
        u64::from(self.meta.span_count) + u64::from(self.meta.log_count)
    }

    /// The traces that have a span here, in order.
    pub(super) fn span_traces(&self) -> &[TraceId] {
        self.spans.as_ref().map_or(&[], |side| &side.traces)
    }

    /// Every trace here, in order, with the earliest moment that the part holds of it; zero
    /// for none.
    pub(super) fn traces(&self) -> &[(TraceId, UnixNanos)] {
        &self.traces
    }

    /// The earliest moment that the part holds of a trace; zero for none.
    pub(super) fn start_ns(&self, id: TraceId) -> UnixNanos {
        let place = self.traces.binary_search_by_key(&id, |(known, _)| *known);
        let found = place.ok().and_then(|place| self.traces.get(place));
        found.map_or(0, |(_, start_ns)| *start_ns)
    }

    /// Traces that may fulfil the term, in order.
    pub(super) fn traces_of_term(&self, term: &Term) -> Result<Vec<TraceId>, StoreError> {
        if let Term::Trace(id) = term {
            return Ok(self.holds(*id).then_some(*id).into_iter().collect());
        }
        let condition = Condition::Term(term.clone());
        let mut traces = Vec::new();
        if let Some(side) = &self.spans {
            match side.index.find(&condition)? {
                Answer::All => traces.extend_from_slice(&side.traces),
                Answer::Some(documents) => traces.extend(
                    documents
                        .iter()
                        .filter_map(|document| side.traces.get(*document as usize)),
                ),
            }
        }
        if let Some(side) = &self.logs {
            match side.index.find(&condition)? {
                Answer::All => traces.extend(side.traces.iter().map(|(id, _)| *id)),
                Answer::Some(rows) => side.add_traces_of_rows(&rows, &mut traces),
            }
        }
        traces.sort_unstable();
        traces.dedup();
        Ok(traces)
    }

    /// Whether the part holds anything of a trace.
    pub(super) fn holds(&self, id: TraceId) -> bool {
        let place = self.traces.binary_search_by_key(&id, |(known, _)| *known);
        place.is_ok()
    }

    /// The spans of a trace.
    pub(super) fn spans_of(&self, id: TraceId) -> Result<Vec<Scoped<Span>>, StoreError> {
        match &self.spans {
            Some(side) if side.traces.binary_search(&id).is_ok() => {
                Ok(side.file.rows_of_trace(id)?)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// The ids of the spans of a trace.
    pub(super) fn span_ids_of(&self, id: TraceId) -> Result<Vec<SpanId>, StoreError> {
        match &self.spans {
            Some(side) => Ok(side.file.span_ids_of_trace(id)?),
            None => Ok(Vec::new()),
        }
    }

    /// The log records of a trace.
    pub(super) fn logs_of(&self, id: TraceId) -> Result<Vec<Scoped<LogRecord>>, StoreError> {
        match &self.logs {
            Some(side) if side.rows_of(id).is_some() => Ok(side.file.rows_of_trace(id)?),
            _ => Ok(Vec::new()),
        }
    }

    /// Rows and moments of the log records that may fulfil the condition.
    pub(super) fn logs_of_condition(
        &self,
        condition: &Condition,
    ) -> Result<Vec<(u32, UnixNanos)>, StoreError> {
        let Some(side) = &self.logs else {
            return Ok(Vec::new());
        };
        let with_moment = |row: u32| (row, side.index.moment_ns(row));
        Ok(match side.index.find(condition)? {
            Answer::All => (0..side.index.document_count()).map(with_moment).collect(),
            Answer::Some(rows) => rows.into_iter().map(with_moment).collect(),
        })
    }

    /// These log records, in the order asked for.
    pub(super) fn read_logs(&self, rows: &[u32]) -> Result<Vec<Scoped<LogRecord>>, StoreError> {
        match &self.logs {
            Some(side) => Ok(side.file.read_rows(rows)?),
            None => Ok(Vec::new()),
        }
    }

    /// Every row, for compaction.
    pub(super) fn read_all(&self) -> Result<PartRows, StoreError> {
        let mut rows = PartRows::default();
        if let Some(side) = &self.spans {
            rows.spans = side.file.read_range(0..side.file.row_count())?;
        }
        if let Some(side) = &self.logs {
            rows.logs = side.file.read_range(0..side.file.row_count())?;
        }
        Ok(rows)
    }
}

impl SpanSide {
    /// The traces with the earliest moment of each.
    fn starts(&self) -> impl Iterator<Item = (TraceId, UnixNanos)> {
        let documents = (0_u32..).zip(&self.traces);
        documents.map(|(document, id)| (*id, self.index.moment_ns(document)))
    }

    fn open(disk: &dyn Disk, directory: &Path) -> Result<Self, StoreError> {
        let file = SpanFile::open(disk, &directory.join("spans.col"))?;
        let traces: Vec<TraceId> = file.traces().map(|(id, _)| id).collect();
        let count = u32::try_from(traces.len()).unwrap_or(u32::MAX);
        let index = IndexReader::open(disk, &directory.join("spans.idx"), count)?;
        Ok(Self {
            file,
            index,
            traces,
        })
    }
}

impl LogSide {
    /// The traces with the earliest moment of each. Rows of a trace stand in order of their
    /// moments, those without one first.
    fn starts(&self) -> impl Iterator<Item = (TraceId, UnixNanos)> {
        self.traces.iter().map(|(id, rows)| {
            let moments = rows.clone().map(|row| self.index.moment_ns(row));
            (
                *id,
                moments.fold(0, |first, next| if first == 0 { next } else { first }),
            )
        })
    }

    fn open(disk: &dyn Disk, directory: &Path) -> Result<Self, StoreError> {
        let file = LogFile::open(disk, &directory.join("logs.col"))?;
        let index = IndexReader::open(disk, &directory.join("logs.idx"), file.row_count())?;
        let traces = file.traces().collect();
        Ok(Self {
            file,
            index,
            traces,
        })
    }

    fn rows_of(&self, id: TraceId) -> Option<&Range<u32>> {
        let place = self
            .traces
            .binary_search_by_key(&id, |(known, _)| *known)
            .ok()?;
        self.traces.get(place).map(|(_, rows)| rows)
    }

    /// Adds the traces that these rows belong to; rows are in order, and so are the traces'
    /// ranges.
    fn add_traces_of_rows(&self, rows: &[u32], traces: &mut Vec<TraceId>) {
        let mut ranges = self.traces.iter().peekable();
        for row in rows {
            while ranges.next_if(|(_, range)| range.end <= *row).is_some() {}
            if let Some((id, range)) = ranges.peek()
                && range.contains(row)
                && traces.last() != Some(id)
            {
                traces.push(*id);
            }
        }
    }
}

fn services(rows: &Rows<'_>) -> Vec<ServiceMeta> {
    let mut services: BTreeMap<&str, ServiceMeta> = BTreeMap::new();
    for span in &rows.spans {
        let meta = services.entry(span.resource.service_name()).or_default();
        meta.span_count += 1;
        meta.error_span_count += u64::from(span.item.is_error());
        meta.last_ns = meta.last_ns.max(span.item.start_ns);
    }
    for log in &rows.logs {
        let meta = services.entry(log.resource.service_name()).or_default();
        meta.log_count += 1;
        meta.last_ns = meta.last_ns.max(log.item.moment_ns());
    }
    services
        .into_iter()
        .map(|(name, meta)| ServiceMeta {
            name: name.to_owned(),
            ..meta
        })
        .collect()
}

/// Bytes of all files below a directory; what vanishes meanwhile counts nothing.
pub(super) fn bytes_below(disk: &dyn Disk, directory: &Path) -> Result<u64, StoreError> {
    let mut bytes = 0;
    let mut waiting = vec![directory.to_owned()];
    while let Some(path) = waiting.pop() {
        let entries = match disk.list(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => return Err(StoreError::io("list", &path, error)),
        };
        for entry in entries {
            if entry.is_directory {
                waiting.push(path.join(&entry.name));
            } else {
                bytes += entry.bytes;
            }
        }
    }
    Ok(bytes)
}
