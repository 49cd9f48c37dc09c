//! Lines of a detail pane: labels aligned, texts wrapped, drawn from an offset.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::paint::{put, row};
use crate::text::SafeText;
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::text::width::width;

/// Rows that one text takes at most; a longer one ends with a note of how much is left out.
const TEXT_ROWS_MAX: usize = 400;

/// Bytes of one text that are looked at; a longer one ends with a note as well.
const TEXT_BYTES_MAX: usize = 64 * 1024;
/// Characters of a label.
const LABEL_CHARACTERS: usize = 200;

/// A pane's content, built for a number of columns.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    rows: Vec<Vec<(String, Style)>>,
    columns: usize,
}

impl Lines {
    /// No lines yet, for panes of that many columns.
    pub fn new(columns: u16) -> Self {
        Self {
            rows: Vec::new(),
            columns: usize::from(columns).max(1),
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row of pieces; what does not fit is cut.
    pub fn row(&mut self, pieces: Vec<(SafeText<'_>, Style)>) {
        self.rows.push(
            pieces
                .into_iter()
                .map(|(text, style)| (text.into_string(), style))
                .collect(),
        );
    }

    /// An empty row, unless the last one is empty or there is none.
    pub fn gap(&mut self) {
        if self.rows.last().is_some_and(|last| !last.is_empty()) {
            self.rows.push(Vec::new());
        }
    }

    /// A text over as many rows as it needs, each begun with the indentation.
    pub fn text(&mut self, text: &str, style: Style, indent: usize) {
        let columns = self.columns.saturating_sub(indent).max(1);
        let mut left_out = 0;
        let mut taken = 0;
        let shown = text.floor_char_boundary(TEXT_BYTES_MAX);
        let unseen = text.len() - shown;
        for line in text.get(..shown).unwrap_or_default().lines() {
            let safe = sanitize(line);
            for piece in wrapped(&safe, columns) {
                taken += 1;
                if taken > TEXT_ROWS_MAX {
                    left_out += 1;
                    continue;
                }
                self.rows.push(vec![
                    (" ".repeat(indent), Style::new()),
                    (piece.to_owned(), style),
                ]);
            }
        }
        if left_out > 0 {
            let note = format!("… {left_out} more rows; y copies all");
            self.rows.push(vec![(note, style)]);
        }
        if unseen > 0 {
            let note = format!("… {unseen} more bytes; y copies all");
            self.rows.push(vec![(note, style)]);
        }
    }

    /// Labels in one column, values in the next; long values are wrapped beneath themselves.
    pub fn pairs(&mut self, pairs: &[(String, String)], label: Style, value: Style) {
        let labels: Vec<SafeText<'_>> = pairs
            .iter()
            .map(|(label, _)| sanitize_start(label, LABEL_CHARACTERS))
            .collect();
        let limit = (self.columns * 2 / 5).clamp(6, 36);
        let label_columns = labels
            .iter()
            .map(|label| width(label))
            .filter(|columns| *columns <= limit)
            .max()
            .unwrap_or(limit.min(12));
        for ((_, text), safe_label) in pairs.iter().zip(labels) {
            let used = width(&safe_label);
            let fits = used <= label_columns;
            let indent = label_columns + 2;
            let room = self.columns.saturating_sub(indent).max(8);
            let before = self.rows.len();
            self.text_in(text, value, indent, room);
            if self.rows.len() == before {
                self.rows.push(vec![(" ".repeat(indent), Style::new())]);
            }
            let Some(first) = self.rows.get_mut(before) else {
                continue;
            };
            if fits {
                first.splice(
                    ..1,
                    [
                        (safe_label.into_string(), label),
                        (" ".repeat(indent.saturating_sub(used)), Style::new()),
                    ],
                );
                continue;
            }
            // A label too long for its column has its value behind it where there is room.
            let value_columns: usize = first.iter().skip(1).map(|(text, _)| width(text)).sum();
            let is_alone = self.rows.len() == before + 1;
            let one_row = is_alone && used + 2 + value_columns <= self.columns;
            let piece = (safe_label.into_string(), label);
            match self.rows.get_mut(before) {
                Some(first) if one_row => {
                    first.splice(..1, [piece, ("  ".to_owned(), Style::new())]);
                }
                _ => self.rows.insert(before, vec![piece]),
            }
        }
    }

    fn text_in(&mut self, text: &str, style: Style, indent: usize, columns: usize) {
        let whole = self.columns;
        self.columns = indent + columns;
        self.text(text, style, indent);
        self.columns = whole;
    }

    /// Draws the rows from an offset on.
    pub fn draw(&self, buffer: &mut Buffer, area: Rect, offset: usize) {
        for (index, pieces) in (0..area.height).zip(self.rows.iter().skip(offset)) {
            let line = row(area, index);
            let mut x = line.x;
            for (text, style) in pieces {
                x = put(buffer, x, line.y, line, text, *style);
            }
        }
    }
}

/// The text in pieces of at most that many columns, broken at blanks where there are some.
fn wrapped(text: &str, columns: usize) -> Vec<&str> {
    if text.len() <= columns || width(text) <= columns {
        return vec![text];
    }
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut taken = 0;
    let mut blank = None;
    for (offset, cluster) in text.grapheme_indices(true) {
        let cluster_columns = cluster.width();
        // Twice at most: what follows the blank may be too long as well.
        while taken + cluster_columns > columns && offset > start {
            let end = match blank {
                Some(blank) if blank > start => blank,
                _ => offset,
            };
            pieces.push(text.get(start..end).unwrap_or_default());
            start = end;
            taken = width(text.get(start..offset).unwrap_or_default());
            blank = None;
        }
        taken += cluster_columns;
        if cluster == " " {
            blank = Some(offset + cluster.len());
        }
    }
    pieces.push(text.get(start..).unwrap_or_default());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_break_at_blanks_and_else_within_words() {
        assert_eq!(wrapped("one two three", 8), ["one two ", "three"]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrapped("世界世界", 3), ["世", "界", "世", "界"]);
    }

    proptest! {
        #[test]
        fn wrapping_loses_nothing(text in "[a-z 世]{0,80}", columns in 2usize..20) {
            let pieces = wrapped(&text, columns);
            prop_assert_eq!(pieces.concat(), text.clone());
            for piece in pieces {
                prop_assert!(width(piece) <= columns);
            }
        }
    }
}
