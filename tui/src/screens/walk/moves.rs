//! Movement by rows, folding, and the way between rows and the cursor.

use std::sync::Arc;

use super::view::layout;
use super::{Shape, WalkData, WalkScreen};
use crate::action::Action;
use crate::app::State;

impl WalkScreen {
    /// Moves by rows of the window; false where the action is no such movement.
    pub(super) fn move_by_rows(
        &mut self,
        data: &Arc<WalkData>,
        action: Action,
        size: (u16, u16),
    ) -> bool {
        let height = usize::from(
            layout(State::body(size), self.in_detail, self.shape)
                .rows
                .height,
        );
        let count = self.line_count();
        let before = self.line_of_cursor(data);
        self.rows.selected = before;
        if !self.rows.act(action, count, height) {
            return false;
        }
        if self.shape == Shape::Tree {
            self.pass_open_run(data, before);
        }
        let event = match self.shape {
            Shape::Tree => self
                .folds
                .visible()
                .get(self.rows.selected)
                .and_then(|row| data.tree().rows().get(*row as usize))
                .map(|row| row.event as usize),
            Shape::Flame => None,
            Shape::List | Shape::Lanes => self
                .listed
                .get(self.rows.selected)
                .map(|event| *event as usize),
        };
        if let Some(event) = event {
            // The row is in sight, so nothing is unfolded for it.
            self.stand_on(event, matches!(action, Action::Top | Action::Bottom));
        }
        true
    }

    /// The row above an open run is its heading: the cursor goes past it, because it stands for
    /// the same event as the first row beneath.
    fn pass_open_run(&mut self, data: &WalkData, before: usize) {
        let row = self.folds.visible().get(self.rows.selected);
        let is_open_run =
            row.is_some_and(|row| data.tree().is_run(*row) && !self.folds.is_folded(*row));
        if !is_open_run {
            return;
        }
        let is_upwards = self.rows.selected < before;
        self.rows.selected = match self.rows.selected.checked_sub(1) {
            Some(above) if is_upwards => {
                self.rows.selected = above;
                return self.pass_open_run(data, before);
            }
            _ => self.rows.selected + 1,
        };
        // A run right within a run: its heading is passed too.
        self.pass_open_run(data, self.rows.selected);
    }

    /// The sibling of the row under the cursor; a folded run counts as one.
    pub(super) fn sibling(&self, data: &WalkData, forward: bool) -> Option<usize> {
        let run = self.row_of_cursor(data).filter(|row| {
            self.shape == Shape::Tree && data.tree().is_run(*row) && self.folds.is_folded(*row)
        });
        let at = match run.and_then(|row| data.tree().beneath(row).last()) {
            Some(last) if forward => data.tree().rows().get(last as usize)?.event as usize,
            _ => self.cursor,
        };
        data.sibling(at, forward)
    }

    /// Folds and unfolds.
    pub(super) fn fold_by(&mut self, data: &Arc<WalkData>, action: Action) {
        let Some(row) = self.row_of_cursor(data) else {
            return;
        };
        match action {
            Action::Fold => {
                let is_leaf = data
                    .tree()
                    .rows()
                    .get(row as usize)
                    .is_none_or(|row| row.direct == 0);
                // On what has nothing beneath it, what is around it is meant.
                let around = data.tree().above(row).next().filter(|_| is_leaf);
                self.toggle(data, around.unwrap_or(row));
            }
            Action::FoldOut if self.can_toggle(data, row) && !self.folds.is_folded(row) => {
                self.toggle(data, row);
            }
            Action::FoldOut => {
                if let Some(around) = data.tree().above(row).next() {
                    if data.tree().is_run(around) {
                        self.toggle(data, around);
                    } else {
                        self.stand_on_row(data, around);
                    }
                }
            }
            Action::FoldIn if self.folds.is_folded(row) => self.toggle(data, row),
            Action::FoldIn => {
                if let Some(below) = data.tree().beneath(row).next() {
                    self.stand_on_row(data, below);
                }
            }
            _ => {
                self.folds.toggle_all(data.tree());
                self.refresh(data);
                // The cursor's row may be folded away: the nearest one above it is taken.
                let is_hidden = !self.is_shown(data);
                if let Some(row) = self.row_of_cursor(data).filter(|_| is_hidden) {
                    self.stand_on_row(data, row);
                }
            }
        }
    }

    /// Whether there is something to fold around the row, or the row itself.
    pub(super) fn can_fold_out(&self, data: &WalkData, row: u32) -> bool {
        (self.can_toggle(data, row) && !self.folds.is_folded(row))
            || data.tree().above(row).next().is_some()
    }

    #[expect(clippy::unused_self, reason = "reads as a question to the screen")]
    fn can_toggle(&self, data: &WalkData, row: u32) -> bool {
        let this = data.tree().rows().get(row as usize);
        this.is_some_and(|row| row.direct > 0)
    }

    fn toggle(&mut self, data: &WalkData, row: u32) {
        self.folds.toggle(data.tree(), row);
        self.refresh_beneath(data, row);
        if self.folds.is_folded(row) {
            self.stand_on_row(data, row);
        }
    }

    fn stand_on_row(&mut self, data: &WalkData, row: u32) {
        if let Some(row) = data.tree().rows().get(row as usize) {
            self.stand_on(row.event as usize, false);
        }
    }

    /// Computes anew what is shown, after the trace or the level changed.
    pub(super) fn relist(&mut self, data: &WalkData) {
        self.refresh(data);
        self.listed = data.listed(self.level);
        if self.shape == Shape::Lanes {
            self.listed.retain(|at| data.is_in_lanes(*at as usize));
        }
    }

    /// Computes anew what is shown, after every fold may have changed.
    pub(super) fn refresh(&mut self, data: &WalkData) {
        let level = self.level;
        self.folds.refresh(data.tree(), |row| {
            data.event(row.event as usize)
                .is_some_and(|event| !event.level_passes(level))
        });
    }

    /// Computes anew what is shown beneath a row.
    pub(super) fn refresh_beneath(&mut self, data: &WalkData, row: u32) {
        let level = self.level;
        self.folds.refresh_beneath(data.tree(), row, |row| {
            data.event(row.event as usize)
                .is_some_and(|event| !event.level_passes(level))
        });
    }

    /// The lines that the window is over.
    pub(super) fn line_count(&self) -> usize {
        match self.shape {
            Shape::Tree => self.folds.visible().len(),
            Shape::List | Shape::Lanes => self.listed.len(),
            Shape::Flame => 0,
        }
    }

    /// The line of the cursor.
    pub(super) fn line_of_cursor(&self, data: &WalkData) -> usize {
        match self.shape {
            Shape::Tree => data
                .tree()
                .row_of(self.cursor)
                .map_or(0, |row| self.folds.line_of(row)),
            Shape::Flame => 0,
            Shape::List | Shape::Lanes => self
                .listed
                .partition_point(|event| (*event as usize) < self.cursor),
        }
    }

    /// The row in sight that the cursor stands on: its own, or the one that it is folded into.
    pub(super) fn row_of_cursor(&self, data: &WalkData) -> Option<u32> {
        let row = data.tree().row_of(self.cursor)?;
        self.folds.visible().get(self.folds.line_of(row)).copied()
    }

    fn is_shown(&self, data: &WalkData) -> bool {
        data.tree()
            .row_of(self.cursor)
            .is_some_and(|row| self.folds.visible().binary_search(&row).is_ok())
    }
}
