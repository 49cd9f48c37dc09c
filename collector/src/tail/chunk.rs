//! One arrival: the items of one wal entry.

use spanwalk_model::batch::scoped_items;
use spanwalk_model::{Batch, LogRecord, Scoped, Span, UnixNanos};

use crate::wal::{DeliveryId, Position};

/// What became durable.
#[derive(Debug)]
pub struct Arrival {
    /// Its place in the wal.
    pub position: Position,
    /// When it arrived, nanoseconds since the epoch.
    pub received_ns: UnixNanos,
    /// The delivery it belongs to, where the sender named one.
    pub delivery: Option<DeliveryId>,
    /// The items.
    pub batch: Batch,
    /// Bytes of its payload in the wal.
    pub payload_bytes: usize,
}

/// The items of one arrival, each with its resource and scope.
#[derive(Debug)]
pub struct Chunk {
    position: Position,
    received_ns: UnixNanos,
    delivery: Option<DeliveryId>,
    payload_bytes: usize,
    last_ns: UnixNanos,
    /// Spans in the order they came.
    pub spans: Vec<Scoped<Span>>,
    /// Log records in the order they came.
    pub logs: Vec<Scoped<LogRecord>>,
}

impl Chunk {
    pub(super) fn of(arrival: Arrival) -> Self {
        let (spans, logs) = match arrival.batch {
            Batch::Spans(groups) => (scoped_items(groups).collect(), Vec::new()),
            Batch::Logs(groups) => (Vec::new(), scoped_items(groups).collect()),
        };
        let of_spans = spans.iter().map(|span: &Scoped<Span>| span.item.start_ns);
        let of_logs = logs
            .iter()
            .map(|log: &Scoped<LogRecord>| log.item.moment_ns());
        Self {
            last_ns: of_spans.chain(of_logs).max().unwrap_or(0),
            position: arrival.position,
            received_ns: arrival.received_ns,
            delivery: arrival.delivery,
            payload_bytes: arrival.payload_bytes,
            spans,
            logs,
        }
    }

    /// Its place in the wal.
    pub fn position(&self) -> Position {
        self.position
    }

    /// When it arrived, nanoseconds since the epoch.
    pub fn received_ns(&self) -> UnixNanos {
        self.received_ns
    }

    /// The delivery it belongs to.
    pub fn delivery(&self) -> Option<DeliveryId> {
        self.delivery
    }

    /// Bytes of its payload in the wal.
    pub fn payload_bytes(&self) -> usize {
        self.payload_bytes
    }

    /// The newest start of a span or moment of a record; zero where there is none.
    pub fn last_ns(&self) -> UnixNanos {
        self.last_ns
    }

    /// Spans and records.
    pub fn item_count(&self) -> usize {
        self.spans.len() + self.logs.len()
    }
}
