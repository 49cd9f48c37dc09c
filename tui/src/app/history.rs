//! The screens one has been on, like the pages of a browser.

use super::Place;
use crate::screens::Screen;

/// Screens kept; the oldest is forgotten beyond it.
const SCREENS_MAX: usize = 32;
/// Screens that keep their data, counted from the current one; others load again when one
/// comes back to them, so that walking many large traces does not fill the memory.
const LOADED_MAX: usize = 6;

/// A line of screens with the current one somewhere in it. Never empty.
#[derive(Debug)]
pub struct History {
    before: Vec<Screen>,
    current: Screen,
    after: Vec<Screen>,
}

impl History {
    /// A history that begins at a place.
    pub fn new(place: &Place) -> Self {
        Self {
            before: Vec::new(),
            current: Screen::at(place),
            after: Vec::new(),
        }
    }

    /// The screen shown.
    pub fn current(&self) -> &Screen {
        &self.current
    }

    /// The screen shown, open to change.
    pub fn current_mut(&mut self) -> &mut Screen {
        &mut self.current
    }

    /// All screens, the current one first.
    pub fn all_mut(&mut self) -> impl Iterator<Item = &mut Screen> {
        std::iter::once(&mut self.current)
            .chain(&mut self.before)
            .chain(&mut self.after)
    }

    /// The places that led here, the current one last.
    pub fn trail(&self) -> Vec<Place> {
        self.before
            .iter()
            .chain([&self.current])
            .map(Screen::place)
            .collect()
    }

    /// Whether there is a screen before this one.
    pub fn can_go_back(&self) -> bool {
        !self.before.is_empty()
    }

    /// Whether there is a screen after this one.
    pub fn can_go_forward(&self) -> bool {
        !self.after.is_empty()
    }

    /// Opens a place after the current one and forgets what came after.
    pub fn go(&mut self, place: &Place) {
        let previous = std::mem::replace(&mut self.current, Screen::at(place));
        self.before.push(previous);
        self.after.clear();
        if self.before.len() >= SCREENS_MAX {
            self.before.remove(0);
        }
        let kept = self.before.len().saturating_sub(LOADED_MAX);
        for screen in self.before.iter_mut().take(kept) {
            screen.release();
        }
    }

    /// One screen back; false where this is the first.
    pub fn back(&mut self) -> bool {
        let Some(previous) = self.before.pop() else {
            return false;
        };
        let left = std::mem::replace(&mut self.current, previous);
        self.after.push(left);
        true
    }

    /// One screen forward; false where this is the last.
    pub fn forward(&mut self) -> bool {
        let Some(next) = self.after.pop() else {
            return false;
        };
        let left = std::mem::replace(&mut self.current, next);
        self.before.push(left);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_undoes_forward_and_the_number_of_screens_is_bounded() {
        let mut history = History::new(&Place::traces(""));
        assert!(!history.back() && !history.forward());
        history.go(&Place::Services);
        assert!(history.back());
        assert!(history.forward());
        assert_eq!(history.current().place(), Place::Services);
        assert!(history.back());
        history.go(&Place::Logs {
            query: String::new(),
        });
        assert!(
            !history.forward(),
            "going somewhere forgets what came after"
        );
        for _ in 0..100 {
            history.go(&Place::Services);
        }
        assert_eq!(history.trail().len(), SCREENS_MAX);
    }
}
