//! The whole trace in one line: how much goes on when, where it fails, and what part is shown.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::bars::Columns;
use super::{WalkData, WalkScreen};
use crate::app::State;
use crate::text::duration::duration;
use crate::widgets::paint::put;
use crate::widgets::waterfall::Axis;

/// Draws the minimap in a line above the ruler.
pub(super) fn draw(
    buffer: &mut Buffer,
    line: Rect,
    columns: &Columns,
    screen: &WalkScreen,
    data: &WalkData,
    state: &State,
) {
    let (theme, glyphs) = (state.theme, &state.glyphs);
    if line.height == 0 || columns.axis.columns == 0 {
        return;
    }
    let whole = Axis {
        from_ns: 0,
        length_ns: data.duration_ns().max(1),
        ..columns.axis
    };
    let (from, length) = screen.stretch(data);
    let shown = whole.column(from)..=whole.column(from.saturating_add(length.saturating_sub(1)));
    let area = Rect::new(whole.x, line.y, whole.columns, 1);
    for (x, (height, failed)) in (area.left()..area.right()).zip(data.density().columns(area.width))
    {
        let glyph = height
            .checked_sub(1)
            .and_then(|height| glyphs.heights.get(height))
            .unwrap_or(&" ");
        let glyph = if failed { &glyphs.error } else { glyph };
        let style = match (failed, shown.contains(&x)) {
            (true, _) => theme.error(),
            (false, true) => theme.key(),
            (false, false) => theme.dim(),
        };
        put(buffer, x, line.y, area, glyph, style);
    }
    let x = line.x.saturating_add(4);
    let room = Rect::new(line.x, line.y, columns.name_end.saturating_sub(line.x), 1);
    let text = match screen.zoom {
        None => "all of the time".to_owned(),
        Some(_) => format!(
            "{} of {} from +{}",
            duration(length),
            duration(data.duration_ns()),
            duration(from)
        ),
    };
    put(buffer, x, line.y, room, &text, theme.dim());
}
