//! One line of human output.

use std::io::{self, Write};

use ratatui::style::Style;

use super::colour;
use crate::text::truncate::truncate;
use crate::text::width::width;
use crate::text::{SafeText, sanitize};

/// Pieces of text with their styles. Every text is made safe as it enters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    pieces: Vec<(SafeText<'static>, Style)>,
}

impl Line {
    /// A line without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// A line of one plain text.
    pub fn of(text: &str) -> Self {
        Self::new().plain(text)
    }

    /// The line with a text behind.
    pub fn text(mut self, text: &str, style: Style) -> Self {
        self.push(text, style);
        self
    }

    /// The line with a plain text behind.
    pub fn plain(self, text: &str) -> Self {
        self.text(text, Style::new())
    }

    /// The line with another line behind.
    pub fn line(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        // Room has no colour.
        let is_blank = text.bytes().all(|byte| byte == b' ');
        let style = if is_blank { Style::new() } else { style };
        self.pieces.push((sanitize(text).into_owned(), style));
    }

    /// Adds spaces up to a column.
    pub fn fill_to(&mut self, column: usize) {
        let missing = column.saturating_sub(self.width());
        self.push(&" ".repeat(missing), Style::new());
    }

    /// The line, cut to so many columns.
    pub fn cut(mut self, columns: usize) -> Self {
        let mut left = columns;
        for index in 0..self.pieces.len() {
            let Some((text, style)) = self.pieces.get(index) else {
                break;
            };
            let needed = width(text);
            if needed > left {
                let (start, style) = (truncate(text, left).into_owned(), *style);
                self.pieces.truncate(index);
                self.push(&start, style);
                break;
            }
            left -= needed;
        }
        self
    }

    /// Columns that the line takes.
    pub fn width(&self) -> usize {
        self.pieces.iter().map(|(text, _)| width(text)).sum()
    }

    /// The text alone.
    pub fn to_plain(&self) -> String {
        self.pieces.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// Writes the line with its end; spaces at the end are left out.
    pub(super) fn write(
        &self,
        stream: &mut dyn Write,
        is_coloured: bool,
        is_ascii: bool,
    ) -> io::Result<()> {
        let last = self.pieces.len().saturating_sub(1);
        for (index, (text, style)) in self.pieces.iter().enumerate() {
            let mut text = text.as_str();
            if index == last {
                text = text.trim_end();
            }
            let sequence = if is_coloured {
                colour::sequence(*style)
            } else {
                String::new()
            };
            stream.write_all(sequence.as_bytes())?;
            if is_ascii && !text.is_ascii() {
                stream.write_all(ascii_marks(text).as_bytes())?;
            } else {
                stream.write_all(text.as_bytes())?;
            }
            if !sequence.is_empty() {
                stream.write_all(colour::RESET.as_bytes())?;
            }
        }
        stream.write_all(b"\n")
    }
}

/// ASCII in the place of the marks that texts and durations bring: the sign of a cut and the
/// micro of microseconds. What services sent stays as it is otherwise.
fn ascii_marks(text: &str) -> String {
    text.replace('…', "~").replace('µ', "u")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::style::Color;

    fn written(line: &Line, is_coloured: bool, is_ascii: bool) -> String {
        let mut bytes = Vec::new();
        line.write(&mut bytes, is_coloured, is_ascii).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn what_services_send_never_reaches_the_terminal_as_a_command() {
        let line = Line::of("\x1b]0;owned\x07\u{9b}2J\u{202e}evil\nnext");
        for text in [written(&line, true, false), written(&line, false, true)] {
            let body = text.strip_suffix('\n').unwrap();
            assert!(body.chars().all(|c| !c.is_control()), "{body:?}");
            assert!(!body.contains('\u{202e}'), "{body:?}");
        }
    }

    #[test]
    fn a_line_is_cut_to_its_room() {
        let line = Line::of("abc ").text("世界", Style::new()).plain("!");
        assert_eq!(line.clone().cut(9).to_plain(), "abc 世界!");
        assert_eq!(line.clone().cut(8).to_plain(), "abc 世界");
        assert_eq!(line.clone().cut(7).to_plain(), "abc 世…");
        for columns in 0..9 {
            assert!(line.clone().cut(columns).width() <= columns);
        }
    }

    #[test]
    fn colours_are_written_only_where_they_are_wanted() {
        let line = Line::of("a ").text("b… ", Style::new().fg(Color::Red));
        assert_eq!(written(&line, false, false), "a b…\n");
        assert_eq!(written(&line, true, false), "a \x1b[31mb…\x1b[0m\n");
        assert_eq!(written(&line, false, true), "a b~\n");
    }
}
