//! What had to be assumed to lay spans in time.

use std::collections::BTreeMap;
use std::fmt;

/// At most this many spans are named; the count says how many there are.
const SPANS_MAX: usize = 16;

/// One thing assumed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// What was assumed.
    pub kind: AssumptionKind,
    /// Of how many spans.
    pub count: u64,
    /// Indexes of the first of them.
    pub spans: Vec<u32>,
}

/// What can be assumed of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssumptionKind {
    /// It ends after its parent; only what lies in the parent was waited for.
    EndsAfterParent,
    /// It starts before its parent; only what lies in the parent counts.
    StartsBeforeParent,
    /// It lies wholly outside of its parent, which did not wait for it.
    Outside,
    /// A message's consumer, or said to follow from its parent: the parent went on.
    NotWaitedFor,
    /// The callee's clock is behind the caller's: it was moved into the call.
    ClockMoved,
    /// It has no start: a root reaches back to the first known moment, others have no length.
    NoStart,
}

impl fmt::Display for Assumption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spans = if self.count == 1 { "span" } else { "spans" };
        write!(f, "{} {spans}: ", self.count)?;
        f.write_str(match self.kind {
            AssumptionKind::EndsAfterParent => {
                "ends after its parent; only the part inside was waited for"
            }
            AssumptionKind::StartsBeforeParent => {
                "starts before its parent; only the part inside counts"
            }
            AssumptionKind::Outside => "lies outside of its parent, which did not wait for it",
            AssumptionKind::NotWaitedFor => "was sent on its way; its parent did not wait for it",
            AssumptionKind::ClockMoved => "started before its call; its clock was moved into it",
            AssumptionKind::NoStart => "has no start time",
        })
    }
}

/// Gathers assumptions.
#[derive(Debug, Default)]
pub(super) struct Assumptions(BTreeMap<AssumptionKind, Assumption>);

impl Assumptions {
    pub(super) fn add(&mut self, kind: AssumptionKind, span: u32) {
        let assumption = self.0.entry(kind).or_insert_with(|| Assumption {
            kind,
            count: 0,
            spans: Vec::new(),
        });
        assumption.count += 1;
        if assumption.spans.len() < SPANS_MAX {
            assumption.spans.push(span);
        }
    }

    pub(super) fn into_vec(self) -> Vec<Assumption> {
        self.0.into_values().collect()
    }
}
