//! The rows of the tree: badge, guides, name, flags, bar over the time axis, duration.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use spanwalk_analysis::walk::EventKind;

use super::rows::{NONE, Row};
use super::run_row;
use super::view::event_glyph;
use super::{EventFacts, WalkData, WalkScreen};
use crate::app::State;
use crate::screens::logs::level_word;
use crate::text::duration::{duration, signed_duration};
use crate::text::number::short_count;
use crate::text::safe::sanitize_start;
use crate::widgets::paint::{put, put_right};
use crate::widgets::waterfall::Axis;

/// Columns at the right edge for a duration or a moment.
const TIME_COLUMNS: u16 = 9;
/// Columns between name and bar for the marks of failure, origin and clocks.
const FLAG_COLUMNS: u16 = 3;
/// Columns at the left edge: cursor, badge, blank.
const GUTTER: u16 = 4;
/// Characters that the name or text of a row may need: no terminal is wider.
pub(super) const ROW_CHARACTERS: usize = 512;

/// How the columns of the tree are shared out.
pub(super) struct Columns {
    pub(super) name_end: u16,
    pub(super) axis: Axis,
    /// Columns for each level of the tree.
    indent: u16,
    /// Levels drawn; deeper ones begin at the left again, behind a number.
    levels: u32,
}

impl Columns {
    pub(super) fn of(area: Rect, screen: &WalkScreen, data: &WalkData) -> Self {
        let (from_ns, length_ns) = screen.stretch(data);
        // Bars are worth their room only where names have enough.
        let bar_columns = match area.width {
            0..58 => 0,
            58..76 => area.width / 4,
            76.. => area.width * 2 / 5,
        };
        let flags_and_time = FLAG_COLUMNS + TIME_COLUMNS;
        let name_end = area.width.saturating_sub(bar_columns + flags_and_time);
        // Half of the names' room is for the tree; a deep one is drawn closer and leaves more,
        // because a name that is cut to its first word tells nothing.
        let is_deep = data.tree().depth_max().saturating_mul(2) > u32::from(name_end / 2);
        let tree_columns = if is_deep { name_end / 4 } else { name_end / 2 };
        let indent = if is_deep || area.width < 70 { 1 } else { 2 };
        Self {
            name_end: area.x.saturating_add(name_end),
            axis: Axis {
                x: area.x.saturating_add(name_end + FLAG_COLUMNS),
                columns: bar_columns,
                from_ns,
                length_ns,
            },
            indent,
            levels: u32::from((tree_columns / indent).clamp(2, 24)),
        }
    }
}

/// The ruler above the bars, with the cursor's moment marked on it.
pub(super) fn ruler(
    buffer: &mut Buffer,
    line: Rect,
    columns: &Columns,
    screen: &WalkScreen,
    data: &WalkData,
    state: &State,
) {
    let dim = state.theme.dim();
    put(
        buffer,
        line.x.saturating_add(GUTTER),
        line.y,
        line,
        "span, log, event",
        dim,
    );
    put_right(
        buffer,
        line.right().saturating_sub(1),
        line.y,
        line,
        "time",
        dim,
    );
    if line.height == 0 {
        return;
    }
    columns.axis.ruler(buffer, line.y, &state.glyphs, dim);
    if let Some(event) = data.event(screen.cursor)
        && columns.axis.columns > 0
        && columns.axis.holds(event.offset())
    {
        let x = columns.axis.column(event.offset());
        put(
            buffer,
            x,
            line.y,
            line,
            state.glyphs.open,
            state.theme.key(),
        );
    }
}

/// One row of the tree.
#[expect(
    clippy::too_many_arguments,
    reason = "one row of one place, drawn in one go"
)]
pub(super) fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    tree_row: u32,
    chosen: bool,
    columns: &Columns,
    screen: &WalkScreen,
    data: &WalkData,
    state: &State,
) {
    let Some(this) = data.tree().rows().get(tree_row as usize) else {
        return;
    };
    let Some(event) = data.event(this.event as usize) else {
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
    let mark = state.marks.get(event.service);
    let x = put(
        buffer,
        line.x.saturating_add(1),
        line.y,
        line,
        &mark.badge,
        theme.service(mark),
    );
    let x = guides(
        buffer,
        line,
        x.saturating_add(1),
        tree_row,
        columns,
        data,
        state,
    );
    if let Some(run) = data.run(tree_row) {
        let folded = screen.folds.is_folded(tree_row);
        run_row::draw(buffer, line, x, run, (chosen, folded), columns, data, state);
        return;
    }
    match data.span(this.span) {
        Some(_) => span_row(
            buffer, line, x, this, tree_row, chosen, columns, screen, data, state,
        ),
        None => item_row(buffer, line, x, this, event, chosen, data, state),
    }
}

/// The branch lines of the levels above; the answer is the column after them.
fn guides(
    buffer: &mut Buffer,
    line: Rect,
    start: u16,
    tree_row: u32,
    columns: &Columns,
    data: &WalkData,
    state: &State,
) -> u16 {
    let style = state.theme.dim();
    let tree = data.tree();
    let Some(this) = tree.rows().get(tree_row as usize) else {
        return start;
    };
    let shown = this.depth.min(columns.levels);
    let mut x = start;
    if this.depth > shown {
        let text = format!("+{}{} ", this.depth - shown, state.glyphs.path);
        x = put(buffer, x, line.y, line, &text, style);
    }
    let width = u32::from(columns.indent);
    let mut at = tree_row;
    // From the row upwards, so from the right to the left.
    for level in (0..shown).rev() {
        let goes_on = tree.has_next_sibling(at);
        let glyph = match (level + 1 == shown, goes_on) {
            (true, true) => state.glyphs.branch,
            (true, false) => state.glyphs.last_branch,
            (false, true) => state.glyphs.guide,
            (false, false) => " ",
        };
        let offset = u16::try_from(level * width).unwrap_or(u16::MAX);
        put(buffer, x.saturating_add(offset), line.y, line, glyph, style);
        at = tree.rows().get(at as usize).map_or(NONE, |row| row.parent);
    }
    x.saturating_add(u16::try_from(shown * width).unwrap_or(u16::MAX))
}

#[expect(
    clippy::too_many_arguments,
    reason = "one row of one place, drawn in one go"
)]
fn span_row(
    buffer: &mut Buffer,
    line: Rect,
    start: u16,
    this: &Row,
    tree_row: u32,
    chosen: bool,
    columns: &Columns,
    screen: &WalkScreen,
    data: &WalkData,
    state: &State,
) {
    let (theme, glyphs) = (state.theme, &state.glyphs);
    let Some(span) = data.span(this.span) else {
        return;
    };
    let room = Rect::new(line.x, line.y, columns.name_end.saturating_sub(line.x), 1);
    let folded = screen.folds.is_folded(tree_row);
    let at_end = chosen
        && data
            .event(screen.cursor)
            .is_some_and(|event| event.kind == EventKind::SpanEnd);
    let sign = match (this.direct, folded) {
        _ if at_end => glyphs.end,
        (0, _) => glyphs.leaf,
        (_, true) => glyphs.folded,
        (_, false) => glyphs.open,
    };
    let x = put(
        buffer,
        start,
        line.y,
        room,
        &format!("{sign} "),
        theme.dim(),
    );
    let style = if chosen {
        theme.cursor()
    } else if is_hit(screen, this.event) {
        theme.found()
    } else {
        theme.text()
    };
    let name = sanitize_start(span.name, ROW_CHARACTERS);
    let name = if name.is_empty() {
        "(no name)"
    } else {
        name.as_str()
    };
    let x = put(buffer, x, line.y, room, name, style);
    if folded {
        let (spans, errors) = data.beneath(tree_row);
        let text = format!(" [{} more]", short_count(spans));
        let x = put(buffer, x, line.y, room, &text, theme.dim());
        if errors > 0 {
            let text = format!(" {}{}", glyphs.error, short_count(errors));
            put(buffer, x, line.y, room, &text, theme.error());
        }
    }
    flags(buffer, line, columns, this, span.is_error, data, state);
    if folded && !span.is_error && data.beneath(tree_row).1 > 0 {
        // Told here too, because a long name leaves no room for the number.
        let x = columns.name_end.saturating_add(1);
        put(buffer, x, line.y, line, glyphs.error, theme.warning());
    }
    let mark = state.marks.get(span.service);
    let time = (span.start_ns, span.end_ns);
    columns
        .axis
        .bar(buffer, line.y, time, glyphs, theme.service(mark));
    let text = duration(span.end_ns.saturating_sub(span.start_ns));
    let end = line.right().saturating_sub(1);
    put_right(
        buffer,
        end,
        line.y,
        line,
        &text,
        if chosen { theme.strong() } else { theme.text() },
    );
}

/// Marks of failure, of the error's origin, and of clocks that contradict the order.
fn flags(
    buffer: &mut Buffer,
    line: Rect,
    columns: &Columns,
    this: &Row,
    is_error: bool,
    data: &WalkData,
    state: &State,
) {
    let (theme, glyphs) = (state.theme, &state.glyphs);
    let x = columns.name_end.saturating_add(1);
    let is_origin = data
        .origin()
        .and_then(|origin| data.tree().row_of(origin))
        .is_some_and(|row| data.tree().rows().get(row as usize) == Some(this));
    if is_origin {
        put(buffer, x, line.y, line, glyphs.origin, theme.error());
    } else if is_error {
        put(buffer, x, line.y, line, glyphs.error, theme.error());
    } else if data
        .event(this.event as usize)
        .is_some_and(|event| event.contradiction)
    {
        put(buffer, x, line.y, line, glyphs.clock, theme.warning());
    }
}

/// A log record or event: its text takes the room of the bar too.
#[expect(
    clippy::too_many_arguments,
    reason = "one row of one place, drawn in one go"
)]
fn item_row(
    buffer: &mut Buffer,
    line: Rect,
    start: u16,
    this: &Row,
    event: EventFacts<'_>,
    chosen: bool,
    data: &WalkData,
    state: &State,
) {
    let theme = state.theme;
    let is_origin = data.origin() == Some(this.event as usize);
    let (glyph, style) = event_glyph(event.kind, event.is_error, state);
    let glyph = if is_origin {
        state.glyphs.origin
    } else {
        glyph
    };
    let end = line.right().saturating_sub(1);
    let room = Rect::new(
        line.x,
        line.y,
        line.width.saturating_sub(TIME_COLUMNS + 2),
        1,
    );
    let mut x = put(buffer, start, line.y, room, &format!("{glyph} "), style);
    if event.kind == EventKind::Log {
        let word = format!("{:<5} ", level_word(event.level));
        x = put(buffer, x, line.y, room, &word, theme.level(event.level));
    }
    let text = data.text(this.event as usize);
    let text = sanitize_start(&text, ROW_CHARACTERS);
    let style = match (chosen, event.is_error) {
        (true, _) => theme.cursor(),
        (false, true) => theme.error(),
        (false, false) => theme.text(),
    };
    put(buffer, x, line.y, room, &text, style);
    let time = signed_duration(event.offset_ns);
    put_right(buffer, end, line.y, line, &time, theme.dim());
}

fn is_hit(screen: &WalkScreen, event: u32) -> bool {
    screen
        .find
        .as_ref()
        .is_some_and(|find| find.number_of(event as usize).is_some())
}

/// The style of text in the causal list.
pub(super) fn list_style(chosen: bool, is_error: bool, state: &State) -> Style {
    match (chosen, is_error) {
        (true, _) => state.theme.cursor(),
        (false, true) => state.theme.error(),
        (false, false) => state.theme.text(),
    }
}
