//! The request as an icicle: a frame for each way of calls, as wide as its time, calls beneath
//! their callers, and the same calls of the same caller as one.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::WalkData;
use crate::action::Action;

/// The frame that all roots stand beneath.
const TOP: usize = 0;

/// Spans of one operation that were called in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    /// The longest of its spans, which stands for them.
    pub span: u32,
    /// How many there are.
    pub count: u64,
    /// How many of them failed.
    pub failed: u64,
    /// Their durations together, nanoseconds.
    pub sum_ns: u64,
    /// The frame of the caller.
    parent: usize,
    /// Calls from here, by when the first of each began.
    below: Vec<usize>,
}

/// All frames, callers before what they call.
#[derive(Debug, Clone, Default)]
pub(super) struct Flame {
    frames: Vec<Frame>,
    of_span: Vec<u32>,
}

/// A frame as it is drawn: its place in eighths of a column is left to the one who draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    /// The frame.
    pub frame: usize,
    /// Levels beneath the one that fills the width.
    pub level: usize,
    /// From where to where, in columns.
    pub columns: (u16, u16),
}

impl Flame {
    /// The frames of a trace. Spans that no root leads to, because parents form a circle, are
    /// left out; the tree shows them.
    pub(super) fn new(data: &WalkData) -> Self {
        let trace = data.trace();
        let mut flame = Self {
            frames: vec![Frame {
                span: trace.root().unwrap_or(0),
                count: 0,
                failed: 0,
                sum_ns: 0,
                parent: TOP,
                below: Vec::new(),
            }],
            of_span: vec![0; trace.spans().len()],
        };
        let mut known: HashMap<(usize, u32, &str), usize, RandomState> = HashMap::default();
        for rank in 0..trace.len() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let Some(facts) = data.span(span) else {
                continue;
            };
            let parent = trace.parent(span).map_or(TOP, |parent| flame.of(parent));
            let key = (parent, trace.service_symbol(span), facts.name);
            let frame = *known.entry(key).or_insert_with(|| flame.add(span, parent));
            let length = facts.end_ns.saturating_sub(facts.start_ns);
            let longest = flame
                .frames
                .get(frame)
                .and_then(|frame| data.span(frame.span));
            let is_longest = longest
                .is_none_or(|longest| longest.end_ns.saturating_sub(longest.start_ns) < length);
            if let Some(slot) = flame.of_span.get_mut(span as usize) {
                *slot = u32::try_from(frame).unwrap_or(0);
            }
            if let Some(frame) = flame.frames.get_mut(frame) {
                frame.count += 1;
                frame.failed += u64::from(facts.is_error);
                frame.sum_ns = frame.sum_ns.saturating_add(length);
                if is_longest {
                    frame.span = span;
                }
            }
        }
        flame
    }

    fn add(&mut self, span: u32, parent: usize) -> usize {
        let frame = self.frames.len();
        self.frames.push(Frame {
            span,
            count: 0,
            failed: 0,
            sum_ns: 0,
            parent,
            below: Vec::new(),
        });
        if let Some(parent) = self.frames.get_mut(parent) {
            parent.below.push(frame);
        }
        frame
    }

    /// A frame.
    pub(super) fn get(&self, frame: usize) -> Option<&Frame> {
        self.frames.get(frame)
    }

    /// The frame of a span.
    pub(super) fn of(&self, span: u32) -> usize {
        let frame = self.of_span.get(span as usize).copied().unwrap_or(0);
        usize::try_from(frame).unwrap_or(TOP)
    }

    /// The frame that a frame was called from.
    pub(super) fn caller(&self, frame: usize) -> usize {
        self.frames.get(frame).map_or(TOP, |frame| frame.parent)
    }

    /// How many frames there are.
    pub(super) fn len(&self) -> usize {
        self.frames.len().saturating_sub(1)
    }

    /// Where a movement leads: down to the widest call, up to the caller, aside to the calls
    /// beside it.
    pub(super) fn step(&self, from: usize, action: Action) -> Option<usize> {
        let this = self.frames.get(from)?;
        let wide = |frame: &&usize| self.frames.get(**frame).map_or(0, |frame| frame.sum_ns);
        let beside = || self.frames.get(this.parent).map(|parent| &parent.below);
        match action {
            Action::Down => this.below.iter().max_by_key(wide).copied(),
            Action::Up => (this.parent != TOP).then_some(this.parent),
            Action::FoldOut | Action::PreviousSibling => {
                let beside = beside()?;
                let at = beside.iter().position(|frame| *frame == from)?;
                beside.get(at.checked_sub(1)?).copied()
            }
            Action::FoldIn | Action::NextSibling => {
                let beside = beside()?;
                let at = beside.iter().position(|frame| *frame == from)?;
                beside.get(at + 1).copied()
            }
            _ => None,
        }
    }

    /// The frames that have room, where one frame fills that many columns and its callers above
    /// it too: level by level. What is narrower than a column is left out, with its calls.
    pub(super) fn placed(&self, zoomed: usize, columns: u16, levels: usize) -> Vec<Placed> {
        let mut placed = Vec::new();
        let mut callers: Vec<usize> = Vec::new();
        let mut at = zoomed;
        while at != TOP {
            callers.push(at);
            at = self.frames.get(at).map_or(TOP, |frame| frame.parent);
        }
        callers.reverse();
        // Of many callers the nearest are told, so that calls have room too.
        let skipped = callers.len().saturating_sub((levels / 2).max(1));
        let mut level = 0;
        for frame in callers.iter().skip(skipped) {
            placed.push(Placed {
                frame: *frame,
                level,
                columns: (0, columns),
            });
            level += 1;
        }
        let mut row = vec![Placed {
            frame: zoomed,
            level,
            columns: (0, columns),
        }];
        while !row.is_empty() && level < levels {
            let mut next = Vec::new();
            for caller in row {
                let caller = Placed { level, ..caller };
                self.share(caller, &mut next);
            }
            placed.extend_from_slice(&next);
            level += 1;
            row = next;
        }
        placed
    }

    /// Shares the columns of a frame among its calls: by their time within its own, and all of
    /// it where calls at once take longer than their caller.
    /// They stand on the level given.
    fn share(&self, caller: Placed, placed: &mut Vec<Placed>) {
        let Some(this) = self.frames.get(caller.frame) else {
            return;
        };
        let sum_of = |frame: &usize| self.frames.get(*frame).map_or(0, |frame| frame.sum_ns);
        let all: u128 = this
            .below
            .iter()
            .map(|frame| u128::from(sum_of(frame)))
            .sum();
        let whole = all.max(u128::from(this.sum_ns)).max(1);
        let (from, to) = caller.columns;
        let columns = u128::from(to.saturating_sub(from));
        let mut passed = 0u128;
        for below in &this.below {
            let start = passed * columns / whole;
            passed += u128::from(sum_of(below));
            let end = passed * columns / whole;
            let column = |offset| from.saturating_add(u16::try_from(offset).unwrap_or(u16::MAX));
            if end > start {
                placed.push(Placed {
                    frame: *below,
                    level: caller.level,
                    columns: (column(start), column(end)),
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::tests::fixture::checkout;
    use proptest::prelude::*;
    use spanwalk_model::SpanId;

    fn frame_of(flame: &Flame, data: &WalkData, id: u64) -> usize {
        let span = data
            .trace()
            .index_of(SpanId::from_u64(id).unwrap())
            .unwrap();
        flame.of(span)
    }

    #[test]
    fn the_same_calls_of_the_same_caller_are_one_frame() {
        let mut items = checkout();
        let mut again = items.spans[3].clone();
        again.item.span_id = SpanId::from_u64(77).unwrap();
        again.item.end_ns += 5_000_000;
        items.spans.push(again);
        let data = WalkData::new(items);
        let flame = Flame::new(&data);
        assert_eq!(flame.len(), 10, "eleven spans, two of them the same call");
        let select = flame.get(frame_of(&flame, &data, 77)).unwrap();
        assert_eq!((select.count, select.sum_ns), (2, 95_000_000));
        assert_eq!(
            Some(select.span),
            data.trace().index_of(SpanId::from_u64(77).unwrap())
        );
    }

    #[test]
    fn down_is_the_widest_call_and_up_the_caller() {
        let data = WalkData::new(checkout());
        let flame = Flame::new(&data);
        let (place, charge) = (frame_of(&flame, &data, 2), frame_of(&flame, &data, 5));
        assert_eq!(flame.step(place, Action::Down), Some(charge));
        assert_eq!(flame.step(charge, Action::Up), Some(place));
        let cart = frame_of(&flame, &data, 3);
        assert_eq!(flame.step(charge, Action::FoldOut), Some(cart));
        assert_eq!(flame.step(cart, Action::FoldIn), Some(charge));
        assert_eq!(flame.step(frame_of(&flame, &data, 1), Action::Up), None);
    }

    proptest! {
        #[test]
        fn frames_stand_beside_each_other_and_within_their_caller(
            columns in 1u16..300,
            levels in 1usize..20,
            zoomed in 0usize..12,
        ) {
            let data = WalkData::new(checkout());
            let flame = Flame::new(&data);
            let placed = flame.placed(zoomed, columns, levels);
            for one in &placed {
                prop_assert!(one.columns.0 < one.columns.1 && one.columns.1 <= columns);
                prop_assert!(one.level < levels.max(1));
                for other in placed.iter().filter(|other| other.level == one.level && *other != one) {
                    prop_assert!(one.columns.1 <= other.columns.0 || other.columns.1 <= one.columns.0);
                }
            }
        }
    }
}
