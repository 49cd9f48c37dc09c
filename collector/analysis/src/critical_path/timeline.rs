//! When each span ran, as far as its parent could wait for it.

use spanwalk_model::SpanKind;
use spanwalk_model::trace::Trace;

use super::Standing;
use super::assumption::{AssumptionKind, Assumptions};
use super::asynchronous::asynchronous;
use crate::skew::{Corrections, Hosts};

/// Times before this are read as offsets from zero, not as moments: one year after the epoch.
const EPOCH_YEAR_NS: u64 = 365 * 24 * 3600 * 1_000_000_000;
/// The least overlap that two spans in sequence may have, nanoseconds: clocks are read at
/// different places.
const OVERLAP_MIN_NS: u64 = 1_000;
/// The most overlap that two spans in sequence may have, nanoseconds.
const OVERLAP_MAX_NS: u64 = 1_000_000;

/// The interval of every span: in its parent's where the parent waits for it, else its own.
#[derive(Debug, Clone, Default)]
pub(super) struct Timeline {
    pub(super) start_ns: Vec<u64>,
    pub(super) end_ns: Vec<u64>,
    pub(super) standing: Vec<Standing>,
}

/// A child that its parent waits for, while siblings are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child {
    pub(super) span: u32,
    pub(super) start_ns: u64,
    pub(super) end_ns: u64,
    /// The moment from which a sibling may count as started after this one; later than its
    /// start, also where it has no length.
    pub(super) soft_end_ns: u64,
}

impl Timeline {
    pub(super) fn of(
        trace: &Trace,
        corrections: &Corrections,
        assumptions: &mut Assumptions,
    ) -> Self {
        let count = trace.spans().len();
        let mut timeline = Self {
            start_ns: vec![0; count],
            end_ns: vec![0; count],
            standing: vec![Standing::Waited; count],
        };
        let hosts = Hosts::of(trace);
        let mut shifts = vec![0_i64; count];
        for (span, scoped) in (0_u32..).zip(trace.spans()) {
            let (start, end) = own_interval(trace, span, scoped.item.start_ns, assumptions);
            let offset = corrections.offset_ns(span);
            set(&mut timeline.start_ns, span, moved(start, offset));
            set(&mut timeline.end_ns, span, moved(end, offset));
        }
        let is_asynchronous = asynchronous(trace);
        for rank in 0..trace.len() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let Some(parent) = trace.parent(span) else {
                continue;
            };
            let inherited = if hosts.same(span, parent) {
                shifts.get(parent as usize).copied().unwrap_or(0)
            } else {
                0
            };
            timeline.shift(span, inherited);
            let mut shift = inherited;
            if is_asynchronous.get(span as usize) == Some(&true) {
                set(&mut timeline.standing, span, Standing::Asynchronous);
                assumptions.add(AssumptionKind::NotWaitedFor, span);
            } else {
                if !hosts.same(span, parent) && is_call(trace, parent, span) {
                    let by = timeline.shift_into(parent, span);
                    if by != 0 {
                        assumptions.add(AssumptionKind::ClockMoved, span);
                        timeline.shift(span, by);
                        shift = shift.saturating_add(by);
                    }
                }
                timeline.clip(parent, span, assumptions);
            }
            set(&mut shifts, span, shift);
        }
        timeline
    }

    pub(super) fn start(&self, span: u32) -> u64 {
        self.start_ns.get(span as usize).copied().unwrap_or(0)
    }

    pub(super) fn end(&self, span: u32) -> u64 {
        self.end_ns.get(span as usize).copied().unwrap_or(0)
    }

    pub(super) fn length(&self, span: u32) -> u64 {
        self.end(span).saturating_sub(self.start(span))
    }

    pub(super) fn standing(&self, span: u32) -> Standing {
        self.standing
            .get(span as usize)
            .copied()
            .unwrap_or(Standing::Outside)
    }

    /// Appends the children that `parent` waits for, in order of their start.
    pub(super) fn add_children(&self, trace: &Trace, parent: u32, into: &mut Vec<Child>) {
        let from = into.len();
        let tolerance = (self.length(parent) / 100).clamp(OVERLAP_MIN_NS, OVERLAP_MAX_NS);
        for span in trace.children(parent).iter().copied() {
            if !self.standing(span).is_waited_for() {
                continue;
            }
            let (start_ns, end_ns) = (self.start(span), self.end(span));
            let tolerated = tolerance.min(end_ns.saturating_sub(start_ns) / 2);
            into.push(Child {
                span,
                start_ns,
                end_ns,
                soft_end_ns: end_ns
                    .saturating_sub(tolerated)
                    .max(start_ns.saturating_add(1)),
            });
        }
        if let Some(children) = into.get_mut(from..)
            && !children.is_sorted_by_key(|child| child.start_ns)
        {
            children.sort_by_key(|child| child.start_ns);
        }
    }

    fn shift(&mut self, span: u32, by: i64) {
        if by != 0 {
            let (start, end) = (self.start(span), self.end(span));
            set(&mut self.start_ns, span, moved(start, by));
            set(&mut self.end_ns, span, moved(end, by));
        }
    }

    /// How far the callee of a call must be moved to not start before it: into the middle
    /// where it fits, because both ways of a network take about as long (Jaeger, `clockskew`
    /// adjuster), else to the call's start. One that starts in time is left alone: it may
    /// really end late.
    fn shift_into(&self, call: u32, callee: u32) -> i64 {
        let early = self.start(call).saturating_sub(self.start(callee));
        let room = self.length(call).saturating_sub(self.length(callee)) / 2;
        if early == 0 {
            0
        } else {
            i64::try_from(early.saturating_add(room)).unwrap_or(i64::MAX)
        }
    }

    /// Cuts a child to the interval of its parent.
    fn clip(&mut self, parent: u32, span: u32, assumptions: &mut Assumptions) {
        let (from, to) = (self.start(parent), self.end(parent));
        let (start, end) = (self.start(span), self.end(span));
        let standing = if start > to || end < from || (end > start && (start == to || end == from))
        {
            assumptions.add(AssumptionKind::Outside, span);
            Standing::Outside
        } else if end > to {
            assumptions.add(AssumptionKind::EndsAfterParent, span);
            Standing::Detached
        } else {
            if start < from {
                assumptions.add(AssumptionKind::StartsBeforeParent, span);
            }
            Standing::Waited
        };
        set(&mut self.standing, span, standing);
        if standing != Standing::Outside {
            set(&mut self.start_ns, span, start.max(from));
            set(&mut self.end_ns, span, end.min(to));
        }
    }
}

/// A span's own interval, never negative. Where a moment is known for the end alone, the
/// start is not known: a root then reaches back to the trace's first moment, any other span
/// has no length.
fn own_interval(
    trace: &Trace,
    span: u32,
    stored_start_ns: u64,
    assumptions: &mut Assumptions,
) -> (u64, u64) {
    let end = trace.span_end_ns(span);
    if stored_start_ns != 0 || end < EPOCH_YEAR_NS {
        return (stored_start_ns, end);
    }
    assumptions.add(AssumptionKind::NoStart, span);
    match trace.parent(span) {
        Some(_) => (end, end),
        None => (trace.start_ns().min(end), end),
    }
}

fn is_call(trace: &Trace, parent: u32, child: u32) -> bool {
    trace.kind(parent) == SpanKind::Client && trace.kind(child) == SpanKind::Server
}

fn moved(moment_ns: u64, by_ns: i64) -> u64 {
    moment_ns.saturating_add_signed(by_ns)
}

fn set<T>(values: &mut [T], index: u32, value: T) {
    if let Some(place) = values.get_mut(index as usize) {
        *place = value;
    }
}
