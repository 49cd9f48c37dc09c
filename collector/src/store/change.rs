//! A change of the parts: written beside what is there, then made true by the manifest in one
//! step, or taken back.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::catalogue::{Catalogue, PartSet};
use super::error::StoreError;
use super::manifest::Manifest;
use super::part::{Part, Rows, directory_of};
use crate::disk::Disk;
use crate::wal::Position;

/// Writes parts into a data directory.
#[derive(Debug)]
pub(super) struct Flusher {
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
    pub(super) window_ns: u64,
    /// Parts of a manifest that could not be made durable: it is not known which manifest
    /// holds after a crash, so their directories stay until another one is written.
    abandoned: Mutex<Vec<u64>>,
}

/// What is to be true next.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) manifest: Manifest,
    pub(super) parts: Vec<Arc<Part>>,
    /// Parts whose directories were begun.
    written: Vec<u64>,
    /// Parts that are gone once the change is true.
    removed: Vec<u64>,
}

impl Change {
    /// Takes parts out.
    pub(super) fn remove(&mut self, is_removed: impl Fn(u64) -> bool) {
        let gone = self.manifest.parts.iter().map(|meta| meta.id);
        self.removed.extend(gone.filter(|id| is_removed(*id)));
        self.manifest.parts.retain(|meta| !is_removed(meta.id));
        self.parts.retain(|part| !is_removed(part.meta.id));
    }
}

impl Flusher {
    pub(super) fn new(disk: Arc<dyn Disk>, directory: PathBuf, window_ns: u64) -> Self {
        Self {
            disk,
            directory,
            window_ns,
            abandoned: Mutex::default(),
        }
    }

    /// A change that changes nothing yet.
    pub(super) fn begin(catalogue: &Catalogue) -> Change {
        Change {
            manifest: catalogue.manifest().clone(),
            parts: catalogue.parts().parts.clone(),
            written: Vec::new(),
            removed: Vec::new(),
        }
    }

    /// Writes and opens one part.
    pub(super) fn add_part(
        &self,
        change: &mut Change,
        window: u64,
        rows: Rows<'_>,
    ) -> Result<(), StoreError> {
        let id = change.manifest.next_part;
        change.manifest.next_part += 1;
        change.written.push(id);
        let (disk, directory) = (self.disk.as_ref(), self.directory.as_path());
        let meta = Part::write(disk, directory, id, window, rows)?;
        let part = Part::open(disk, directory, meta.clone())?;
        change.manifest.parts.push(meta);
        change.parts.push(Arc::new(part));
        Ok(())
    }

    /// Makes the change true: for readers, and after a crash.
    pub(super) fn commit(
        &self,
        catalogue: &Catalogue,
        change: Change,
        flushed: Option<Position>,
    ) -> Result<(), StoreError> {
        if let Err(error) = change.manifest.write(self.disk.as_ref(), &self.directory) {
            // The new manifest may be in place for all that: what it names must neither be
            // removed nor written again under the same number.
            self.abandoned().extend(&change.written);
            let mut manifest = catalogue.manifest();
            manifest.next_part = change.manifest.next_part;
            return Err(error);
        }
        let deliveries = change.manifest.delivery_ids();
        *catalogue.manifest() = change.manifest;
        catalogue.publish(PartSet::new(change.parts), deliveries, flushed);
        // Readers that hold the old parts keep their open files. What cannot be removed now
        // is removed at the next start.
        let abandoned = std::mem::take(&mut *self.abandoned());
        self.remove_directories(change.removed.into_iter().chain(abandoned));
        Ok(())
    }

    /// Takes back what was written for a change that is not to be. It makes room at once,
    /// because want of room is the likeliest reason.
    pub(super) fn take_back(&self, catalogue: &Catalogue, change: Change) {
        catalogue.manifest().next_part = change.manifest.next_part;
        drop(change.parts);
        self.remove_directories(change.written);
    }

    fn remove_directories(&self, ids: impl IntoIterator<Item = u64>) {
        for id in ids {
            let path = directory_of(&self.directory, id);
            match self.disk.remove_directory_all(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    tracing::warn!(path = %path.display(), %error, "a part that is no more could not be removed");
                }
            }
        }
    }

    fn abandoned(&self) -> std::sync::MutexGuard<'_, Vec<u64>> {
        self.abandoned
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
