//! From the tail to parts.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foldhash::quality::RandomState;
use spanwalk_model::{Scoped, Span, TraceId, UnixNanos};

use super::catalogue::{Catalogue, PartSet};
use super::error::StoreError;
use super::manifest::PartMeta;
use super::part::{Part, Rows};
use crate::disk::Disk;
use crate::tail::Chunk;
use crate::wal::{DeliveryId, Position};

/// The window of parts that hold rows of many windows.
pub(super) const MIXED_WINDOW: u64 = u64::MAX;
/// One flush writes at most this many parts of one window; rows of further windows, of which
/// only odd clocks make so many, go together into one part.
const WINDOWS_MAX: usize = 48;

/// Writes parts into a data directory.
#[derive(Debug)]
pub(super) struct Flusher {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
    pub(super) window_ns: u64,
}

impl Flusher {
    /// Moves everything in the tail into parts; the position that is then flushed, `None`
    /// where the tail was empty. After an error the tail is as before.
    pub(super) fn flush(&self, catalogue: &Catalogue) -> Result<Option<Position>, StoreError> {
        let chunks = catalogue.tail.seal();
        let Some(position) = chunks.last().map(|chunk| chunk.position()) else {
            return Ok(None);
        };
        let set = catalogue.parts();
        let mut manifest = catalogue.manifest().clone();
        let mut parts = set.parts.clone();
        for (window, mut rows) in self.by_window(&chunks) {
            drop_stored(&mut rows.spans, window, &set)?;
            if rows.is_empty() {
                continue;
            }
            let part = self.write_part(&mut manifest.next_part, window, rows)?;
            manifest.parts.push(part.meta.clone());
            parts.push(Arc::new(part));
        }
        let deliveries: Vec<DeliveryId> =
            chunks.iter().filter_map(|chunk| chunk.delivery()).collect();
        let known = deliveries
            .iter()
            .map(|delivery| format!("{:032x}", delivery.0));
        manifest.deliveries.extend(known);
        manifest.flushed = position.0;
        manifest.write(self.disk.as_ref(), &self.directory)?;
        *catalogue.manifest() = manifest;
        catalogue.publish(PartSet::new(parts), deliveries, Some(position));
        Ok(Some(position))
    }

    /// Writes and opens one part. Its number is used up also where that fails, so that what
    /// a failed attempt left is never mistaken for a part.
    pub(super) fn write_part(
        &self,
        next_part: &mut u64,
        window: u64,
        rows: Rows<'_>,
    ) -> Result<Part, StoreError> {
        let id = *next_part;
        *next_part += 1;
        let meta: PartMeta = write_anew(self.disk.as_ref(), &self.directory, id, window, rows)?;
        Part::open(self.disk.as_ref(), &self.directory, meta)
    }

    fn by_window<'a>(&self, chunks: &'a [Arc<Chunk>]) -> BTreeMap<u64, Rows<'a>> {
        let mut windows: BTreeMap<u64, Rows<'_>> = BTreeMap::new();
        let window_of = |moment_ns: UnixNanos| moment_ns / self.window_ns.max(1);
        for chunk in chunks {
            for span in &chunk.spans {
                let rows = windows.entry(window_of(span.item.start_ns)).or_default();
                rows.spans.push(span);
            }
            for log in &chunk.logs {
                let rows = windows.entry(window_of(log.item.moment_ns())).or_default();
                rows.logs.push(log);
            }
        }
        if windows.len() > WINDOWS_MAX {
            windows = with_few_windows(windows);
        }
        windows
    }
}

/// A directory of this number may be left from an attempt that failed.
fn write_anew(
    disk: &dyn Disk,
    directory: &Path,
    id: u64,
    window: u64,
    rows: Rows<'_>,
) -> Result<PartMeta, StoreError> {
    let part_directory = super::part::directory_of(directory, id);
    match disk.remove_directory_all(&part_directory) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(StoreError::io("remove", &part_directory, error)),
    }
    Part::write(disk, directory, id, window, rows)
}

/// Keeps the windows with the most rows and puts the rest together.
fn with_few_windows(windows: BTreeMap<u64, Rows<'_>>) -> BTreeMap<u64, Rows<'_>> {
    let mut by_size: Vec<(u64, Rows<'_>)> = windows.into_iter().collect();
    by_size.sort_by_key(|(_, rows)| std::cmp::Reverse(rows.len()));
    let mut few = BTreeMap::new();
    let mut mixed = Rows::default();
    for (place, (window, rows)) in by_size.into_iter().enumerate() {
        if place < WINDOWS_MAX {
            few.insert(window, rows);
        } else {
            mixed.spans.extend(rows.spans);
            mixed.logs.extend(rows.logs);
        }
    }
    few.insert(MIXED_WINDOW, mixed);
    few
}

/// Leaves out spans that parts hold already: a sender that did not hear our answer sends
/// again. The same span has the same start and so the same window.
fn drop_stored(
    spans: &mut Vec<&Scoped<Span>>,
    window: u64,
    set: &PartSet,
) -> Result<(), StoreError> {
    let mut stored: HashMap<TraceId, Vec<Scoped<Span>>, RandomState> = HashMap::default();
    let neighbours: Vec<&Arc<Part>> = set
        .parts
        .iter()
        .filter(|part| part.meta.window == window || part.meta.window == MIXED_WINDOW)
        .collect();
    let mut kept = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        let id = span.item.trace_id;
        if let std::collections::hash_map::Entry::Vacant(entry) = stored.entry(id) {
            let mut known = Vec::new();
            for part in &neighbours {
                known.extend(part.spans_of(id)?);
            }
            entry.insert(known);
        }
        let is_stored = stored.get(&id).is_some_and(|known| known.contains(span));
        if !is_stored {
            kept.push(span);
        }
    }
    *spans = kept;
    Ok(())
}
