//! From events in causal order to rows.

use super::{NONE, Place, Row, RowTree, index};

/// Like siblings one after another from which on they get a row of their own: as many as can
/// be counted at a glance stay as they are.
pub(super) const RUN_MIN: usize = 5;

/// What the tree grows from.
struct Seeds<'a> {
    events: &'a [Place],
    /// The events of each span in order, as one list and where each span's part begins.
    members: Vec<u32>,
    starts: Vec<u32>,
    row_of_span: Vec<u32>,
}

impl Seeds<'_> {
    /// The events right beneath a span; those at the top for the number after the last span.
    fn beneath(&self, span: usize) -> &[u32] {
        list(span, &self.starts, &self.members)
    }

    /// The span that an event starts, or [`NONE`].
    fn span(&self, event: u32) -> u32 {
        match self.events.get(event as usize) {
            Some(Place::Start { span, .. }) => *span,
            _ => NONE,
        }
    }

    fn is_grown(&self, span: u32) -> bool {
        self.row_of_span
            .get(span as usize)
            .is_some_and(|row| *row != NONE)
    }
}

/// Rows being added beneath one row: a stretch of a span's events.
#[derive(Debug, Clone, Copy)]
struct Frame {
    row: u32,
    owner: usize,
    next: usize,
    end: usize,
    depth: u32,
    in_run: bool,
}

impl RowTree {
    /// The rows of these events, which stand in causal order, over that many spans; `alike`
    /// tells whether two siblings do the same.
    pub(in crate::screens::walk) fn new(
        events: &[Place],
        span_count: usize,
        alike: impl Fn(u32, u32) -> bool,
    ) -> Self {
        let (starts, members) = members_of(events, span_count);
        let mut seeds = Seeds {
            events,
            members,
            starts,
            row_of_span: vec![NONE; span_count],
        };
        let mut tree = Self {
            rows: Vec::with_capacity(events.len()),
            row_of_event: vec![NONE; events.len()],
            run_rows: Vec::new(),
            depth_max: 0,
        };
        tree.grow(NONE, span_count, 0, &mut seeds, &alike);
        // What no root leads to, because parents form a circle, is shown at the top.
        for (event, place) in events.iter().enumerate() {
            if let Place::Start { span, .. } = place
                && !seeds.is_grown(*span)
            {
                let row = tree.push(*span, index(event), NONE, 0, &mut seeds);
                tree.grow(row, *span as usize, 1, &mut seeds, &alike);
            }
        }
        for (event, place) in events.iter().enumerate() {
            if let Place::End { span } = place
                && let Some(row) = seeds.row_of_span.get(*span as usize)
                && let Some(slot) = tree.row_of_event.get_mut(event)
            {
                *slot = *row;
            }
        }
        tree
    }

    /// Adds everything beneath a row, with a stack of its own: traces can be deeper than the
    /// thread's.
    fn grow(
        &mut self,
        top: u32,
        owner: usize,
        depth: u32,
        seeds: &mut Seeds<'_>,
        alike: &impl Fn(u32, u32) -> bool,
    ) {
        let end = seeds.beneath(owner).len();
        let mut stack = vec![Frame {
            row: top,
            owner,
            next: 0,
            end,
            depth,
            in_run: false,
        }];
        while let Some(frame) = stack.last_mut() {
            let members = seeds.beneath(frame.owner).get(frame.next..frame.end);
            let Some((event, rest)) = members.and_then(<[u32]>::split_first) else {
                let row = frame.row as usize;
                let size = index(self.rows.len().saturating_sub(row));
                if let Some(this) = self.rows.get_mut(row) {
                    this.size = size;
                }
                stack.pop();
                continue;
            };
            let (event, span) = (*event, seeds.span(*event));
            if seeds.is_grown(span) {
                frame.next += 1;
                continue;
            }
            let run = if frame.in_run || span == NONE {
                0
            } else {
                run_length(span, rest, seeds, alike)
            };
            let (row, depth) = (frame.row, frame.depth);
            if let Some(this) = self.rows.get_mut(row as usize) {
                this.direct += 1;
            }
            if run >= RUN_MIN {
                let mut below = *frame;
                frame.next += run;
                below.end = frame.next;
                below.row = self.push(NONE, NONE, row, depth, seeds);
                below.depth = depth + 1;
                below.in_run = true;
                self.run_rows.push(below.row);
                if let Some(this) = self.rows.get_mut(below.row as usize) {
                    this.event = event;
                }
                stack.push(below);
                continue;
            }
            frame.next += 1;
            let row = self.push(span, event, row, depth, seeds);
            if span != NONE {
                let owner = span as usize;
                stack.push(Frame {
                    row,
                    owner,
                    next: 0,
                    end: seeds.beneath(owner).len(),
                    depth: depth + 1,
                    in_run: false,
                });
            }
        }
    }

    fn push(
        &mut self,
        span: u32,
        event: u32,
        parent: u32,
        depth: u32,
        seeds: &mut Seeds<'_>,
    ) -> u32 {
        let row = index(self.rows.len());
        if let Some(slot) = seeds.row_of_span.get_mut(span as usize) {
            *slot = row;
        }
        if let Some(slot) = self.row_of_event.get_mut(event as usize) {
            *slot = row;
        }
        self.depth_max = self.depth_max.max(depth);
        self.rows.push(Row {
            span,
            event,
            parent,
            size: 1,
            direct: 0,
            depth,
        });
        row
    }
}

/// How many siblings from this span on do the same as it, one after another.
fn run_length(
    span: u32,
    rest: &[u32],
    seeds: &Seeds<'_>,
    alike: &impl Fn(u32, u32) -> bool,
) -> usize {
    let like = rest.iter().take_while(|event| {
        let other = seeds.span(**event);
        other != NONE && !seeds.is_grown(other) && alike(span, other)
    });
    1 + like.count()
}

/// The events of each span in order, as one list and where each span's part begins; the last
/// part holds what stands at the top.
fn members_of(events: &[Place], span_count: usize) -> (Vec<u32>, Vec<u32>) {
    let owner = |place: &Place| {
        let span = match place {
            Place::Start { parent, .. } => *parent,
            Place::Within { span } => *span,
            Place::End { .. } => return None,
        };
        Some((span as usize).min(span_count))
    };
    let mut starts = vec![0u32; span_count + 2];
    for place in events {
        if let Some(count) = owner(place).and_then(|owner| starts.get_mut(owner + 1)) {
            *count += 1;
        }
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut next = starts.clone();
    let mut members = vec![NONE; sum as usize];
    for (event, place) in events.iter().enumerate() {
        let Some(slot) = owner(place).and_then(|owner| next.get_mut(owner)) else {
            continue;
        };
        if let Some(member) = members.get_mut(*slot as usize) {
            *member = index(event);
        }
        *slot += 1;
    }
    (starts, members)
}

fn list<'a>(span: usize, starts: &[u32], members: &'a [u32]) -> &'a [u32] {
    let start = starts.get(span).copied().unwrap_or(0) as usize;
    let end = starts.get(span + 1).copied().unwrap_or(0) as usize;
    members.get(start..end).unwrap_or_default()
}
