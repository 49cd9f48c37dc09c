//! One frame: header, screen, last row, and what lies over them. Only reads.

use ratatui::Frame;
use ratatui::layout::Rect;

use super::overlay::{help_entries, palette_entries};
use super::update::help_contexts;
use super::{Overlay, State};
use crate::action::{Action, Context, Spec, available};
use crate::text::number::counted;
use crate::text::sanitize;
use crate::text::width::width;
use crate::theme::Glyphs;
use crate::widgets::paint::{put, put_right, row, split_bottom, split_top};
use crate::widgets::popup::popup;

/// The least that a screen can be drawn in.
const COLUMNS_MIN: u16 = 40;
const ROWS_MIN: u16 = 8;
/// Place in the footer from which on an action is always told.
const ALWAYS: u8 = 40;

impl State {
    /// The room of a screen in a terminal of this size.
    pub fn body(size: (u16, u16)) -> Rect {
        let whole = Rect::new(0, 0, size.0, size.1);
        let (_, rest) = split_top(whole, 1);
        let (body, _) = split_bottom(rest, 1);
        body
    }
}

/// Draws the state.
pub fn view(state: &State, frame: &mut Frame<'_>) {
    let area = frame.area();
    if area.width < COLUMNS_MIN || area.height < ROWS_MIN {
        let text = format!("spanwalk needs {COLUMNS_MIN}x{ROWS_MIN}");
        put(
            frame.buffer_mut(),
            area.x,
            area.y,
            area,
            &text,
            state.theme.text(),
        );
        return;
    }
    header(frame, row(area, 0), state);
    let body = State::body((area.width, area.height));
    state.history.current().draw(frame, body, state);
    footer(frame, row(area, area.height - 1), state);
    match &state.overlay {
        Some(Overlay::Help { filter, offset }) => help(frame, state, filter, *offset),
        Some(Overlay::Palette { input, selected }) => palette(frame, state, input, *selected),
        Some(Overlay::Yank) => yank_menu(frame, state),
        None => {}
    }
    if state.glyphs == Glyphs::ASCII {
        to_ascii(frame.buffer_mut());
    }
}

/// Puts ASCII in the place of the marks that texts and durations bring: the sign of a cut and
/// the micro of microseconds. What services sent stays as it is.
fn to_ascii(buffer: &mut ratatui::buffer::Buffer) {
    for cell in &mut buffer.content {
        match cell.symbol() {
            "…" => cell.set_symbol("~"),
            "µ" => cell.set_symbol("u"),
            _ => continue,
        };
    }
}

/// The trail of screens at the left, how the collector is and the screens' keys at the right.
fn header(frame: &mut Frame<'_>, line: Rect, state: &State) {
    let theme = state.theme;
    let buffer = frame.buffer_mut();
    let tabs = [
        ("1", "traces", Context::Traces),
        ("2", "logs", Context::Logs),
        ("3", "services", Context::Services),
    ];
    let here = state.history.current().resting_contexts();
    let tab_columns: usize = tabs
        .iter()
        .map(|(key, name, _)| key.len() + name.len() + 3)
        .sum();
    let tabs_fit = line.width >= 60;
    let mut end = line.right();
    if tabs_fit {
        end = end.saturating_sub(u16::try_from(tab_columns).unwrap_or(u16::MAX));
        let mut x = end;
        for (key, name, context) in tabs {
            let style = if here.contains(&context) {
                theme.strong()
            } else {
                theme.dim()
            };
            x = put(buffer, x, line.y, line, key, theme.key());
            x = put(buffer, x, line.y, line, &format!(" {name}  "), style);
        }
    }
    if let Some(status) = &state.status
        && line.width >= 100
    {
        let text = format!("{} stored   ", counted(status.stored.traces, "trace"));
        put_right(buffer, end, line.y, line, &text, theme.dim());
        end = end.saturating_sub(u16::try_from(width(&text)).unwrap_or(u16::MAX));
    }
    let room = Rect::new(line.x, line.y, end.saturating_sub(line.x + 2), 1);
    trail(buffer, room, line.width, state);
}

/// The program and the last places that led here.
fn trail(buffer: &mut ratatui::buffer::Buffer, room: Rect, columns: u16, state: &State) {
    let theme = state.theme;
    // The last place is the one that must be read.
    let title_columns = match columns {
        0..100 => 12,
        100..130 => 18,
        130.. => 28,
    };
    let mut x = put(buffer, room.x, room.y, room, " spanwalk", theme.strong());
    let trail = state.history.trail();
    // The last places tell where one is; more would push them out.
    let shown = if columns >= 100 { 3 } else { 2 };
    let skipped = trail.len().saturating_sub(shown);
    if skipped > 0 {
        x = put(
            buffer,
            x,
            room.y,
            room,
            &format!(" {} …", state.glyphs.path),
            theme.dim(),
        );
    }
    let last = trail.len().saturating_sub(1);
    for (index, place) in trail.iter().enumerate().skip(skipped) {
        x = put(
            buffer,
            x,
            room.y,
            room,
            &format!(" {} ", state.glyphs.path),
            theme.dim(),
        );
        let style = if index == last {
            theme.text()
        } else {
            theme.dim()
        };
        let title = place.title();
        let title = sanitize(&title);
        let title = crate::text::truncate::truncate(&title, title_columns);
        x = put(buffer, x, room.y, room, &title, style);
    }
}

/// What was just said, or the keys of the screen; those that cannot be had now are dim and
/// stay in place.
fn footer(frame: &mut Frame<'_>, line: Rect, state: &State) {
    let theme = state.theme;
    let buffer = frame.buffer_mut();
    if let Some(toast) = &state.toast {
        let style = if toast.is_problem {
            theme.warning()
        } else {
            theme.good()
        };
        put(
            buffer,
            line.x,
            line.y,
            line,
            &format!(" {}", sanitize(&toast.text)),
            style,
        );
        return;
    }
    if let Some(prefix) = state.prefix {
        put(
            buffer,
            line.x,
            line.y,
            line,
            &format!(" {prefix} …"),
            theme.key(),
        );
        return;
    }
    let contexts = state.contexts();
    let mut specs: Vec<&Spec> = available(&contexts)
        .filter(|spec| spec.footer > 0)
        .collect();
    specs.sort_by_key(|spec| spec.footer);
    let columns = |spec: &Spec| width(&spec.key_text()) + 1 + width(spec.title) + 2;
    // The ways out and to the help are always told; what does not fit before them is there.
    let (keys, always): (Vec<&Spec>, Vec<&Spec>) =
        specs.into_iter().partition(|spec| spec.footer < ALWAYS);
    let kept: usize = always.iter().map(|spec| columns(spec)).sum();
    let mut room = usize::from(line.width).saturating_sub(kept + 1);
    let mut x = line.x.saturating_add(1);
    let mut told: Vec<String> = Vec::new();
    for spec in keys.into_iter().chain(always) {
        let key = spec.key_text();
        let is_always = spec.footer >= ALWAYS;
        // A key that an earlier context took does something else here.
        if told.contains(&key) || (!is_always && columns(spec) > room) {
            continue;
        }
        room = room.saturating_sub(columns(spec));
        let off = state.why_off(spec.action).is_some();
        let key_style = if off { theme.dim() } else { theme.key() };
        x = put(buffer, x, line.y, line, &key, key_style);
        let title = format!(" {}  ", spec.title);
        x = put(buffer, x, line.y, line, &title, theme.dim());
        told.push(key);
    }
}

fn help(
    frame: &mut Frame<'_>,
    state: &State,
    filter: &crate::widgets::input::Input,
    offset: usize,
) {
    let contexts = help_contexts(state);
    let entries = help_entries(&contexts, filter.text());
    let rows = u16::try_from(entries.len().max(6))
        .unwrap_or(u16::MAX)
        .saturating_add(4);
    let height = rows.min(frame.area().height.saturating_sub(2));
    let inside = popup(frame, state, 84, height, "keys");
    let theme = state.theme;
    let (top, list) = split_top(inside, 2);
    let buffer = frame.buffer_mut();
    let x = put(buffer, top.x, top.y, top, "filter ", theme.dim());
    let field = Rect::new(x, top.y, top.right().saturating_sub(x), 1);
    let cursor = filter.draw(buffer, field, theme.text());
    for (line, spec) in (0..list.height).zip(entries.iter().skip(offset)) {
        draw_entry(buffer, row(list, line), spec, false, state);
    }
    frame.set_cursor_position(cursor);
}

fn palette(
    frame: &mut Frame<'_>,
    state: &State,
    input: &crate::widgets::input::Input,
    selected: usize,
) {
    let entries = palette_entries(&help_contexts(state), input.text());
    let height = 16.min(frame.area().height.saturating_sub(2));
    let inside = popup(frame, state, 84, height, "commands");
    let (top, list) = split_top(inside, 1);
    let buffer = frame.buffer_mut();
    let x = put(buffer, top.x, top.y, top, ": ", state.theme.key());
    let field = Rect::new(x, top.y, top.right().saturating_sub(x), 1);
    let cursor = input.draw(buffer, field, state.theme.text());
    let height = usize::from(list.height).max(1);
    let offset = (selected + 1).saturating_sub(height);
    for (line, (index, spec)) in (0..list.height).zip(entries.iter().enumerate().skip(offset)) {
        draw_entry(buffer, row(list, line), spec, index == selected, state);
    }
    frame.set_cursor_position(cursor);
}

/// Keys, then what the action does, or why it cannot be had now.
fn draw_entry(
    buffer: &mut ratatui::buffer::Buffer,
    line: Rect,
    spec: &Spec,
    chosen: bool,
    state: &State,
) {
    let theme = state.theme;
    let off = state.why_off(spec.action);
    let key_style = if off.is_some() {
        theme.dim()
    } else {
        theme.key()
    };
    let text_style = if off.is_some() {
        theme.dim()
    } else {
        theme.text()
    };
    let text = match off {
        Some(reason) => format!("{} ({reason})", spec.help),
        None => spec.help.to_owned(),
    };
    put(buffer, line.x, line.y, line, &spec.keys_text(), key_style);
    put(
        buffer,
        line.x.saturating_add(16),
        line.y,
        line,
        &text,
        text_style,
    );
    if chosen {
        buffer.set_style(line, theme.cursor());
    }
}

fn yank_menu(frame: &mut Frame<'_>, state: &State) {
    let entries: Vec<&Spec> = available(&[Context::YankMenu])
        .filter(|spec| !matches!(spec.action, Action::Quit | Action::Suspend | Action::Cancel))
        .collect();
    let rows = u16::try_from(entries.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let inside = popup(frame, state, 56, rows, "copy");
    let theme = state.theme;
    for (line, spec) in (0..inside.height).zip(entries) {
        let place = row(inside, line);
        let text = state.history.current().yanked(spec.action);
        let style = if text.is_some() {
            theme.key()
        } else {
            theme.dim()
        };
        let buffer = frame.buffer_mut();
        put(buffer, place.x, place.y, place, &spec.key_text(), style);
        put(
            buffer,
            place.x.saturating_add(3),
            place.y,
            place,
            spec.title,
            theme.text(),
        );
        let shown = text.unwrap_or_default();
        let shown = crate::text::safe::sanitize_start(&shown, 80);
        let x = place.x.saturating_add(14);
        put(buffer, x, place.y, place, &shown, theme.dim());
    }
}
