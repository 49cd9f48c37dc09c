//! The rows of a trace as a tree: spans with what happened in them beneath, in causal order.
//!
//! The rows of everything unfolded are computed once. Each knows how many rows its subtree
//! has, so the visible ones follow from one pass that jumps over what is folded. A run of like
//! siblings has a row of its own above them, so that a loop of a thousand calls is one row
//! until somebody wants to see each.

mod grow;
#[cfg(test)]
mod tests;

/// Stands for no row, span or event.
pub(super) const NONE: u32 = u32::MAX;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    /// The span, for the row of a span; [`NONE`] for an event, a log record and a run.
    pub span: u32,
    /// The event of the walk that the row stands for: a span's start, an event or a log
    /// record; the first span's start for a run.
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
    /// Rows of runs, in order.
    run_rows: Vec<u32>,
    depth_max: u32,
}

impl RowTree {
    /// The rows, as if nothing were folded.
    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows of runs, top to bottom: each stands above like siblings and is none itself.
    pub(super) fn run_rows(&self) -> &[u32] {
        &self.run_rows
    }

    /// Whether the row stands above a run of like siblings.
    pub(super) fn is_run(&self, row: u32) -> bool {
        self.rows
            .get(row as usize)
            .is_some_and(|this| this.span == NONE && this.direct > 0)
    }

    /// The rows above a row, the nearest first.
    pub(super) fn above(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        let parent = |row: u32| {
            let parent = self.rows.get(row as usize)?.parent;
            (parent != NONE).then_some(parent)
        };
        std::iter::successors(parent(row), move |row| parent(*row))
    }

    /// The rows right beneath a row.
    pub(super) fn beneath(&self, row: u32) -> impl Iterator<Item = u32> + '_ {
        let end = self
            .rows
            .get(row as usize)
            .map_or(0, |this| row.saturating_add(this.size));
        let within = move |row: u32| (row < end).then_some(row);
        std::iter::successors(within(row.saturating_add(1)), move |row| {
            let size = self.rows.get(*row as usize)?.size.max(1);
            within(row.saturating_add(size))
        })
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
}

/// An index as it is stored; a trace with more rows than fit is cut long before.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(NONE)
}
