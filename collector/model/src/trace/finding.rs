//! What was wrong with the input of a trace.

use std::fmt;

/// At most this many spans are named in a finding; its count says how many there are.
pub const FINDING_SPANS_MAX: usize = 16;

/// One kind of oddity, with the spans it was found at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What is odd.
    pub kind: FindingKind,
    /// How many spans it concerns.
    pub count: u64,
    /// Indexes of the first of them.
    pub spans: Vec<u32>,
}

/// What is odd about a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FindingKind {
    /// Spans name a parent that is not stored.
    MissingParent,
    /// Spans are their own ancestors; the tie is cut at the earliest of them.
    ParentCycle,
    /// Spans share an id and differ; all are kept.
    RepeatedId,
    /// The same span came more than once; it is kept once.
    Duplicate,
    /// Spans end before they start; they are drawn without a length.
    EndBeforeStart,
    /// Spans carry no start time.
    NoStart,
    /// There is more than one span without a parent.
    SeveralRoots,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spans = if self.count == 1 { "span" } else { "spans" };
        write!(f, "{} {spans} ", self.count)?;
        let one = self.count == 1;
        f.write_str(match self.kind {
            FindingKind::MissingParent if one => "names a parent that is not stored",
            FindingKind::MissingParent => "name parents that are not stored",
            FindingKind::ParentCycle if one => "is its own ancestor",
            FindingKind::ParentCycle => "are their own ancestors",
            FindingKind::RepeatedId if one => "has the id of another",
            FindingKind::RepeatedId => "have the ids of others",
            FindingKind::Duplicate => "came more than once",
            FindingKind::EndBeforeStart if one => "ends before it starts",
            FindingKind::EndBeforeStart => "end before they start",
            FindingKind::NoStart if one => "has no start time",
            FindingKind::NoStart => "have no start time",
            FindingKind::SeveralRoots => "have no parent, where one is usual",
        })
    }
}

/// Gathers findings while a trace is built.
#[derive(Debug, Default)]
pub(super) struct Findings(std::collections::BTreeMap<FindingKind, Finding>);

impl Findings {
    /// Notes a span; the list of spans is bounded, the count is not.
    pub(super) fn add(&mut self, kind: FindingKind, span: u32) {
        let finding = self.0.entry(kind).or_insert_with(|| Finding {
            kind,
            count: 0,
            spans: Vec::new(),
        });
        finding.count += 1;
        if finding.spans.len() < FINDING_SPANS_MAX {
            finding.spans.push(span);
        }
    }

    /// The findings in order of kind.
    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0.into_values().collect()
    }
}
