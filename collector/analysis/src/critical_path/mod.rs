//! Which span a request waited for at every moment.
//!
//! A path's sections touch and sum exactly to the length of the span that the path begins at.
//! Every root has a path of its own, and so has everything that was sent on its way and not
//! waited for. Beside the paths: each span's own work and its slack, and what the request
//! would have taken had an operation been faster.
//!
//! - `timeline`: each span's interval, as far as its parent could wait for it.
//! - `asynchronous`: which children are not waited for; where messages came from.
//! - `sweep`: the sections.
//! - `slack`: own work, and how much later a span could have ended.
//! - `what_if`: the request played again with other lengths.
//! - `assumption`: what had to be assumed, and of which spans.

mod assumption;
mod asynchronous;
mod slack;
mod sweep;
#[cfg(test)]
mod tests;
mod timeline;
mod what_if;

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use spanwalk_model::time::UnixNanos;
use spanwalk_model::trace::Trace;

use crate::skew::Corrections;
use assumption::Assumptions;
pub use assumption::{Assumption, AssumptionKind};
pub use asynchronous::Upstream;
use slack::{Slack, UNBOUNDED};
use timeline::Timeline;
pub use what_if::{Change, Target, WhatIf};

/// A part of a path: the request waited for this span from one moment to the other. Moments
/// are those of the path, in which clocks may have been moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Section {
    /// The span's index.
    pub span: u32,
    /// Nanoseconds since the epoch.
    pub start_ns: UnixNanos,
    /// Nanoseconds since the epoch, after the start.
    pub end_ns: UnixNanos,
}

impl Section {
    /// Its length, nanoseconds.
    pub fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}

/// How a span stands to its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A root, or waited for: it ended before its parent.
    Waited,
    /// It ended after its parent, so only its beginning can have been waited for.
    Detached,
    /// Sent on its way: its parent did not wait.
    Asynchronous,
    /// It lies wholly outside of its parent.
    Outside,
}

impl Standing {
    /// Whether the parent waited for it, in part at least.
    pub fn is_waited_for(self) -> bool {
        matches!(self, Self::Waited | Self::Detached)
    }
}

/// One path through a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The span that it begins at: a root, or a span that its parent did not wait for.
    pub start_span: u32,
    /// Whether that span is a root.
    pub is_root: bool,
    /// When that span started, nanoseconds since the epoch.
    pub start_ns: UnixNanos,
    /// When that span ended, nanoseconds since the epoch.
    pub end_ns: UnixNanos,
    /// The parts in order of time; they touch and sum to the path's length.
    pub sections: Vec<Section>,
    /// Where messages that spans on the path handle came from, each link one upstream path.
    pub upstream: Vec<Upstream>,
}

impl Path {
    /// Nanoseconds from its start to its end.
    pub fn duration_ns(&self) -> u64 {
        self.end_ns.saturating_sub(self.start_ns)
    }
}

/// What an operation contributes to a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationShare {
    /// Its service.
    pub service: String,
    /// Its name.
    pub operation: String,
    /// The path's time in it, nanoseconds.
    pub path_ns: u64,
    /// Its spans on the path.
    pub span_count: u64,
}

/// The critical paths of a trace, and what each span has to do with them.
#[derive(Debug, Clone, Default)]
pub struct CriticalPath {
    timeline: Timeline,
    slack: Slack,
    paths: Vec<Path>,
    main: Option<usize>,
    path_ns: Vec<u64>,
    assumptions: Vec<Assumption>,
}

impl CriticalPath {
    /// The paths of a trace by the times as they are. Takes O(n log n) for n spans.
    pub fn of(trace: &Trace) -> Self {
        Self::with_corrections(trace, &Corrections::default())
    }

    /// The paths of a trace once clocks are corrected.
    pub fn with_corrections(trace: &Trace, corrections: &Corrections) -> Self {
        let mut assumptions = Assumptions::default();
        let timeline = Timeline::of(trace, corrections, &mut assumptions);
        let starts = starts(trace, &timeline);
        let mut slack = Slack::of(trace, &timeline, &starts);
        let mut path_ns = vec![0_u64; trace.spans().len()];
        let mut paths = Vec::with_capacity(starts.len());
        for start in starts {
            let sections = sweep::sections(trace, &timeline, start);
            let mut upstream = Vec::new();
            for section in &sections {
                if let Some(sum) = path_ns.get_mut(section.span as usize) {
                    if *sum == 0 {
                        upstream.extend(asynchronous::upstream(trace, section.span));
                    }
                    *sum += section.duration_ns();
                }
                // What the path waited for cannot end later, whatever the tolerance says.
                if let Some(of_span) = slack.slack_ns.get_mut(section.span as usize) {
                    *of_span = 0;
                }
            }
            paths.push(Path {
                start_span: start,
                is_root: trace.parent(start).is_none(),
                start_ns: timeline.start(start),
                end_ns: timeline.end(start),
                sections,
                upstream,
            });
        }
        Self {
            main: trace
                .root()
                .and_then(|root| paths.iter().position(|path| path.start_span == root)),
            timeline,
            slack,
            paths,
            path_ns,
            assumptions: assumptions.into_vec(),
        }
    }

    /// All paths in order of where they begin in the tree: of every root, and of everything
    /// that was not waited for.
    pub fn paths(&self) -> &[Path] {
        &self.paths
    }

    /// The path of the span that the request began with.
    pub fn main(&self) -> Option<&Path> {
        self.paths.get(self.main?)
    }

    /// How long paths wait for the span itself, nanoseconds.
    pub fn path_ns(&self, span: u32) -> u64 {
        self.path_ns.get(span as usize).copied().unwrap_or(0)
    }

    /// How long a span ran while no child that it waited for did, nanoseconds.
    pub fn self_ns(&self, span: u32) -> u64 {
        self.slack.self_ns.get(span as usize).copied().unwrap_or(0)
    }

    /// How much later a span could have ended without the end of its path coming later,
    /// nanoseconds; zero on the path; `None` where nothing waits for it.
    pub fn slack_ns(&self, span: u32) -> Option<u64> {
        self.slack
            .slack_ns
            .get(span as usize)
            .copied()
            .filter(|slack| *slack != UNBOUNDED)
    }

    /// How a span stands to its parent.
    pub fn standing(&self, span: u32) -> Standing {
        self.timeline.standing(span)
    }

    /// When a span ran, as far as its parent could wait for it and with its clock corrected:
    /// start and end, nanoseconds since the epoch.
    pub fn interval_ns(&self, span: u32) -> (UnixNanos, UnixNanos) {
        (self.timeline.start(span), self.timeline.end(span))
    }

    /// What had to be assumed.
    pub fn assumptions(&self) -> &[Assumption] {
        &self.assumptions
    }

    /// A path by operation, the longest share first. The shares sum to the path's length.
    pub fn shares(&self, trace: &Trace, path: &Path) -> Vec<OperationShare> {
        let mut places: HashMap<(u32, &str), usize, RandomState> = HashMap::default();
        let mut shares: Vec<OperationShare> = Vec::new();
        let mut counted: HashSet<u32, RandomState> = HashSet::default();
        for section in &path.sections {
            let key = (trace.service_symbol(section.span), trace.name(section.span));
            let place = *places.entry(key).or_insert_with(|| {
                shares.push(OperationShare {
                    service: trace.service(section.span).to_owned(),
                    operation: trace.name(section.span).to_owned(),
                    path_ns: 0,
                    span_count: 0,
                });
                shares.len() - 1
            });
            if let Some(share) = shares.get_mut(place) {
                share.path_ns += section.duration_ns();
                if counted.insert(section.span) {
                    share.span_count += 1;
                }
            }
        }
        shares.sort_by(|a, b| {
            b.path_ns
                .cmp(&a.path_ns)
                .then_with(|| (&a.service, &a.operation).cmp(&(&b.service, &b.operation)))
        });
        shares
    }
}

/// Where paths begin, in order of rank.
fn starts(trace: &Trace, timeline: &Timeline) -> Vec<u32> {
    (0..trace.len())
        .filter_map(|rank| trace.at_rank(rank))
        .filter(|span| {
            trace.parent(*span).is_none() || timeline.standing(*span) == Standing::Asynchronous
        })
        .collect()
}
