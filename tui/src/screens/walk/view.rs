//! How the walk looks: header, ruler, rows, detail.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use spanwalk_analysis::walk::EventKind;
use spanwalk_model::SeverityLevel;

use super::{Shape, WalkData, WalkScreen, bars, detail, list, minimap, run_row};
use crate::app::State;
use crate::text::duration::duration;
use crate::text::number::{count, counted};
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::text::width::width;
use crate::widgets::paint::{
    put, put_right, row, rule, split_bottom, split_right, split_top, wall,
};

/// Where the parts stand.
pub(super) struct Layout {
    title: Rect,
    minimap: Rect,
    ruler: Rect,
    pub(super) rows: Rect,
    pub(super) detail: Rect,
    beside: bool,
}

/// Places the parts in the body of the screen: beside each other where it is wide, beneath
/// where it is high, and one at a time where it is neither.
pub(super) fn layout(body: Rect, in_detail: bool, shape: Shape) -> Layout {
    let (title, rest) = split_top(body, 1);
    let beside = body.width >= 120;
    let (main, detail) = if beside {
        split_right(rest, (rest.width * 9 / 25).min(72))
    } else if body.height >= 18 {
        split_bottom(rest, rest.height * 2 / 5)
    } else if in_detail {
        split_bottom(rest, rest.height)
    } else {
        split_bottom(rest, 0)
    };
    let is_roomy = shape == Shape::Tree && body.height >= 18 && main.width >= 58;
    let (minimap, main) = split_top(main, u16::from(is_roomy));
    let (ruler, rows) = split_top(main, 1);
    Layout {
        title,
        minimap,
        ruler,
        rows,
        detail,
        beside,
    }
}

/// Rows of text that the detail pane shows.
pub(super) fn detail_height(parts: &Layout) -> u16 {
    if parts.beside {
        parts.detail.height
    } else {
        parts.detail.height.saturating_sub(1)
    }
}

/// Columns of text that a detail pane of that width holds.
pub(super) fn detail_columns(width: u16) -> u16 {
    width.saturating_sub(3)
}

impl WalkScreen {
    pub(in crate::screens) fn draw(&self, frame: &mut Frame<'_>, body: Rect, state: &State) {
        let parts = layout(body, self.in_detail, self.shape);
        let Some(data) = &self.data else {
            self.draw_waiting(frame.buffer_mut(), body, state);
            return;
        };
        self.draw_title(frame, parts.title, data, state);
        let buffer = frame.buffer_mut();
        match self.shape {
            Shape::Tree => {
                self.draw_tree(buffer, &parts, data, state);
            }
            Shape::Flame => self.draw_flame(buffer, (parts.ruler, parts.rows), data, state),
            Shape::Lanes => self.draw_lanes(buffer, (parts.ruler, parts.rows), data, state),
            Shape::List => {
                list::heading(buffer, parts.ruler, state);
                let window = self
                    .rows
                    .window(self.listed.len(), usize::from(parts.rows.height));
                for (line, index) in (0..parts.rows.height).zip(window) {
                    if let Some(event) = self.listed.get(index) {
                        let place = row(parts.rows, line);
                        let chosen = *event as usize == self.cursor;
                        list::draw_row(buffer, place, *event as usize, chosen, data, state);
                    }
                }
            }
        }
        self.draw_detail(buffer, &parts, data, state);
    }

    fn draw_tree(&self, buffer: &mut Buffer, parts: &Layout, data: &WalkData, state: &State) {
        let columns = bars::Columns::of(parts.rows, self, data);
        minimap::draw(buffer, parts.minimap, &columns, self, data, state);
        bars::ruler(buffer, parts.ruler, &columns, self, data, state);
        let height = usize::from(parts.rows.height);
        let window = self.rows.window(self.folds.visible().len(), height);
        let sticky = self.sticky(data, height);
        for (line, index) in (0..parts.rows.height).zip(window) {
            let place = row(parts.rows, line);
            let stuck = sticky.get(usize::from(line));
            let Some(tree_row) = stuck.or_else(|| self.folds.visible().get(index)) else {
                break;
            };
            let chosen = stuck.is_none() && index == self.rows.selected;
            bars::draw_row(
                buffer, place, *tree_row, chosen, &columns, self, data, state,
            );
            if usize::from(line) + 1 == sticky.len() {
                buffer.set_style(place, state.theme.edge());
            }
        }
    }

    fn draw_waiting(&self, buffer: &mut Buffer, body: Rect, state: &State) {
        let line = row(body, 1);
        let (text, style) = match &self.failure {
            Some(failure) => (
                format!(
                    "{} {}  (r asks again)",
                    state.glyphs.error,
                    sanitize(&failure.text)
                ),
                state.theme.error(),
            ),
            None => (format!("loading trace {}", self.id), state.theme.dim()),
        };
        put(buffer, line.x.saturating_add(2), line.y, line, &text, style);
    }

    /// What the trace is at the left, where the cursor is at the right.
    fn draw_title(&self, frame: &mut Frame<'_>, line: Rect, data: &WalkData, state: &State) {
        let theme = state.theme;
        if self.draw_find(frame, line, state) {
            return;
        }
        let right = self.position(data);
        let buffer = frame.buffer_mut();
        let right_columns = u16::try_from(width(&right)).unwrap_or(u16::MAX);
        put_right(
            buffer,
            line.right().saturating_sub(1),
            line.y,
            line,
            &right,
            theme.strong(),
        );
        let columns = line.width.saturating_sub(right_columns + 3);
        let room = Rect::new(line.x, line.y, columns, line.height);
        let mut x = room.x.saturating_add(1);
        if let Some(root) = data.root() {
            let mark = state.marks.get(root.service);
            let service = sanitize_start(root.service, 64);
            x = put(buffer, x, room.y, room, &service, theme.service(mark));
            let name = format!(" {}  ", sanitize_start(root.name, 200));
            x = put(buffer, x, room.y, room, &name, theme.strong());
        }
        x = put(
            buffer,
            x,
            room.y,
            room,
            &duration(data.duration_ns()),
            theme.text(),
        );
        if data.error_count() > 0 {
            let errors = counted(data.error_count() as u64, "error");
            let text = format!("  {}{errors}", state.glyphs.error);
            x = put(buffer, x, room.y, room, &text, theme.error());
        }
        let facts = format!(
            "  {}  {}",
            counted(data.span_count() as u64, "span"),
            counted(data.log_count() as u64, "log"),
        );
        x = put(buffer, x, room.y, room, &facts, theme.dim());
        let (shown, all) = (self.folds.visible().len(), data.tree().rows().len());
        if self.shape == Shape::Tree && shown < all {
            let text = format!("  {} of {} rows", count(shown as u64), count(all as u64));
            x = put(buffer, x, room.y, room, &text, theme.dim());
        }
        if self.level > SeverityLevel::Unspecified {
            let text = format!("  logs from {}", self.level.as_str());
            x = put(buffer, x, room.y, room, &text, theme.warning());
        }
        if let Some(finding) = data.findings().first() {
            let more = match data.findings().len() {
                1 => String::new(),
                all => format!(" (+{})", all - 1),
            };
            let text = format!("  {}{more}", sanitize(finding));
            put(buffer, x, room.y, room, &text, theme.warning());
        }
    }

    /// The line that a search is typed into; false where none is.
    fn draw_find(&self, frame: &mut Frame<'_>, line: Rect, state: &State) -> bool {
        let theme = state.theme;
        let Some(find) = self.find.as_ref().filter(|find| find.is_editing()) else {
            return false;
        };
        let hits = format!("{} found", count(find.hits().len() as u64));
        let buffer = frame.buffer_mut();
        let x = put(buffer, line.x, line.y, line, " find ", theme.key());
        put_right(
            buffer,
            line.right().saturating_sub(1),
            line.y,
            line,
            &hits,
            theme.dim(),
        );
        let columns = line
            .right()
            .saturating_sub(x)
            .saturating_sub(u16::try_from(width(&hits)).unwrap_or(0) + 3);
        let field = Rect::new(x, line.y, columns, line.height);
        let cursor = find.input().draw(buffer, field, theme.text());
        if state.overlay.is_none() {
            frame.set_cursor_position(cursor);
        }
        true
    }

    fn position(&self, data: &WalkData) -> String {
        let event = format!(
            "event {}/{}",
            count(self.cursor as u64 + 1),
            count(data.event_count() as u64)
        );
        match &self.find {
            Some(find) => {
                let at = find
                    .number_of(self.cursor)
                    .map_or("-".to_owned(), |number| number.to_string());
                format!("match {at}/{}  {event}", find.hits().len())
            }
            None => event,
        }
    }

    fn draw_detail(&self, buffer: &mut Buffer, parts: &Layout, data: &WalkData, state: &State) {
        let area = parts.detail;
        if area.is_empty() {
            return;
        }
        let theme = state.theme;
        let style = if self.in_detail {
            theme.focused_rule()
        } else {
            theme.dim()
        };
        let inside = if parts.beside {
            wall(buffer, area, state.glyphs.wall, style);
            area
        } else {
            let (line, rest) = split_top(area, 1);
            rule(buffer, line, state.glyphs.rule, "", style, style);
            rest
        };
        let inside = Rect::new(
            inside.x.saturating_add(2),
            inside.y,
            detail_columns(area.width),
            inside.height,
        );
        let run = self
            .row_of_cursor(data)
            .filter(|row| self.shape == Shape::Tree && self.folds.is_folded(*row))
            .and_then(|row| data.run(row));
        let mut inside = inside;
        if let Some(run) = run {
            let text = run_row::summary(run, &state.glyphs);
            put(buffer, inside.x, inside.y, inside, &text, theme.strong());
            inside = split_top(inside, 1).1;
        }
        let lines = detail::lines(data, self.cursor, inside.width, state);
        lines.draw(buffer, inside, self.detail_offset);
        let below = lines
            .len()
            .saturating_sub(self.detail_offset + usize::from(inside.height));
        if below > 0 && inside.height > 1 {
            let text = format!(" {below} more {} tab ", state.glyphs.descending);
            let last = row(inside, inside.height - 1);
            put_right(buffer, last.right(), last.y, last, &text, theme.dim());
        }
    }
}

/// The glyph and style of an event in front of its text.
pub(super) fn event_glyph(
    kind: EventKind,
    is_error: bool,
    state: &State,
) -> (&'static str, ratatui::style::Style) {
    let (glyphs, theme) = (&state.glyphs, state.theme);
    let glyph = match kind {
        _ if is_error => glyphs.error,
        EventKind::SpanStart => glyphs.start,
        EventKind::SpanEnd => glyphs.end,
        EventKind::SpanEvent => glyphs.event,
        EventKind::Log => glyphs.log,
    };
    (glyph, if is_error { theme.error() } else { theme.dim() })
}
