//! Which parts there are, how far the wal is flushed, and which deliveries are known.
//!
//! One JSON file, replaced in one step: `{"format": 2, "crc32": N, "content": "…"}`, where the
//! content is JSON again, so that the checksum is of exact bytes. A part that it does not name
//! does not exist.

use std::collections::HashSet;
use std::path::Path;

use foldhash::quality::RandomState;
use serde::{Deserialize, Serialize};
use spanwalk_model::UnixNanos;

use super::error::{OpenError, StoreError};
use crate::disk::{Disk, replace_file};
use crate::wal::DeliveryId;

/// The file's name in the data directory.
pub(super) const MANIFEST_FILE: &str = "manifest.json";
/// The newest format that this program knows.
pub(super) const FORMAT: u32 = 2;
/// The largest manifest that is read, bytes.
const BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// What the manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    /// The wal position up to which everything is in parts.
    pub(super) flushed: u64,
    /// The id of the next part.
    pub(super) next_part: u64,
    /// The parts.
    pub(super) parts: Vec<PartMeta>,
    /// Deliveries whose items are in parts: 32 hex digits, and since format 2 a space and
    /// when it arrived.
    pub(super) deliveries: Vec<String>,
    /// What was dropped because it was too old.
    #[serde(default)]
    pub(super) dropped_by_age: DroppedMeta,
    /// What was dropped to hold the disk budget.
    #[serde(default)]
    pub(super) dropped_by_bytes: DroppedMeta,
}

/// What was dropped since the directory was made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DroppedMeta {
    pub(super) part_count: u64,
    pub(super) span_count: u64,
    pub(super) log_count: u64,
    pub(super) bytes: u64,
    /// When the youngest of it had arrived.
    pub(super) last_arrived_ns: u64,
}

/// What the manifest says of a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartMeta {
    /// Names its directory; never used twice.
    pub(super) id: u64,
    /// The number of its window; `u64::MAX` where it holds several.
    pub(super) window: u64,
    /// Spans in it.
    pub(super) span_count: u32,
    /// Traces that have a span in it.
    pub(super) trace_count: u32,
    /// Log records in it.
    pub(super) log_count: u32,
    /// The earliest start of a span or moment of a record.
    pub(super) first_ns: u64,
    /// The latest start of a span or moment of a record.
    pub(super) last_ns: u64,
    /// When the first of it arrived. In format 1 this is not known.
    #[serde(default)]
    pub(super) first_arrived_ns: u64,
    /// When the last of it arrived.
    #[serde(default)]
    pub(super) last_arrived_ns: u64,
    /// Bytes of its files.
    pub(super) bytes: u64,
    /// What each service has in it.
    pub(super) services: Vec<ServiceMeta>,
}

/// What a service has in a part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServiceMeta {
    pub(super) name: String,
    pub(super) span_count: u64,
    pub(super) error_span_count: u64,
    pub(super) log_count: u64,
    pub(super) last_ns: u64,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    format: u32,
    crc32: u32,
    content: String,
}

/// Only the format, which every version's manifest begins with.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Manifest {
    /// Reads the manifest of a data directory; an empty one where there is none. Of what format
    /// 1 does not say, when something arrived, `now_ns` is taken: it is kept too long rather
    /// than too short.
    pub(super) fn read(
        disk: &dyn Disk,
        directory: &Path,
        now_ns: UnixNanos,
    ) -> Result<Self, OpenError> {
        let path = directory.join(MANIFEST_FILE);
        let bytes = match disk.read(&path, BYTES_MAX) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => return Err(StoreError::io("read", &path, error).into()),
        };
        let damaged = |reason: String| OpenError::Manifest {
            path: path.clone(),
            reason,
        };
        let format: Format =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if format.format > FORMAT {
            return Err(OpenError::NewerVersion {
                directory: directory.to_owned(),
                found: format.format,
                known: FORMAT,
            });
        }
        let envelope: Envelope =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if crc32fast::hash(envelope.content.as_bytes()) != envelope.crc32 {
            return Err(damaged("its checksum is wrong".to_owned()));
        }
        let mut manifest: Self =
            serde_json::from_str(&envelope.content).map_err(|error| damaged(error.to_string()))?;
        if format.format < 2 {
            for part in &mut manifest.parts {
                (part.first_arrived_ns, part.last_arrived_ns) = (now_ns, now_ns);
            }
            for delivery in &mut manifest.deliveries {
                let text = format!("{delivery} {now_ns}");
                *delivery = text;
            }
        }
        Ok(manifest)
    }

    /// Notes a delivery whose items are in parts.
    pub(super) fn add_delivery(&mut self, delivery: DeliveryId, received_ns: UnixNanos) {
        self.deliveries
            .push(format!("{:032x} {received_ns}", delivery.0));
    }

    /// The deliveries whose items are in parts.
    pub(super) fn delivery_ids(&self) -> HashSet<DeliveryId, RandomState> {
        let known = self.deliveries.iter().filter_map(|text| parse(text));
        known.map(|(delivery, _)| delivery).collect()
    }

    /// Forgets deliveries that arrived before anything that is left: nothing of them is left
    /// either, and whoever sends them again means it.
    pub(super) fn forget_deliveries(&mut self) {
        let first = self.parts.iter().map(|part| part.first_arrived_ns).min();
        let first = first.unwrap_or(UnixNanos::MAX);
        self.deliveries
            .retain(|text| parse(text).is_none_or(|(_, received_ns)| received_ns >= first));
    }

    /// Replaces the manifest of a data directory in one durable step.
    pub(super) fn write(&self, disk: &dyn Disk, directory: &Path) -> Result<(), StoreError> {
        let failed = |source| StoreError::Manifest { source };
        let content = serde_json::to_string(self).map_err(failed)?;
        let envelope = Envelope {
            format: FORMAT,
            crc32: crc32fast::hash(content.as_bytes()),
            content,
        };
        let bytes = serde_json::to_vec(&envelope).map_err(failed)?;
        let path = directory.join(MANIFEST_FILE);
        replace_file(disk, &path, &bytes).map_err(|error| StoreError::io("write", &path, error))
    }
}

/// A delivery and when it arrived.
fn parse(text: &str) -> Option<(DeliveryId, UnixNanos)> {
    let (id, received_ns) = text.split_once(' ')?;
    let id = u128::from_str_radix(id, 16).ok()?;
    Some((DeliveryId(id), received_ns.parse().ok()?))
}
