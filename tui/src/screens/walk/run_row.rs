//! The row of a run of like siblings: how many, what, how long together, how many failed.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::WalkData;
use super::bars::{Columns, ROW_CHARACTERS};
use super::runs::Run;
use crate::app::State;
use crate::text::duration::duration;
use crate::text::number::count;
use crate::text::safe::sanitize_start;
use crate::text::width::width;
use crate::theme::Glyphs;
use crate::widgets::paint::{put, put_right};

/// Draws the row from a column on; `(chosen, folded)` say how it stands.
#[expect(
    clippy::too_many_arguments,
    reason = "one row of one place, drawn in one go"
)]
pub(super) fn draw(
    buffer: &mut Buffer,
    line: Rect,
    start: u16,
    run: &Run,
    (chosen, folded): (bool, bool),
    columns: &Columns,
    data: &WalkData,
    state: &State,
) {
    let (theme, glyphs) = (state.theme, &state.glyphs);
    let first = data.tree().rows().get(run.row as usize);
    let Some(span) = first
        .and_then(|row| data.event(row.event as usize))
        .and_then(|event| data.span(event.span))
    else {
        return;
    };
    let room = Rect::new(line.x, line.y, columns.name_end.saturating_sub(line.x), 1);
    let sign = if folded { glyphs.folded } else { glyphs.open };
    let sign = format!("{sign} ");
    let mut x = put(buffer, start, line.y, room, &sign, theme.dim());
    let style = if chosen {
        theme.cursor()
    } else {
        theme.strong()
    };
    let many = format!("{}{} ", glyphs.times, count(run.count));
    x = put(buffer, x, line.y, room, &many, style);
    let name = sanitize_start(span.name, ROW_CHARACTERS);
    let style = if chosen { theme.cursor() } else { theme.text() };
    x = put(buffer, x, line.y, room, &name, style);
    if run.error_count > 0 {
        let text = format!(" {}{}", glyphs.error, count(run.error_count));
        put(buffer, x, line.y, room, &text, theme.error());
        let flag = columns.name_end.saturating_add(1);
        put(buffer, flag, line.y, line, glyphs.error, theme.error());
    }
    let service = theme.service(state.marks.get(span.service));
    columns.axis.bar(buffer, line.y, run.time, glyphs, service);
    over_bar(buffer, line, columns, &numbers(run), service, state);
    let end = line.right().saturating_sub(1);
    let sum = format!("{}{}", glyphs.sum, duration(run.sum_ns));
    let style = if chosen { theme.strong() } else { theme.text() };
    put_right(buffer, end, line.y, line, &sum, style);
}

fn numbers(run: &Run) -> String {
    format!("p50 {} p99 {}", duration(run.p50_ns), duration(run.p99_ns))
}

/// Writes a text over the bar: reversed on the bar, so that both are seen without colours too.
fn over_bar(
    buffer: &mut Buffer,
    line: Rect,
    columns: &Columns,
    text: &str,
    service: Style,
    state: &State,
) {
    let axis = &columns.axis;
    if width(text) + 2 > usize::from(axis.columns) {
        return;
    }
    let area = Rect::new(axis.x, line.y, axis.columns, line.height);
    for (x, character) in (axis.x.saturating_add(1)..area.right()).zip(text.chars()) {
        let bar = buffer.cell((x, line.y)).map_or(" ", |cell| cell.symbol());
        let style = if bar == " " {
            state.theme.dim()
        } else {
            service.add_modifier(Modifier::REVERSED)
        };
        let mut bytes = [0; 4];
        put(
            buffer,
            x,
            line.y,
            area,
            character.encode_utf8(&mut bytes),
            style,
        );
    }
}

/// What the run comes to, in a line for the detail pane.
pub(super) fn summary(run: &Run, glyphs: &Glyphs) -> String {
    let failed = match run.error_count {
        0 => String::new(),
        number => format!("  {}{} failed", glyphs.error, count(number)),
    };
    format!(
        "{}{} alike  {}{}  {}  longest {}{failed}",
        glyphs.times,
        count(run.count),
        glyphs.sum,
        duration(run.sum_ns),
        numbers(run),
        duration(run.longest_ns),
    )
}
