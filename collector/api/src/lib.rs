//! Wire types of the HTTP API, shared by the collector and its clients.
//!
//! Every type here is a JSON body or a query string of `/api/v1`. Times are nanoseconds since
//! the Unix epoch and durations nanoseconds, as JSON numbers; ids are lower-case hex. Types of
//! the core never stand here, so that either side changes freely and the wire form is
//! versioned in one place.

mod critical_path;
mod diff;
mod fields;
mod histogram;
mod logs;
mod page;
mod patterns;
mod problem;
mod search;
mod services;
mod status;
mod tail;
mod walk;

pub use critical_path::{CriticalPathResponse, PathOperation, PathSection};
pub use diff::{DiffAttribute, DiffDivergence, DiffParams, DiffPlace, DiffResponse, DiffSide};
pub use fields::{
    KeyEntry, KeysParams, KeysResponse, OperationEntry, OperationsParams, OperationsResponse,
    ValueEntry, ValuesParams, ValuesResponse,
};
pub use histogram::{HistogramParams, HistogramResponse};
pub use logs::{LogEntry, LogsParams, LogsResponse};
pub use page::{Completeness, CutReason};
pub use patterns::{PatternEntry, PatternsResponse};
pub use problem::{PROBLEM_CONTENT_TYPE, Problem};
pub use search::{SearchParams, SearchResponse, ServiceCount, TraceSummary};
pub use services::{ServiceEntry, ServicesResponse};
pub use status::{ImportReceipt, ListenerStatus, Ready, Status, Stored};
pub use tail::{TailParams, TailSpan, TailStatus};
pub use walk::{WalkEvent, WalkResponse};

/// The path that all routes of this version begin with.
pub const API_PREFIX: &str = "/api/v1";

/// The media type of OTLP protobuf bodies.
pub const PROTOBUF_CONTENT_TYPE: &str = "application/x-protobuf";
