//! Small parts into larger ones. A flush every minute makes many small parts; each costs
//! every query a look.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::catalogue::{Catalogue, PartSet};
use super::change::Flusher;
use super::error::StoreError;
use super::part::{Arrived, Part, Rows};

/// Parts of one window from which on they are merged.
const PARTS_MIN: usize = 8;
/// A part with more rows is large enough.
const SMALL_ROWS_MAX: u64 = 50_000;
/// A merge makes a part of at most this many rows, which it holds in memory.
const MERGED_ROWS_MAX: u64 = 200_000;

impl Flusher {
    /// Merges the small parts of one window, if one has many; whether it did.
    pub(super) fn compact(&self, catalogue: &Catalogue) -> Result<bool, StoreError> {
        let set = catalogue.parts();
        let Some((window, small)) = crowded_window(&set) else {
            return Ok(false);
        };
        let read = small
            .iter()
            .map(|part| part.read_all())
            .collect::<Result<Vec<_>, _>>()?;
        let mut rows = Rows {
            spans: read.iter().flat_map(|rows| &rows.spans).collect(),
            logs: read.iter().flat_map(|rows| &rows.logs).collect(),
            ..Rows::default()
        };
        for part in &small {
            rows.arrived.join(Arrived::of(&part.meta));
        }
        let mut change = Self::begin(catalogue);
        if let Err(error) = self.add_part(&mut change, window, rows) {
            self.take_back(catalogue, change);
            return Err(error);
        }
        change.remove(|id| small.iter().any(|part| part.meta.id == id));
        self.commit(catalogue, change, None)?;
        Ok(true)
    }
}

/// A window with many small parts, and as many of them as fit into one.
fn crowded_window(set: &PartSet) -> Option<(u64, Vec<Arc<Part>>)> {
    let mut windows: BTreeMap<u64, Vec<Arc<Part>>> = BTreeMap::new();
    for part in &set.parts {
        if part.row_count() <= SMALL_ROWS_MAX {
            windows
                .entry(part.meta.window)
                .or_default()
                .push(Arc::clone(part));
        }
    }
    let (window, mut small) = windows
        .into_iter()
        .find(|(_, parts)| parts.len() >= PARTS_MIN)?;
    small.sort_by_key(|part| part.row_count());
    let mut rows = 0;
    small.retain(|part| {
        rows += part.row_count();
        rows <= MERGED_ROWS_MAX
    });
    (small.len() > 1).then_some((window, small))
}
