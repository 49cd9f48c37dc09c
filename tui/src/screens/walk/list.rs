//! The causal list: every event on one line, causes above effects.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use spanwalk_analysis::walk::EventKind;

use super::WalkData;
use super::bars::list_style;
use super::view::event_glyph;
use crate::app::State;
use crate::screens::logs::level_word;
use crate::text::duration::{duration, signed_duration};
use crate::text::safe::sanitize_start;
use crate::widgets::paint::{put, put_right};

/// Levels of the tree that indent a line.
const INDENT_MAX: u16 = 12;
/// Characters that a line may need: no terminal is wider.
const ROW_CHARACTERS: usize = 512;

/// Names the columns.
pub(super) fn heading(buffer: &mut Buffer, line: Rect, state: &State) {
    let dim = state.theme.dim();
    put_right(buffer, line.x.saturating_add(10), line.y, line, "at", dim);
    let x = line.x.saturating_add(12);
    put(buffer, x, line.y, line, "what happened, causes first", dim);
}

/// One event.
pub(super) fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    index: usize,
    chosen: bool,
    data: &WalkData,
    state: &State,
) {
    let Some(event) = data.event(index) else {
        return;
    };
    let theme = state.theme;
    if chosen {
        put(
            buffer,
            line.x,
            line.y,
            line,
            state.glyphs.cursor,
            theme.key(),
        );
    }
    let time = signed_duration(event.offset_ns);
    put_right(
        buffer,
        line.x.saturating_add(10),
        line.y,
        line,
        &time,
        theme.dim(),
    );
    if event.contradiction {
        let x = line.x.saturating_add(10);
        put(buffer, x, line.y, line, state.glyphs.clock, theme.warning());
    }
    let mark = state.marks.get(event.service);
    let x = line.x.saturating_add(12);
    let x = put(buffer, x, line.y, line, &mark.badge, theme.service(mark));
    let indent = u16::try_from(event.depth)
        .unwrap_or(u16::MAX)
        .min(INDENT_MAX);
    let x = x.saturating_add(1 + indent);
    let (glyph, style) = event_glyph(event.kind, event.is_error, state);
    let is_origin = data.origin() == Some(index);
    let glyph = if is_origin {
        state.glyphs.origin
    } else {
        glyph
    };
    let mut x = put(buffer, x, line.y, line, &format!("{glyph} "), style);
    match event.kind {
        EventKind::Log => {
            let word = format!("{:<5} ", level_word(event.level));
            x = put(buffer, x, line.y, line, &word, theme.level(event.level));
        }
        EventKind::SpanEnd => x = put(buffer, x, line.y, line, "end of ", theme.dim()),
        EventKind::SpanStart | EventKind::SpanEvent => {}
    }
    let text = data.text(index);
    let text = sanitize_start(&text, ROW_CHARACTERS);
    let x = put(
        buffer,
        x,
        line.y,
        line,
        &text,
        list_style(chosen, event.is_error, state),
    );
    if event.kind == EventKind::SpanStart
        && let Some(span) = data.span(event.span)
    {
        let text = format!("  {}", duration(span.end_ns.saturating_sub(span.start_ns)));
        put(buffer, x, line.y, line, &text, theme.dim());
    }
}
