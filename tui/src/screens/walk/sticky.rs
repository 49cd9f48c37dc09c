//! The rows above the window that stay in sight, so that one knows where one is.

use super::{WalkData, WalkScreen};

/// How many rows above may stay in sight in a window of that height.
pub(super) fn sticky_max(height: usize) -> usize {
    match height {
        0..8 => 0,
        8..14 => 1,
        14..24 => 2,
        24.. => 3,
    }
}

impl WalkScreen {
    /// The rows that stand at the top of the window in place of as many of its first ones: the
    /// nearest ones above the first row that is left, outermost first.
    pub(super) fn sticky(&self, data: &WalkData, height: usize) -> Vec<u32> {
        let tree = data.tree();
        let offset = self.rows.offset;
        if offset == 0 {
            return Vec::new();
        }
        for count in (1..=sticky_max(height)).rev() {
            let Some(first) = self.folds.visible().get(offset + count) else {
                continue;
            };
            let mut above: Vec<u32> = tree.above(*first).take(count).collect();
            if above.len() == count {
                above.reverse();
                return above;
            }
        }
        Vec::new()
    }

    /// Keeps the cursor clear of the rows that stay in sight.
    pub(super) fn clear_of_sticky(&mut self, height: usize) {
        let covered = sticky_max(height);
        if self.rows.selected < self.rows.offset + covered {
            self.rows.offset = self.rows.selected.saturating_sub(covered);
        }
    }
}
