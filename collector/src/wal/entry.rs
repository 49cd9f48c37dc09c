//! What the log keeps.

use std::fmt;

use bytes::Bytes;

/// The order of entries: strictly increasing over the life of a data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position(pub u64);

impl Position {
    /// Before all entries.
    pub const ZERO: Self = Self(0);

    /// The position behind this one.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What an entry's payload holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// An OTLP `ExportTraceServiceRequest`.
    Spans,
    /// An OTLP `ExportLogsServiceRequest`.
    Logs,
}

/// Names one delivery, so that the same one sent twice is kept once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryId(pub u128);

/// One request as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What the payload holds.
    pub signal: Signal,
    /// When it was received, in nanoseconds since the Unix epoch.
    pub received_ns: u64,
    /// The delivery it belongs to, where the sender named one.
    pub delivery: Option<DeliveryId>,
    /// The request, OTLP protobuf.
    pub payload: Bytes,
}
