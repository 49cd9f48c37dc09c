//! What `update` is told.

use std::sync::Arc;

use spanwalk_api::{LogsResponse, SearchResponse, ServicesResponse, Status};

use super::{Failure, RequestId};
use crate::action::{Action, Key};
use crate::screens::walk::WalkData;

/// One thing that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key was pressed.
    Key(Key),
    /// An action was chosen without its key.
    Act(Action),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// An answer came.
    Answer(RequestId, Reply),
    /// The time of a wake-up has come.
    Wake(RequestId),
    /// A text was put on the clipboard, or into a file where there is none.
    Copied(Result<String, String>),
    /// The program was continued and has the terminal again.
    Continued,
}

/// An answer.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Of a search for traces.
    Search(Box<SearchResponse>),
    /// Of a search for log records.
    Logs(Box<LogsResponse>),
    /// A trace, ready to walk.
    Trace(Arc<WalkData>),
    /// The services.
    Services(Box<ServicesResponse>),
    /// How the collector is.
    Status(Box<Status>),
    /// It failed.
    Failed(Failure),
}
