//! One line of text being typed.

use crossterm::event::KeyCode;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use super::paint::put;
use crate::action::Key;
use crate::text::sanitize;
use crate::text::width::width;

/// Bytes that the line holds; more is not typed, and a paste is cut there.
const LINE_BYTES_MAX: usize = 4_096;

/// A line of text with a place in it where typing goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// Byte offset of the place, on a border of grapheme clusters.
    cursor: usize,
}

impl Input {
    /// A line with this text and the place at its end.
    pub fn new(text: &str) -> Self {
        let mut input = Self::default();
        input.insert(text);
        input
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the place where typing goes on.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts text in the place of these bytes and goes on behind it.
    pub fn complete(&mut self, range: std::ops::Range<usize>, text: &str) {
        let start = self.text.floor_char_boundary(range.start);
        let end = self.text.floor_char_boundary(range.end).max(start);
        self.remove(start, end);
        self.insert(text);
    }

    /// Whether nothing is typed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes the key as typing; false where it means nothing here or changes no text.
    pub fn press(&mut self, key: Key) -> bool {
        let length = self.text.len();
        match (key.code, key.ctrl) {
            (KeyCode::Char(character), false) => self.insert(character.encode_utf8(&mut [0; 4])),
            (KeyCode::Backspace, false) | (KeyCode::Char('h'), true) => {
                self.remove(self.before(), self.cursor);
            }
            (KeyCode::Delete, false) | (KeyCode::Char('d'), true) => {
                self.remove(self.cursor, self.after());
            }
            (KeyCode::Char('w') | KeyCode::Backspace, true) => {
                self.remove(self.word_before(), self.cursor);
            }
            (KeyCode::Char('u'), true) => self.remove(0, self.cursor),
            (KeyCode::Char('k'), true) => self.remove(self.cursor, self.text.len()),
            (KeyCode::Left, false) | (KeyCode::Char('b'), true) => self.cursor = self.before(),
            (KeyCode::Right, false) | (KeyCode::Char('f'), true) => self.cursor = self.after(),
            (KeyCode::Left, true) => self.cursor = self.word_before(),
            (KeyCode::Home, _) | (KeyCode::Char('a'), true) => self.cursor = 0,
            (KeyCode::End, _) | (KeyCode::Char('e'), true) => self.cursor = self.text.len(),
            _ => {}
        }
        self.text.len() != length
    }

    /// Puts text in at the place; line breaks become blanks.
    pub fn insert(&mut self, text: &str) {
        let room = LINE_BYTES_MAX.saturating_sub(self.text.len());
        let mut line: String = text.trim_end_matches(['\r', '\n']).to_owned();
        line = line.replace("\r\n", " ").replace(['\n', '\r', '\t'], " ");
        let end = line.floor_char_boundary(room);
        line.truncate(end);
        self.text.insert_str(self.cursor, &line);
        self.cursor += line.len();
    }

    /// Puts another text in the line's place.
    pub fn replace(&mut self, text: &str) {
        *self = Self::new(text);
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    fn before(&self) -> usize {
        self.text
            .grapheme_indices(true)
            .map(|(offset, _)| offset)
            .take_while(|offset| *offset < self.cursor)
            .last()
            .unwrap_or(0)
    }

    fn after(&self) -> usize {
        self.text
            .grapheme_indices(true)
            .map(|(offset, cluster)| offset + cluster.len())
            .find(|offset| *offset > self.cursor)
            .unwrap_or(self.text.len())
    }

    fn word_before(&self) -> usize {
        let head = self.text.get(..self.cursor).unwrap_or_default();
        head.trim_end().rfind(' ').map_or(0, |blank| blank + 1)
    }

    /// Draws the line so that the place is seen; the answer is where the terminal's cursor
    /// belongs.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, style: Style) -> Position {
        let head = sanitize(self.text.get(..self.cursor).unwrap_or_default());
        let tail = sanitize(self.text.get(self.cursor..).unwrap_or_default());
        let columns = usize::from(area.width).saturating_sub(1);
        // Whole clusters leave at the left until the place is within the area.
        let mut shown = head.as_str();
        while width(shown) > columns {
            let first = shown.graphemes(true).next().map_or(1, str::len);
            shown = shown.get(first..).unwrap_or_default();
        }
        let x = put(buffer, area.x, area.y, area, shown, style);
        put(buffer, x, area.y, area, &tail, style);
        Position::new(x.min(area.right().saturating_sub(1)), area.y)
    }

    /// Column, counted from the start of the text as drawn, at which this byte offset stands.
    pub fn column_of(&self, offset: usize) -> usize {
        let end = self.text.floor_char_boundary(offset);
        width(&sanitize(self.text.get(..end).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(input: &mut Input, keys: &[&str]) {
        for key in keys {
            input.press(key.parse().unwrap());
        }
    }

    #[test]
    fn typing_goes_on_at_the_place() {
        let mut input = Input::new("cart");
        typed(
            &mut input,
            &["home", "a", "right", "delete", "end", "space", "!"],
        );
        assert_eq!(input.text(), "acrt !");
        typed(&mut input, &["ctrl-w", "x"]);
        assert_eq!(input.text(), "acrt x");
        typed(&mut input, &["ctrl-u"]);
        assert!(input.is_empty());
    }

    #[test]
    fn a_cluster_is_removed_whole_and_pastes_become_one_line() {
        let mut input = Input::new("ae\u{301}");
        typed(&mut input, &["backspace"]);
        assert_eq!(input.text(), "a");
        input.insert("b\nc\r\n");
        assert_eq!(input.text(), "ab c");
        input.insert(&"ü".repeat(LINE_BYTES_MAX));
        assert!(input.text().len() <= LINE_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn no_key_breaks_the_line(
            text in any::<String>(),
            keys in proptest::collection::vec(0usize..12, 0..40),
            width in 0u16..30,
        ) {
            let names = ["left", "right", "home", "end", "backspace", "delete", "ctrl-w",
                "ctrl-u", "ctrl-k", "x", "ctrl-left", "space"];
            let mut input = Input::new(&text);
            let area = Rect::new(0, 0, width, 1);
            for key in keys {
                input.press(names[key].parse().unwrap());
                let mut buffer = Buffer::empty(area);
                input.draw(&mut buffer, area, Style::new());
            }
        }
    }
}
