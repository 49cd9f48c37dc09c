//! What was made, sent and lost, and why.

use std::fmt;

/// Why items never reached a collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// Too many, or too many bytes, were waiting in memory.
    QueueFull,
    /// The collector said that it will never take the request.
    Refused,
    /// The collector took the request and rejected some of its items.
    Rejected,
    /// One request would have been larger than OTLP allows.
    TooLarge,
    /// The collector answered with more than an answer may have.
    Answer,
    /// The disk did not take it, or gave back something damaged.
    Spool,
    /// The process ended first.
    Ended,
}

impl Loss {
    /// Every reason, in the order of the counts.
    pub const ALL: [Self; 7] = [
        Self::QueueFull,
        Self::Refused,
        Self::Rejected,
        Self::TooLarge,
        Self::Answer,
        Self::Spool,
        Self::Ended,
    ];
}

impl fmt::Display for Loss {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::QueueFull => "queue full",
            Self::Refused => "refused",
            Self::Rejected => "rejected",
            Self::TooLarge => "too large",
            Self::Answer => "answer too large",
            Self::Spool => "spool",
            Self::Ended => "process ended",
        })
    }
}

/// What was made, sent and lost since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Items that the service made and that were sampled.
    pub made: u64,
    /// Items of an earlier process that were found on disk at the start.
    pub restored: u64,
    /// Items that a collector accepted.
    pub sent: u64,
    /// Items that wait on disk.
    pub spooled: u64,
    /// Items lost, for whatever reason.
    pub dropped: u64,
    by_reason: [u64; Loss::ALL.len()],
}

impl Counts {
    /// Items that still wait to be sent, in memory or on disk.
    #[must_use]
    pub fn waiting(&self) -> u64 {
        (self.made + self.restored)
            .saturating_sub(self.sent)
            .saturating_sub(self.dropped)
    }

    /// Items lost for this reason.
    #[must_use]
    pub fn dropped_for(&self, loss: Loss) -> u64 {
        let index = Loss::ALL.iter().position(|it| *it == loss);
        index
            .and_then(|it| self.by_reason.get(it))
            .copied()
            .unwrap_or(0)
    }

    pub(crate) fn drop(&mut self, loss: Loss, count: u64) {
        self.dropped += count;
        let index = Loss::ALL.iter().position(|it| *it == loss);
        if let Some(slot) = index.and_then(|it| self.by_reason.get_mut(it)) {
            *slot += count;
        }
    }
}

/// The counts of both signals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// Spans.
    pub spans: Counts,
    /// Log records.
    pub records: Counts,
}
