//! Where a page ended, as a text that a client gives back.

use std::cmp::Reverse;
use std::fmt;
use std::str::FromStr;

use spanwalk_model::{TraceId, UnixNanos};

/// The text is not a cursor of this list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a cursor of this list; leave it out to begin anew")]
pub struct CursorError {
    /// The text given.
    pub text: String,
}

/// The last trace of a page: those behind it start earlier, or at once with a higher id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceCursor {
    /// The trace's earliest moment.
    pub start_ns: UnixNanos,
    /// The trace.
    pub trace_id: TraceId,
}

impl TraceCursor {
    /// Whether a trace stands behind the cursor.
    pub(super) fn is_before(&self, start_ns: UnixNanos, trace_id: TraceId) -> bool {
        start_ns < self.start_ns || (start_ns == self.start_ns && trace_id > self.trace_id)
    }
}

impl fmt::Display for TraceCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start_ns, self.trace_id)
    }
}

impl FromStr for TraceCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let parsed = text.split_once('-').and_then(|(start, id)| {
            Some(Self {
                start_ns: start.parse().ok()?,
                trace_id: id.parse().ok()?,
            })
        });
        parsed.ok_or_else(|| CursorError {
            text: text.to_owned(),
        })
    }
}

/// The last record of a page, named by what it is and not by where it is stored, so that the
/// next page begins right behind it although data were flushed or merged in between.
///
/// Records stand newest first; of one moment, in the order of their content's hash; of equal
/// content, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogCursor {
    /// The record's moment.
    pub moment_ns: Reverse<UnixNanos>,
    /// Hash of the record with its resource and scope.
    pub content: u64,
    /// Which of the records of this moment and content.
    pub number: u32,
}

impl LogCursor {
    /// Behind every record of this moment.
    pub(super) fn behind(moment_ns: UnixNanos) -> Self {
        Self {
            moment_ns: Reverse(moment_ns),
            content: u64::MAX,
            number: u32::MAX,
        }
    }
}

impl fmt::Display for LogCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Reverse(moment_ns) = self.moment_ns;
        write!(f, "{moment_ns}-{}-{}", self.content, self.number)
    }
}

impl FromStr for LogCursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let parse = || {
            let (moment_ns, rest) = text.split_once('-')?;
            let (content, number) = rest.split_once('-')?;
            Some(Self {
                moment_ns: Reverse(moment_ns.parse().ok()?),
                content: content.parse().ok()?,
                number: number.parse().ok()?,
            })
        };
        parse().ok_or_else(|| CursorError {
            text: text.to_owned(),
        })
    }
}
