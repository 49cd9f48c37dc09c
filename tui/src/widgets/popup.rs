//! A box over the screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::widgets::Clear;

use super::paint::{put, row, rule, wall};
use crate::app::State;

/// Clears a box of at most that size in the middle and draws its frame; the answer is the
/// room inside.
pub fn popup(frame: &mut Frame<'_>, state: &State, columns: u16, rows: u16, title: &str) -> Rect {
    let whole = frame.area();
    let columns = columns.min(whole.width);
    let rows = rows.min(whole.height);
    let area = Rect::new(
        whole.x + (whole.width - columns) / 2,
        whole.y + (whole.height - rows) / 2,
        columns,
        rows,
    );
    frame.render_widget(Clear, area);
    let style = state.theme.focused_rule();
    let buffer = frame.buffer_mut();
    let glyphs = &state.glyphs;
    if area.height < 3 || area.width < 4 {
        return area;
    }
    rule(
        buffer,
        row(area, 0),
        glyphs.rule,
        title,
        style,
        state.theme.strong(),
    );
    rule(
        buffer,
        row(area, area.height - 1),
        glyphs.rule,
        "",
        style,
        style,
    );
    let left = Rect::new(area.x, area.y + 1, 1, area.height - 2);
    let right = Rect::new(area.right() - 1, area.y + 1, 1, area.height - 2);
    wall(buffer, left, glyphs.wall, style);
    wall(buffer, right, glyphs.wall, style);
    for (x, y, corner) in [
        (area.left(), area.top(), glyphs.corners[0]),
        (area.right() - 1, area.top(), glyphs.corners[1]),
        (area.left(), area.bottom() - 1, glyphs.corners[2]),
        (area.right() - 1, area.bottom() - 1, glyphs.corners[3]),
    ] {
        put(buffer, x, y, area, corner, style);
    }
    Rect::new(
        area.x + 2,
        area.y + 1,
        area.width.saturating_sub(4),
        area.height - 2,
    )
}
