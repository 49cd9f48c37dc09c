//! What `update` asks the world to do.

use spanwalk_api::{LogsParams, SearchParams};
use spanwalk_model::TraceId;

/// Names one request; never used twice in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(pub u64);

/// One thing to do outside `update`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Search traces.
    Search {
        /// The request.
        request: RequestId,
        /// What to search.
        params: SearchParams,
    },
    /// Search log records.
    Logs {
        /// The request.
        request: RequestId,
        /// What to search.
        params: LogsParams,
    },
    /// Load a trace and put its events in order.
    Trace {
        /// The request.
        request: RequestId,
        /// The trace.
        id: TraceId,
    },
    /// List services.
    Services {
        /// The request.
        request: RequestId,
    },
    /// Ask how much is stored.
    Status {
        /// The request.
        request: RequestId,
    },
    /// Send [`crate::app::Message::Wake`] after a while.
    Wake {
        /// The request.
        request: RequestId,
        /// Milliseconds from now.
        after_ms: u64,
    },
    /// Nobody waits for this request any more.
    Cancel(RequestId),
    /// Put the text on the clipboard.
    Copy(String),
    /// Give the terminal back and stop until the shell continues the program.
    Suspend,
}
