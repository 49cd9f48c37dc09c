//! Which rows of the tree are folded, and which are therefore shown.
//!
//! A trace is opened by a budget: what matters is open, the rest one key away. From a row to
//! its line and back is a binary search.

use std::collections::BinaryHeap;

use super::rows::{NONE, Row, RowTree, index};

/// Rows that a trace is opened with, unless its roots take more: a few screens, which can be
/// read, and not more.
const OPEN_ROWS: usize = 200;

/// Which rows are folded, and which are therefore shown.
#[derive(Debug, Clone, Default)]
pub(super) struct Folds {
    folded: Vec<bool>,
    visible: Vec<u32>,
}

impl Folds {
    /// Opens what matters first: roots, the way to these rows, then the longest spans. A run of
    /// like siblings stays folded; a row within one is told by the run's own row.
    pub(super) fn opening(
        tree: &RowTree,
        wanted: impl Iterator<Item = u32>,
        length: impl Fn(&Row) -> u64,
    ) -> Self {
        let mut folds = Self {
            folded: vec![false; tree.rows().len()],
            visible: Vec::new(),
        };
        let mut in_runs = 0;
        for run in tree.run_rows() {
            folds.set(*run, true);
            let is_outermost = tree.above(*run).all(|above| !tree.is_run(above));
            let size = tree.rows().get(*run as usize).map_or(0, |row| row.size);
            in_runs += if is_outermost {
                (size as usize).saturating_sub(1)
            } else {
                0
            };
        }
        if tree.rows().len() - in_runs > OPEN_ROWS {
            folds.open_within_budget(tree, wanted, length);
        }
        folds
    }

    fn open_within_budget(
        &mut self,
        tree: &RowTree,
        wanted: impl Iterator<Item = u32>,
        length: impl Fn(&Row) -> u64,
    ) {
        for (row, folded) in tree.rows().iter().zip(&mut self.folded) {
            *folded = row.direct > 0;
        }
        let is_root = |row: &Row| row.parent == NONE;
        let mut shown = tree.rows().iter().filter(|row| is_root(row)).count();
        for row in wanted {
            // The first one is where the error began; the others take what room there is.
            let run = tree.above(row).filter(|above| tree.is_run(*above)).last();
            shown += self.reveal(tree, run.unwrap_or(row)).0;
            if shown > OPEN_ROWS {
                break;
            }
        }
        let mut queue = BinaryHeap::new();
        for (at, row) in (0u32..).zip(tree.rows()) {
            if is_root(row) && row.direct > 0 && !tree.is_run(at) {
                queue.push((u64::MAX, at));
            }
        }
        while let Some((_, at)) = queue.pop() {
            let Some(row) = tree.rows().get(at as usize) else {
                continue;
            };
            if self.is_folded(at) {
                if !is_root(row) && shown + row.direct as usize > OPEN_ROWS {
                    continue;
                }
                shown += row.direct as usize;
                self.set(at, false);
            }
            for below in tree.beneath(at) {
                if let Some(row) = tree.rows().get(below as usize)
                    && row.direct > 0
                    && !tree.is_run(below)
                {
                    queue.push((length(row), below));
                }
            }
        }
    }

    fn set(&mut self, row: u32, folded: bool) {
        if let Some(flag) = self.folded.get_mut(row as usize) {
            *flag = folded;
        }
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

    /// Opens every row above this one; the answer is how many rows that shows more, and the
    /// topmost row that was opened.
    pub(super) fn reveal(&mut self, tree: &RowTree, row: u32) -> (usize, Option<u32>) {
        let mut shown = 0;
        let mut topmost = None;
        for above in tree.above(row) {
            if self.is_folded(above) {
                self.set(above, false);
                let direct = tree.rows().get(above as usize).map_or(0, |row| row.direct);
                shown += direct as usize;
                topmost = Some(above);
            }
        }
        (shown, topmost)
    }

    /// Computes the rows shown anew; `hidden` leaves out single rows without anything beneath.
    pub(super) fn refresh(&mut self, tree: &RowTree, hidden: impl Fn(&Row) -> bool) {
        self.visible = self.shown_between(tree, 0, index(tree.rows().len()), hidden);
    }

    /// Computes the rows shown beneath one row anew, after it was folded or opened.
    pub(super) fn refresh_beneath(
        &mut self,
        tree: &RowTree,
        row: u32,
        hidden: impl Fn(&Row) -> bool,
    ) {
        if self.visible.binary_search(&row).is_err() {
            return;
        }
        let size = tree.rows().get(row as usize).map_or(1, |row| row.size);
        let end = row.saturating_add(size);
        let below = if self.is_folded(row) {
            Vec::new()
        } else {
            self.shown_between(tree, row.saturating_add(1), end, hidden)
        };
        let from = self.visible.partition_point(|shown| *shown <= row);
        let to = self.visible.partition_point(|shown| *shown < end);
        self.visible.splice(from..to.max(from), below);
    }

    fn shown_between(
        &self,
        tree: &RowTree,
        from: u32,
        to: u32,
        hidden: impl Fn(&Row) -> bool,
    ) -> Vec<u32> {
        let mut shown = Vec::new();
        let mut at = from;
        while at < to {
            let Some(row) = tree.rows().get(at as usize) else {
                break;
            };
            if row.span != NONE || row.direct > 0 || !hidden(row) {
                shown.push(at);
            }
            at = at.saturating_add(if self.is_folded(at) {
                row.size.max(1)
            } else {
                1
            });
        }
        shown
    }

    /// The line on which the row is shown, or the one above where it is not shown.
    pub(super) fn line_of(&self, row: u32) -> usize {
        match self.visible.binary_search(&row) {
            Ok(line) => line,
            // What is folded away stands beneath the nearest row above it.
            Err(line) => line.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::Place;
    use super::*;
    use proptest::prelude::*;

    fn start(span: u32, parent: u32) -> Place {
        Place::Start { span, parent }
    }

    #[test]
    fn folding_hides_what_is_beneath_and_unfolding_shows_it() {
        let events = [start(0, NONE), start(1, 0), start(2, 1), start(3, 0)];
        let tree = RowTree::new(&events, 4, |_, _| false);
        let mut folds = Folds::opening(&tree, std::iter::empty(), |_| 1);
        folds.toggle(&tree, 1);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible(), [0, 1, 3]);
        assert_eq!(folds.line_of(2), 1);
        assert_eq!(folds.reveal(&tree, 2), (1, Some(1)));
        folds.refresh_beneath(&tree, 1, |_| false);
        assert_eq!(folds.visible(), [0, 1, 2, 3]);
        folds.toggle_all(&tree);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible(), [0, 1, 3]);
        assert!(!folds.toggle(&tree, 3));
    }

    /// A root with that many children of two spans each.
    fn wide(children: u32, alike: bool) -> RowTree {
        let mut events = vec![start(0, NONE)];
        for child in 0..children {
            events.push(start(1 + child * 2, 0));
            events.push(start(2 + child * 2, 1 + child * 2));
        }
        RowTree::new(&events, 1 + children as usize * 2, |_, _| alike)
    }

    #[test]
    fn a_large_trace_opens_with_its_errors_in_sight() {
        let tree = wide(2_000, false);
        let failed = index(tree.rows().len() - 1);
        let mut folds = Folds::opening(&tree, std::iter::once(failed), |_| 1);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible().len(), 2_002);
        assert_eq!(folds.visible().last(), Some(&failed));
    }

    #[test]
    fn a_run_opens_folded_even_where_it_holds_an_error() {
        let tree = wide(2_000, true);
        let failed = index(tree.rows().len() - 1);
        let mut folds = Folds::opening(&tree, std::iter::once(failed), |_| 1);
        folds.refresh(&tree, |_| false);
        assert_eq!(folds.visible(), [0, 1]);
        assert_eq!(folds.line_of(failed), 1, "it is told on the run's row");
    }

    proptest! {
        #[test]
        fn what_changes_beneath_a_row_is_as_if_all_were_computed_anew(
            parents in proptest::collection::vec(0u32..40, 1..60),
            toggled in proptest::collection::vec(0u32..80, 0..20),
        ) {
            let mut events = vec![start(0, NONE)];
            events.extend((1u32..).zip(&parents).map(|(span, parent)| start(span, parent % span)));
            let tree = RowTree::new(&events, events.len(), |one, other| one / 9 == other / 9);
            let mut folds = Folds::opening(&tree, std::iter::empty(), |_| 1);
            folds.refresh(&tree, |_| false);
            for row in toggled {
                folds.toggle(&tree, row);
                folds.refresh_beneath(&tree, row, |_| false);
                let mut anew = folds.clone();
                anew.refresh(&tree, |_| false);
                prop_assert_eq!(folds.visible(), anew.visible());
            }
        }
    }
}
