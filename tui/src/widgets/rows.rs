//! The window of a long list: which row is chosen and which is drawn first.

use crate::action::Action;

/// The chosen row and the first one drawn. Only the rows of the window are ever drawn, so a
/// frame costs the same however long the list is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rows {
    /// The chosen row.
    pub selected: usize,
    /// The first row drawn.
    pub offset: usize,
}

impl Rows {
    /// Moves as the action says; false where it is no movement.
    pub fn act(&mut self, action: Action, row_count: usize, height: usize) -> bool {
        let page = height.saturating_sub(1).max(1);
        let last = row_count.saturating_sub(1);
        self.selected = match action {
            Action::Down => self.selected.saturating_add(1).min(last),
            Action::Up => self.selected.saturating_sub(1),
            Action::PageDown => self.selected.saturating_add(page).min(last),
            Action::PageUp => self.selected.saturating_sub(page),
            Action::Top => 0,
            Action::Bottom => last,
            _ => return false,
        };
        true
    }

    /// Brings row and window within the list, and the row within the window.
    pub fn settle(&mut self, row_count: usize, height: usize) {
        self.selected = self.selected.min(row_count.saturating_sub(1));
        let height = height.max(1);
        self.offset = self.offset.min(row_count.saturating_sub(height));
        if self.selected < self.offset {
            self.offset = self.selected;
        } else if self.selected >= self.offset + height {
            self.offset = self.selected + 1 - height;
        }
    }

    /// The rows to draw.
    pub fn window(&self, row_count: usize, height: usize) -> std::ops::Range<usize> {
        let start = self.offset.min(row_count);
        start..row_count.min(start.saturating_add(height))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MOVES: [Action; 6] = [
        Action::Down,
        Action::Up,
        Action::PageDown,
        Action::PageUp,
        Action::Top,
        Action::Bottom,
    ];

    proptest! {
        #[test]
        fn the_chosen_row_is_always_in_the_list_and_in_the_window(
            steps in proptest::collection::vec((0usize..6, 0usize..30, 0usize..12), 1..60)
        ) {
            let mut rows = Rows::default();
            for (step, count, height) in steps {
                rows.act(MOVES[step], count, height);
                rows.settle(count, height);
                let window = rows.window(count, height.max(1));
                prop_assert!(count == 0 || window.contains(&rows.selected));
                prop_assert!(window.end <= count);
            }
        }
    }
}
