//! The rows of a trace as a tree: spans with what happened in them beneath, in causal order.
//!
//! The rows of everything unfolded are computed once. Each knows how many rows its subtree
//! has, so the visible ones follow from one pass that jumps over what is folded.

/// Stands for no row, span or event.
pub(super) const NONE: u32 = u32::MAX;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// The span, for the row of a span; else [`NONE`].
    pub span: u32,
    /// The event of the walk that the row stands for: a span's start, an event or a log record.
    pub event: u32,
    /// The row above it in the tree, or [`NONE`].
    pub parent: u32,
    /// Rows of its subtree, itself included.
    pub size: u32,
    /// Rows right beneath it.
    pub direct: u32,
    /// Depth in the tree; roots have zero.
    pub depth: u32,
}

/// What an event is, as far as rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The start of a span, within its parent or at the top.
    Start {
        /// The span.
        span: u32,
        /// Its parent, or [`NONE`].
        parent: u32,
    },
    /// The end of a span, which has no row of its own.
    End {
        /// The span.
        span: u32,
    },
    /// Something within a span, or at the top where that is [`NONE`].
    Within {
        /// The span.
        span: u32,
    },
}

/// All rows, with ways from events and spans to them.
#[derive(Debug, Clone, Default)]
pub(super) struct RowTree {
    rows: Vec<Row>,
    row_of_event: Vec<u32>,
    depth_max: u32,
}

impl RowTree {
    /// The rows of these events, which stand in causal order, over that many spans.
    pub(super) fn new(events: &[Place], span_count: usize) -> Self {
        let (starts, members) = members_of(events, span_count);
        let mut tree = Self {
            rows: Vec::with_capacity(events.len()),
            row_of_event: vec![NONE; events.len()],
            depth_max: 0,
        };
        let mut row_of_span = vec![NONE; span_count];
        tree.grow(span_count, &starts, &members, events, &mut row_of_span);
        // What no root leads to, because parents form a circle, is shown at the top.
        for (event, place) in events.iter().enumerate() {
            if let Place::Start { span, .. } = place
                && row_of_span.get(*span as usize) == Some(&NONE)
            {
                let event = index(event);
                tree.push(*span, event, NONE, 0, &mut row_of_span);
                tree.descend(*span as usize, &starts, &members, events, &mut row_of_span);
            }
        }
        for (event, place) in events.iter().enumerate() {
            if let Place::End { span } = place
                && let Some(row) = row_of_span.get(*span as usize)
                && let Some(slot) = tree.row_of_event.get_mut(event)
            {
                *slot = *row;
            }
        }
        tree
    }

    /// The rows, as if nothing were folded.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The depth of the deepest row.
    pub(super) fn depth_max(&self) -> u32 {
        self.depth_max
    }

    /// The row of an event; the end of a span stands on the span's row.
    pub(super) fn row_of(&self, event: usize) -> Option<u32> {
        self.row_of_event
            .get(event)
            .copied()
            .filter(|row| *row != NONE)
    }

    /// Whether another row follows beneath the same parent.
    pub(super) fn has_next_sibling(&self, row: u32) -> bool {
        let Some(this) = self.rows.get(row as usize) else {
            return false;
        };
        let end = row.saturating_add(this.size);
        match self.rows.get(this.parent as usize) {
            Some(parent) => end < this.parent.saturating_add(parent.size),
            None => (end as usize) < self.rows.len(),
        }
    }

    fn grow(
        &mut self,
        root: usize,
        starts: &[u32],
        members: &[u32],
        events: &[Place],
        row_of_span: &mut [u32],
    ) {
        for event in list(root, starts, members) {
            let span = match events.get(*event as usize) {
                Some(Place::Start { span, .. }) => *span,
                _ => NONE,
            };
            self.push(span, *event, NONE, 0, row_of_span);
            if span != NONE {
                self.descend(span as usize, starts, members, events, row_of_span);
            }
        }
    }

    /// Adds everything beneath the row that was pushed last, with a stack of its own: traces
    /// can be deeper than the thread's.
    fn descend(
        &mut self,
        span: usize,
        starts: &[u32],
        members: &[u32],
        events: &[Place],
        row_of_span: &mut [u32],
    ) {
        let top = self.rows.len().saturating_sub(1);
        let mut stack = vec![(top, list(span, starts, members).iter())];
        while let Some((row, rest)) = stack.last_mut() {
            let row = *row;
            let Some(event) = rest.next() else {
                let size = index(self.rows.len() - row);
                if let Some(this) = self.rows.get_mut(row) {
                    this.size = size;
                }
                stack.pop();
                continue;
            };
            let child = match events.get(*event as usize) {
                Some(Place::Start { span, .. }) => *span,
                _ => NONE,
            };
            let seen = row_of_span
                .get(child as usize)
                .is_some_and(|row| *row != NONE);
            if seen {
                continue;
            }
            let depth = self.rows.get(row).map_or(0, |row| row.depth + 1);
            if let Some(this) = self.rows.get_mut(row) {
                this.direct += 1;
            }
            self.push(child, *event, index(row), depth, row_of_span);
            if child != NONE {
                let below = list(child as usize, starts, members).iter();
                stack.push((self.rows.len() - 1, below));
            }
        }
    }

    fn push(&mut self, span: u32, event: u32, parent: u32, depth: u32, row_of_span: &mut [u32]) {
        let row = index(self.rows.len());
        if let Some(slot) = row_of_span.get_mut(span as usize) {
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
    }
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

/// An index as it is stored; a trace with more rows than fit is cut long before.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn start(span: u32, parent: u32) -> Place {
        Place::Start { span, parent }
    }

    fn spans(tree: &RowTree) -> Vec<(u32, u32, u32)> {
        tree.rows()
            .iter()
            .map(|row| (row.span, row.depth, row.size))
            .collect()
    }

    #[test]
    fn children_and_records_stand_beneath_their_span_in_causal_order() {
        let events = [
            start(0, NONE),
            Place::Within { span: 0 },
            start(1, 0),
            Place::Within { span: 1 },
            Place::End { span: 1 },
            Place::Within { span: 0 },
            Place::End { span: 0 },
            Place::Within { span: NONE },
        ];
        let tree = RowTree::new(&events, 2);
        assert_eq!(
            spans(&tree),
            [
                (0, 0, 5),
                (NONE, 1, 1),
                (1, 1, 2),
                (NONE, 2, 1),
                (NONE, 1, 1),
                (NONE, 0, 1)
            ]
        );
        assert_eq!(tree.row_of(4), Some(2), "an end stands on its span's row");
        assert!(tree.has_next_sibling(2) && !tree.has_next_sibling(4));
    }

    #[test]
    fn a_circle_of_parents_is_shown_and_ends() {
        let events = [start(0, 1), start(1, 0)];
        let tree = RowTree::new(&events, 2);
        assert_eq!(spans(&tree), [(0, 0, 2), (1, 1, 1)]);
    }

    proptest! {
        #[test]
        fn any_events_make_a_tree_with_every_row_once(
            parents in proptest::collection::vec(proptest::option::of(0u32..30), 0..30),
            within in proptest::collection::vec(proptest::option::of(0u32..40), 0..30),
        ) {
            let mut events: Vec<Place> = parents
                .iter()
                .enumerate()
                .map(|(span, parent)| start(index(span), parent.unwrap_or(NONE)))
                .collect();
            events.extend(within.iter().map(|span| Place::Within { span: span.unwrap_or(NONE) }));
            let tree = RowTree::new(&events, parents.len());
            prop_assert_eq!(tree.rows().len(), events.len());
            for event in 0..events.len() {
                prop_assert!(tree.row_of(event).is_some());
            }
        }
    }
}
