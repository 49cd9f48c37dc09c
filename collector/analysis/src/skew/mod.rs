//! Clocks that disagree: which host each span's times come from, and how far hosts are apart.
//!
//! - `hosts`: the clock of a span.

mod hosts;

pub(crate) use hosts::Hosts;
pub use hosts::host_of;

/// How far each span's clock is moved before its times are compared with those of other
/// hosts. Stored times are never changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections {
    /// By span index, nanoseconds to add; missing means zero.
    offset_ns: Vec<i64>,
}

impl Corrections {
    /// Corrections by span index, nanoseconds to add to what the span's clock said.
    pub fn new(offset_ns: Vec<i64>) -> Self {
        Self { offset_ns }
    }

    /// What to add to the times of a span, nanoseconds.
    pub fn offset_ns(&self, span: u32) -> i64 {
        self.offset_ns.get(span as usize).copied().unwrap_or(0)
    }

    /// Whether nothing is moved.
    pub fn is_empty(&self) -> bool {
        self.offset_ns.iter().all(|offset| *offset == 0)
    }
}
