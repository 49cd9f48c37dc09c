//! Which rows of the tree are folded, and which are therefore shown.
//!
//! A trace is opened by a budget: what matters is open, the rest one key away. From a row to
//! its line and back is a binary search.

use std::collections::BinaryHeap;

use super::rows::{NONE, Row, RowTree, index};

/// Rows that a trace is opened with, unless its errors and roots take more: enough to scroll
/// through, few enough to see the whole.
const OPEN_ROWS: usize = 1_000;
/// Errors whose place is opened from the start.
const OPEN_ERRORS: usize = 100;

/// Which rows are folded, and which are therefore shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Folds {
    folded: Vec<bool>,
    visible: Vec<u32>,
}

impl Folds {
    /// Opens what matters first: roots, the way to errors, then the longest spans.
    pub(super) fn opening(
        tree: &RowTree,
        error_rows: &[u32],
        length: impl Fn(&Row) -> u64,
    ) -> Self {
        let mut folds = Self {
            folded: vec![false; tree.rows().len()],
            visible: Vec::new(),
        };
        if tree.rows().len() <= OPEN_ROWS {
            return folds;
        }
        for (row, folded) in tree.rows().iter().zip(&mut folds.folded) {
            *folded = row.direct > 0;
        }
        let mut shown = tree.rows().iter().filter(|row| row.parent == NONE).count();
        let mut queue = BinaryHeap::new();
        for row in error_rows.iter().take(OPEN_ERRORS) {
            shown += folds.reveal(tree, *row);
        }
        for (at, row) in tree.rows().iter().enumerate() {
            if row.parent == NONE && row.direct > 0 {
                queue.push((u64::MAX, at));
            }
        }
        while let Some((_, at)) = queue.pop() {
            let Some(row) = tree.rows().get(at) else {
                continue;
            };
            let is_folded = folds.folded.get(at).copied().unwrap_or(false);
            let is_root = row.parent == NONE;
            if is_folded && !is_root && shown + row.direct as usize > OPEN_ROWS {
                continue;
            }
            if is_folded {
                shown += row.direct as usize;
                if let Some(folded) = folds.folded.get_mut(at) {
                    *folded = false;
                }
            }
            let mut child = at + 1;
            while child < at + row.size as usize {
                let Some(below) = tree.rows().get(child) else {
                    break;
                };
                if below.direct > 0 {
                    queue.push((length(below), child));
                }
                child += below.size as usize;
            }
        }
        folds
    }

    /// The rows shown, top to bottom.
    pub(super) fn visible(&self) -> &[u32] {
        &self.visible
    }

    /// Whether the row is folded.
    pub(super) fn is_folded(&self, row: u32) -> bool {
        self.folded.get(row as usize).copied().unwrap_or(false)
    }

    /// Folds an open row and opens a folded one; false where nothing is beneath it.
    pub(super) fn toggle(&mut self, tree: &RowTree, row: u32) -> bool {
        let foldable = tree
            .rows()
            .get(row as usize)
            .is_some_and(|row| row.direct > 0);
        if let Some(folded) = self.folded.get_mut(row as usize).filter(|_| foldable) {
            *folded = !*folded;
        }
        foldable
    }

    /// Opens everything where something is folded, else folds everything but the roots.
    pub(super) fn toggle_all(&mut self, tree: &RowTree) {
        let any_folded = self.folded.iter().any(|folded| *folded);
        for (row, folded) in tree.rows().iter().zip(&mut self.folded) {
            *folded = !any_folded && row.direct > 0 && row.parent != NONE;
        }
    }

    /// Opens every row above this one; the answer is how many rows that shows more.
    pub(super) fn reveal(&mut self, tree: &RowTree, row: u32) -> usize {
        let mut shown = 0;
        let mut above = tree.rows().get(row as usize).map_or(NONE, |row| row.parent);
        while let Some(row) = tree.rows().get(above as usize) {
            if let Some(folded) = self.folded.get_mut(above as usize)
                && *folded
            {
                *folded = false;
                shown += row.direct as usize;
            }
            above = row.parent;
        }
        shown
    }

    /// Computes the rows shown anew; `hidden` leaves out single rows without anything beneath.
    pub(super) fn refresh(&mut self, tree: &RowTree, hidden: impl Fn(&Row) -> bool) {
        self.visible.clear();
        let mut at = 0;
        while let Some(row) = tree.rows().get(at) {
            if row.span != NONE || !hidden(row) {
                self.visible.push(index(at));
            }
            let folded = self.folded.get(at).copied().unwrap_or(false);
            at += if folded { row.size as usize } else { 1 };
        }
    }

    /// The line on which the row is shown, or the one above where it is not shown.
    pub(super) fn line_of(&self, row: u32) -> usize {
        match self.visible.binary_search(&row) {
            Ok(line) => line,
            Err(line) => line.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Place;
    use super::*;

    fn start(span: u32, parent: u32) -> Place {
        Place::Start { span, parent }
    }

    #[test]
    fn folding_hides_what_is_beneath_and_unfolding_shows_it() {
        let events = [start(0, NONE), start(1, 0), start(2, 1), start(3, 0)];
        let tree = RowTree::new(&events, 4);
        let mut folds = Folds::opening(&tree, &[], |_| 1);
        folds.toggle(&tree, 1);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible(), [0, 1, 3]);
        assert_eq!(folds.line_of(2), 1);
        folds.reveal(&tree, 2);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible(), [0, 1, 2, 3]);
        folds.toggle_all(&tree);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible(), [0, 1, 3]);
        assert!(!folds.toggle(&tree, 3));
    }

    #[test]
    fn a_large_trace_opens_with_its_errors_in_sight() {
        // A root with 2,000 children of two spans each; the last one failed.
        let mut events = vec![start(0, NONE)];
        for child in 0..2_000u32 {
            events.push(start(1 + child * 2, 0));
            events.push(start(2 + child * 2, 1 + child * 2));
        }
        let tree = RowTree::new(&events, 4_001);
        let failed = index(tree.rows().len() - 1);
        let mut folds = Folds::opening(&tree, &[failed], |_| 1);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible().len(), 2_002);
        assert_eq!(folds.visible().last(), Some(&failed));
    }
}
