//! From a decoded request to durable and visible.

use std::sync::{Arc, OnceLock};

use spanwalk_model::{Batch, UnixNanos};

use super::error::IngestError;
use super::worker::Shared;
use crate::tail::{Arrival, Inserted};
use crate::wal::{DeliveryId, Entry, GroupCommit, Position};

/// What goes through the wal beside the bytes.
pub(super) struct Attachment {
    batch: Batch,
    received_ns: UnixNanos,
    delivery: Option<DeliveryId>,
    payload_bytes: usize,
    outcome: Arc<OnceLock<Inserted>>,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accepted {
    /// Spans and records that are stored now and were not before.
    pub stored: u64,
    /// Whether its delivery was known, so that nothing was stored.
    pub known: bool,
}

/// Takes requests. Clones share the wal.
#[derive(Clone)]
pub struct Ingest {
    pub(super) shared: Arc<Shared>,
    pub(super) wal: Arc<GroupCommit<Attachment>>,
}

impl std::fmt::Debug for Ingest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ingest").finish_non_exhaustive()
    }
}

impl Ingest {
    /// Returns when the entry is on the disk and visible to queries. The batch is what the
    /// entry's payload decodes to.
    ///
    /// # Errors
    /// [`IngestError`]; [`IngestError::is_retryable`] says whether the sender should try
    /// again.
    pub async fn submit(&self, entry: Entry, mut batch: Batch) -> Result<Accepted, IngestError> {
        batch.observe(entry.received_ns);
        let fill = self.shared.catalogue.tail.fill();
        if self.shared.options.is_over(fill) {
            return Err(IngestError::Overloaded { items: fill.items });
        }
        if let Some(delivery) = entry.delivery
            && self.shared.knows(delivery)
        {
            return Ok(Accepted {
                stored: 0,
                known: true,
            });
        }
        let outcome = Arc::new(OnceLock::new());
        let attachment = Attachment {
            batch,
            received_ns: entry.received_ns,
            delivery: entry.delivery,
            payload_bytes: entry.payload.len(),
            outcome: Arc::clone(&outcome),
        };
        self.wal.submit(entry, attachment).await?;
        let inserted = outcome.get().copied().unwrap_or_default();
        Ok(Accepted {
            stored: inserted.stored,
            known: inserted.known,
        })
    }
}

impl Shared {
    /// Whether the delivery is held, in parts or in the tail. Asked in this order, because a
    /// flush adds to the one before it takes from the other.
    pub(super) fn knows(&self, delivery: DeliveryId) -> bool {
        self.catalogue.tail.knows(delivery) || self.catalogue.knows(delivery)
    }

    /// What the wal hands on after a sync, in order.
    pub(super) fn insert_durable(&self, group: Vec<(Position, Attachment)>) {
        for (position, attachment) in group {
            let is_in_parts = attachment
                .delivery
                .is_some_and(|delivery| self.catalogue.knows(delivery));
            let inserted = if is_in_parts {
                Inserted {
                    known: true,
                    ..Inserted::default()
                }
            } else {
                self.catalogue.tail.insert(Arrival {
                    position,
                    received_ns: attachment.received_ns,
                    delivery: attachment.delivery,
                    batch: attachment.batch,
                    payload_bytes: attachment.payload_bytes,
                })
            };
            // Set once: each attachment goes through the wal once.
            let _ = attachment.outcome.set(inserted);
        }
        self.wake();
    }
}
