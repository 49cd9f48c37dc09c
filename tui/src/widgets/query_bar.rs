//! The query line above a list: filters as one types, and points at what is wrong.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::choices::Choices;
use super::input::Input;
use super::paint::{put, row};
use crate::action::Key;
use crate::app::{Failure, RequestId, State, Turn};
use crate::text::sanitize;
use crate::text::width::width;

/// Milliseconds without typing after which the query is asked.
const DEBOUNCE_MS: u64 = 100;

/// What is wrong with the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was expected.
    pub message: String,
    /// Byte offset in the text, where known.
    pub position: Option<usize>,
    /// What to write in its place.
    pub suggestion: Option<String>,
}

/// The query line of a list.
#[derive(Debug, Clone, Default)]
pub struct QueryBar {
    input: Input,
    applied: String,
    editing: bool,
    debounce: Option<RequestId>,
    problem: Option<Problem>,
    choices: Choices,
}

impl QueryBar {
    /// A line that holds a query in force.
    pub fn new(query: &str) -> Self {
        Self {
            input: Input::new(query),
            applied: query.to_owned(),
            ..Self::default()
        }
    }

    /// The query in force.
    pub fn applied(&self) -> &str {
        &self.applied
    }

    /// The text as typed.
    pub fn text(&self) -> &str {
        self.input.text()
    }

    /// Whether keys are typed into it.
    pub fn is_editing(&self) -> bool {
        self.editing
    }

    /// Whether the text typed cannot be asked.
    pub fn problem(&self) -> Option<&Problem> {
        self.problem.as_ref()
    }

    /// Rows that it takes on the screen.
    pub fn rows(&self) -> u16 {
        // As long as one types nothing moves.
        if self.editing || self.problem.is_some() {
            3
        } else {
            1
        }
    }

    /// Begins to take keys.
    pub fn edit(&mut self, turn: &Turn<'_>) {
        self.editing = true;
        self.offer(turn);
    }

    /// Puts the chosen completion in the place of what was typed.
    pub fn complete(&mut self, turn: &mut Turn<'_>) {
        if let Some((range, text)) = self.choices.accepted() {
            self.input.complete(range, &text);
            self.changed(turn);
        }
    }

    /// Chooses the next completion, or the previous one.
    pub fn choose(&mut self, forward: bool) {
        self.choices.choose(forward);
    }

    fn offer(&mut self, turn: &Turn<'_>) {
        self.choices = Choices::at(self.input.text(), self.input.cursor(), turn.marks);
    }

    /// Takes a key as typing, and asks to be woken when typing pauses.
    pub fn press(&mut self, key: Key, turn: &mut Turn<'_>) {
        if self.input.press(key) {
            self.changed(turn);
        } else {
            self.offer(turn);
        }
    }

    /// Takes pasted text as typing.
    pub fn paste(&mut self, text: &str, turn: &mut Turn<'_>) {
        self.editing = true;
        self.input.insert(text);
        self.changed(turn);
    }

    /// Puts another query in the line; the answer of [`Self::finish`] follows at once.
    pub fn replace(&mut self, query: &str, turn: &mut Turn<'_>) -> bool {
        self.input.replace(query);
        self.finish(turn)
    }

    fn changed(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.debounce);
        self.problem = check(self.input.text(), turn.now_ns);
        self.offer(turn);
        if self.problem.is_none() {
            self.debounce = Some(turn.wake(DEBOUNCE_MS));
        }
    }

    /// Whether the wake-up was for this line and another query is in force now.
    pub fn woken(&mut self, request: RequestId) -> bool {
        if self.debounce != Some(request) {
            return false;
        }
        self.debounce = None;
        self.apply()
    }

    /// Stops taking keys; whether another query is in force now.
    pub fn finish(&mut self, turn: &mut Turn<'_>) -> bool {
        turn.cancel(&mut self.debounce);
        self.problem = check(self.input.text(), turn.now_ns);
        self.editing = self.problem.is_some();
        // Asked for as it is: from here on what is wrong is said, not what could follow.
        self.choices = Choices::default();
        self.problem.is_none() && self.apply()
    }

    /// Stops taking keys and goes back to the query in force.
    pub fn cancel(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.debounce);
        self.editing = false;
        self.problem = None;
        let applied = std::mem::take(&mut self.applied);
        self.input.replace(&applied);
        self.applied = applied;
    }

    /// Shows what the collector found wrong with the query; false where the failure is not
    /// about the query.
    pub fn refuse(&mut self, failure: &Failure) -> bool {
        if failure.position.is_none() && failure.suggestion.is_none() {
            return false;
        }
        self.problem = Some(Problem {
            message: failure.text.clone(),
            position: failure.position,
            suggestion: failure.suggestion.clone(),
        });
        true
    }

    fn apply(&mut self) -> bool {
        let query = self.input.text().trim();
        if query == self.applied {
            return false;
        }
        query.clone_into(&mut self.applied);
        true
    }

    /// Draws the line with `right` at its end, and beneath it what is wrong.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, state: &State, hint: &str, right: &str) {
        let theme = state.theme;
        let line = row(area, 0);
        let buffer = frame.buffer_mut();
        let style = if self.editing {
            theme.key()
        } else {
            theme.dim()
        };
        let x = put(buffer, line.x, line.y, line, " / ", style);
        let right_columns = u16::try_from(width(right)).unwrap_or(u16::MAX);
        let room = line
            .right()
            .saturating_sub(x)
            .saturating_sub(right_columns + 2);
        let input = Rect::new(x, line.y, room, line.height);
        let empty = self.input.is_empty();
        if empty && !self.editing {
            put(buffer, x, line.y, input, hint, theme.dim());
        }
        let cursor = self.input.draw(buffer, input, theme.text());
        let end = line.right().saturating_sub(right_columns + 1).max(x);
        put(buffer, end, line.y, line, right, theme.dim());
        self.draw_problem(buffer, area, x, state);
        if self.editing && state.overlay.is_none() && !input.is_empty() {
            frame.set_cursor_position(cursor);
        }
    }

    /// Whether what is wrong is only that the last word is not typed to its end.
    fn is_mid_word(&self) -> bool {
        let position = self.problem.as_ref().and_then(|problem| problem.position);
        let is_at_end = self.input.cursor() == self.input.text().len();
        let last_word = self.input.text().rfind(' ').map_or(0, |blank| blank + 1);
        self.editing
            && is_at_end
            && !self.choices.is_empty()
            && position.is_some_and(|position| position >= last_word)
    }

    fn draw_choices(
        &self,
        buffer: &mut ratatui::buffer::Buffer,
        line: Rect,
        x: u16,
        state: &State,
    ) {
        let mut x = x;
        for (text, chosen) in self.choices.iter() {
            let style = if chosen {
                state.theme.cursor()
            } else {
                state.theme.dim()
            };
            x = put(buffer, x, line.y, line, &sanitize(text), style).saturating_add(2);
        }
    }

    fn draw_problem(
        &self,
        buffer: &mut ratatui::buffer::Buffer,
        area: Rect,
        x: u16,
        state: &State,
    ) {
        let problem = self.problem.as_ref().filter(|_| !self.is_mid_word());
        let Some(problem) = problem else {
            if self.editing {
                self.draw_choices(buffer, row(area, 1), x, state);
            }
            return;
        };
        let (caret_row, text_row) = (row(area, 1), row(area, 2));
        if let Some(position) = problem.position {
            let column = u16::try_from(self.input.column_of(position)).unwrap_or(u16::MAX);
            let at = x.saturating_add(column).min(area.right().saturating_sub(1));
            put(
                buffer,
                at,
                caret_row.y,
                caret_row,
                state.glyphs.caret,
                state.theme.error(),
            );
        }
        let at = put(
            buffer,
            x,
            text_row.y,
            text_row,
            &sanitize(&problem.message),
            state.theme.error(),
        );
        if let Some(suggestion) = &problem.suggestion {
            let text = format!("  did you mean {}?", sanitize(suggestion));
            put(
                buffer,
                at,
                text_row.y,
                text_row,
                &text,
                state.theme.warning(),
            );
        }
    }
}

/// What is wrong with a query text, found without asking the collector.
fn check(text: &str, now_ns: u64) -> Option<Problem> {
    let error = spanwalk_query::parse(text.trim(), now_ns).err()?;
    let leading = text.len() - text.trim_start().len();
    Some(Problem {
        message: error.message.clone(),
        position: Some(error.range.start + leading),
        suggestion: error.suggestion.clone(),
    })
}
