//! Writing safe text into a buffer, cut at the edge of an area.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::text::truncate::truncate;
use crate::text::width::width;

/// Writes the text at a place, cut with `…` at the area's right edge; the answer is the column
/// after it. Nothing is written outside the area. The text must have passed
/// [`crate::text::sanitize`].
pub fn put(buffer: &mut Buffer, x: u16, y: u16, area: Rect, text: &str, style: Style) -> u16 {
    let area = area.intersection(buffer.area);
    if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
        return x;
    }
    let room = usize::from(area.right() - x);
    let (end, _) = buffer.set_stringn(x, y, truncate(text, room), room, style);
    end
}

/// Writes the text so that it ends before this column.
pub fn put_right(buffer: &mut Buffer, end: u16, y: u16, area: Rect, text: &str, style: Style) {
    let columns = u16::try_from(width(text)).unwrap_or(u16::MAX);
    let x = end.saturating_sub(columns).max(area.left());
    put(buffer, x, y, area, text, style);
}

/// A horizontal rule with a title in it.
pub fn rule(buffer: &mut Buffer, area: Rect, glyph: &str, title: &str, line: Style, text: Style) {
    if area.is_empty() {
        return;
    }
    for x in area.left()..area.right() {
        put(buffer, x, area.y, area, glyph, line);
    }
    if !title.is_empty() {
        let x = area.x.saturating_add(2);
        put(buffer, x, area.y, area, &format!(" {title} "), text);
    }
}

/// A vertical rule.
pub fn wall(buffer: &mut Buffer, area: Rect, glyph: &str, style: Style) {
    for y in area.top()..area.bottom() {
        put(buffer, area.x, y, area, glyph, style);
    }
}

/// One row of an area, counted from its top; empty where the area has none.
pub fn row(area: Rect, index: u16) -> Rect {
    if index >= area.height {
        return Rect::new(area.x, area.y, 0, 0);
    }
    Rect::new(area.x, area.y + index, area.width, 1)
}

/// Takes rows off the top of an area: those, and what is left.
pub fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let top = Rect::new(area.x, area.y, area.width, rows);
    let rest = Rect::new(area.x, area.y + rows, area.width, area.height - rows);
    (top, rest)
}

/// Takes rows off the bottom of an area: what is left, and those.
pub fn split_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    split_top(area, area.height - rows)
}

/// Takes columns off the right of an area: what is left, and those.
pub fn split_right(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let left = Rect::new(area.x, area.y, area.width - columns, area.height);
    let right = Rect::new(left.right(), area.y, columns, area.height);
    (left, right)
}
