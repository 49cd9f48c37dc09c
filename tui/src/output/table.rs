//! Tables that fit their terminal.

use ratatui::style::Style;

use super::{Line, Look};
use crate::text::sanitize;
use crate::text::truncate::truncate;
use crate::text::width::width;

/// Columns between two columns of a table.
const GAP: usize = 2;

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    title: &'static str,
    is_right: bool,
    /// Columns that it may be cut down to; `None` where it is always shown whole.
    columns_min: Option<usize>,
    /// Whether it is left out where there is no room.
    may_go: bool,
}

impl Column {
    /// A column that is always shown whole.
    pub(super) fn new(title: &'static str) -> Self {
        Self {
            title,
            is_right: false,
            columns_min: None,
            may_go: false,
        }
    }

    /// A column of numbers, which stand at its right.
    pub(super) fn right(title: &'static str) -> Self {
        Self {
            is_right: true,
            ..Self::new(title)
        }
    }

    /// It may be cut, down to so many columns.
    pub(super) fn may_shrink(mut self, columns_min: usize) -> Self {
        self.columns_min = Some(columns_min);
        self
    }

    /// It may be left out; of several, the last goes first.
    pub(super) fn may_go(mut self) -> Self {
        self.may_go = true;
        self
    }
}

/// One cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    text: String,
    style: Style,
}

impl Cell {
    /// A text, which may come from outside.
    pub(super) fn new(text: &str, style: Style) -> Self {
        Self {
            text: sanitize(text).into_string(),
            style,
        }
    }
}

/// Rows under titles.
#[derive(Debug)]
pub(super) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// Adds a row of as many cells as there are columns.
    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The lines, titles first.
    pub(super) fn lines(&self, look: &Look) -> Vec<Line> {
        let widths = self.widths(look.columns);
        let titles = self.columns.iter().map(|column| Cell {
            text: column.title.to_owned(),
            style: look.theme.dim(),
        });
        let titles: Vec<Cell> = titles.collect();
        std::iter::once(&titles)
            .chain(&self.rows)
            .map(|cells| self.line(cells, &widths))
            .collect()
    }

    fn line(&self, cells: &[Cell], widths: &[Option<usize>]) -> Line {
        let mut line = Line::new();
        let shown = self
            .columns
            .iter()
            .zip(cells)
            .zip(widths)
            .filter_map(|((column, cell), width)| Some((column, cell, (*width)?)));
        for (index, (column, cell, columns)) in shown.enumerate() {
            if index > 0 {
                line.push("  ", Style::new());
            }
            let text = truncate(&cell.text, columns);
            let missing = " ".repeat(columns.saturating_sub(width(&text)));
            if column.is_right {
                line.push(&missing, Style::new());
                line.push(&text, cell.style);
            } else {
                line.push(&text, cell.style);
                line.push(&missing, Style::new());
            }
        }
        line
    }

    /// Columns of each column; `None` for one that is left out.
    fn widths(&self, room: Option<usize>) -> Vec<Option<usize>> {
        let natural = |index: usize, column: &Column| {
            let cells = self.rows.iter().filter_map(|row| row.get(index));
            cells
                .map(|cell| width(&cell.text))
                .max()
                .unwrap_or(0)
                .max(width(column.title))
        };
        let mut widths: Vec<Option<usize>> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, column)| Some(natural(index, column)))
            .collect();
        let Some(room) = room else {
            return widths;
        };
        while self.least(&widths) > room {
            let last = self
                .columns
                .iter()
                .zip(&widths)
                .rposition(|(column, width)| column.may_go && width.is_some());
            match last.and_then(|index| widths.get_mut(index)) {
                Some(width) => *width = None,
                None => break,
            }
        }
        while total(&widths) > room {
            let widest = self
                .columns
                .iter()
                .zip(&mut widths)
                .filter_map(|(column, width)| match (column.columns_min, width) {
                    (Some(least), Some(width)) if *width > least => Some(width),
                    _ => None,
                })
                .max_by_key(|width| **width);
            match widest {
                Some(width) => *width -= 1,
                None => break,
            }
        }
        widths
    }

    /// Columns of the whole table where everything is cut as far as it may be.
    fn least(&self, widths: &[Option<usize>]) -> usize {
        let cut: Vec<Option<usize>> = self
            .columns
            .iter()
            .zip(widths)
            .map(|(column, width)| {
                width.map(|width| width.min(column.columns_min.unwrap_or(usize::MAX)))
            })
            .collect();
        total(&cut)
    }
}

fn total(widths: &[Option<usize>]) -> usize {
    let shown = widths.iter().flatten();
    let gaps = shown.clone().count().saturating_sub(1) * GAP;
    shown.sum::<usize>() + gaps
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(vec![
            Column::new("ID"),
            Column::right("N"),
            Column::right("RARE").may_go(),
            Column::new("TEXT").may_shrink(6),
        ]);
        for (id, number, text) in [
            ("ab12", "7", "a long text"),
            ("cd34", "1200", "世界世界世界"),
        ] {
            let cells = [id, number, "1", text];
            table.row(cells.map(|text| Cell::new(text, Style::new())).to_vec());
        }
        table
    }

    fn drawn(columns: Option<usize>) -> Vec<String> {
        let lines = table().lines(&fixture::look(columns));
        lines
            .iter()
            .map(|line| line.to_plain().trim_end().to_owned())
            .collect()
    }

    #[test]
    fn nothing_is_cut_where_there_is_no_terminal() {
        assert_eq!(
            drawn(None),
            [
                "ID       N  RARE  TEXT",
                "ab12     7     1  a long text",
                "cd34  1200     1  世界世界世界"
            ]
        );
    }

    #[test]
    fn a_table_fits_its_terminal() {
        assert_eq!(
            drawn(Some(24)),
            [
                "ID       N  RARE  TEXT",
                "ab12     7     1  a lon…",
                "cd34  1200     1  世界…"
            ]
        );
        for columns in 18..60 {
            for line in table().lines(&fixture::look(Some(columns))) {
                assert!(line.width() <= columns, "{columns}: {}", line.to_plain());
            }
        }
        assert_eq!(drawn(Some(18))[1], "ab12     7  a lon…");
        assert_eq!(
            drawn(Some(1))[1],
            "ab12     7  a lon…",
            "what must be shown is shown"
        );
    }
}
