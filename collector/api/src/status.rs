//! `GET /api/v1/status`: the collector about itself, and the receipts of writing calls.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The state of a collector.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The collector's version.
    pub version: String,
    /// Its data directory.
    pub data_dir: String,
    /// Its process id.
    pub pid: u32,
    /// When it started, nanoseconds since the epoch.
    pub started_ns: u64,
    /// What is stored; exact.
    pub stored: Stored,
    /// Items that arrived, by signal: `spans`, `log_records`.
    pub received: BTreeMap<String, u64>,
    /// Items that cannot be stored, by reason; their senders were told not to send them again.
    pub rejected: BTreeMap<String, u64>,
    /// Requests turned away, by reason; their senders were told to try again.
    pub refused: BTreeMap<String, u64>,
    /// Items lost after they were acknowledged, by reason. Anything but zero is a fault.
    pub dropped: BTreeMap<String, u64>,
    /// Values that were hidden before anything was written, by reason.
    #[serde(default)]
    pub redacted: BTreeMap<String, u64>,
    /// Bytes that requests in flight hold now.
    #[serde(default)]
    pub in_flight_bytes: u64,
    /// The listeners.
    pub listeners: Vec<ListenerStatus>,
    /// What is wrong with the collector, for people; empty when healthy.
    #[serde(default)]
    pub warnings: Vec<String>,
}

/// What a collector holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Spans.
    pub spans: u64,
    /// Log records.
    pub log_records: u64,
    /// Distinct trace ids of spans.
    pub traces: u64,
    /// Distinct service names of spans and log records.
    pub services: u64,
    /// Bytes in the data directory, everything included.
    pub bytes: u64,
}

/// One listener.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListenerStatus {
    /// `otlp_grpc`, `otlp_http`, `zipkin` or `api`.
    pub name: String,
    /// The bound address; empty where it is off or could not be bound.
    pub address: String,
    /// Why it is not bound; empty where it is.
    #[serde(default)]
    pub problem: String,
}

/// What `serve --json` prints in one line when the collector is ready.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ready {
    /// The listeners with their bound addresses.
    pub listeners: Vec<ListenerStatus>,
    /// The data directory.
    pub data_dir: String,
    /// The process id.
    pub pid: u32,
}

/// Answer to `POST /api/v1/import`: an OTLP protobuf request body whose delivery id
/// (`?signal=spans|logs&delivery=HEX`) makes it count once however often it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReceipt {
    /// Items stored by this call.
    pub stored: u64,
    /// Whether the delivery id was known, so that nothing was stored again.
    pub known: bool,
    /// Items that cannot be stored, by reason.
    pub rejected: BTreeMap<String, u64>,
}
