//! Finding text within a trace.

use super::WalkData;
use crate::action::Key;
use crate::widgets::input::Input;

/// Events up to which every key typed searches; larger traces are searched when typing ends.
const WHILE_TYPING_MAX: usize = 20_000;

/// A search within the trace.
#[derive(Debug, Default)]
pub(super) struct Find {
    input: Input,
    editing: bool,
    /// Indexes of the events found, in causal order.
    hits: Vec<u32>,
}

impl Find {
    pub(super) fn begin() -> Self {
        Self {
            editing: true,
            ..Self::default()
        }
    }

    pub(super) fn is_editing(&self) -> bool {
        self.editing
    }

    pub(super) fn input(&self) -> &Input {
        &self.input
    }

    pub(super) fn hits(&self) -> &[u32] {
        &self.hits
    }

    /// Takes a key as typing; true where the hits changed.
    pub(super) fn press(&mut self, key: Key, data: &WalkData) -> bool {
        self.input.press(key) && self.typed(data)
    }

    pub(super) fn paste(&mut self, text: &str, data: &WalkData) -> bool {
        self.input.insert(text);
        self.typed(data)
    }

    fn typed(&mut self, data: &WalkData) -> bool {
        if data.event_count() > WHILE_TYPING_MAX {
            return false;
        }
        self.hits = data.find(self.input.text());
        true
    }

    /// Ends the typing.
    pub(super) fn accept(&mut self, data: &WalkData) {
        self.editing = false;
        self.hits = data.find(self.input.text());
    }

    /// The first hit from this event on, or before it; around the end where there is none.
    pub(super) fn from(&self, event: usize, forward: bool) -> Option<usize> {
        let after = self.hits.partition_point(|hit| (*hit as usize) <= event);
        let before = self.hits.partition_point(|hit| (*hit as usize) < event);
        let hit = if forward {
            self.hits.get(after).or_else(|| self.hits.first())
        } else {
            before
                .checked_sub(1)
                .and_then(|index| self.hits.get(index))
                .or_else(|| self.hits.last())
        };
        hit.map(|hit| *hit as usize)
    }

    /// The hit at or after this event.
    pub(super) fn at_or_after(&self, event: usize) -> Option<usize> {
        let place = self.hits.partition_point(|hit| (*hit as usize) < event);
        let hit = self.hits.get(place).or_else(|| self.hits.first());
        hit.map(|hit| *hit as usize)
    }

    /// Which hit the event is, counted from one.
    pub(super) fn number_of(&self, event: usize) -> Option<usize> {
        self.hits
            .binary_search_by(|hit| (*hit as usize).cmp(&event))
            .ok()
            .map(|index| index + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_goes_around_both_ends() {
        let find = Find {
            hits: vec![3, 7, 9],
            ..Find::default()
        };
        assert_eq!(find.from(3, true), Some(7));
        assert_eq!(find.from(9, true), Some(3));
        assert_eq!(find.from(3, false), Some(9));
        assert_eq!(find.from(8, false), Some(7));
        assert_eq!(find.at_or_after(7), Some(7));
        assert_eq!(find.number_of(9), Some(3));
        assert_eq!(Find::default().from(0, true), None);
    }
}
