//! How the trace list looks.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use spanwalk_api::{CutReason, TraceSummary};

use super::{Purpose, Traces};
use crate::app::State;
use crate::text::duration::duration;
use crate::text::number::{count, short_count};
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::text::time::short_moment;
use crate::text::width::width;
use crate::widgets::paint::{put, put_right, row, rule, split_bottom, split_top};

/// Where the parts stand.
pub(super) struct Layout {
    query: Rect,
    heading: Rect,
    pub(super) rows: Rect,
    preview: Rect,
}

/// Places the parts in the body of the screen; the query takes this many rows.
pub(super) fn layout(body: Rect, query_rows: u16) -> Layout {
    let (query, rest) = split_top(body, query_rows);
    let (heading, rest) = split_top(rest, 1);
    let preview_rows = match body.height {
        0..14 => 0,
        14..22 => 4,
        22.. => 6,
    };
    let (rows, preview) = split_bottom(rest, preview_rows);
    Layout {
        query,
        heading,
        rows,
        preview,
    }
}

/// Columns of the table, as offsets from the left edge; a column without room is absent.
struct Columns {
    root: u16,
    path: Option<u16>,
    spans: Option<u16>,
    errors: u16,
    logs: Option<u16>,
    failed: Option<u16>,
}

const TIME: u16 = 1;
const DURATION_END: u16 = 21;
const ROOT: u16 = 23;

impl Columns {
    fn of(width: u16) -> Self {
        // From the right: what is told last is left out first.
        let mut end = width.saturating_sub(1);
        let mut take = |columns: u16, at_least: u16| {
            (width >= at_least).then(|| {
                end = end.saturating_sub(columns);
                end
            })
        };
        let failed = take(4, 80);
        let logs = take(6, 76);
        let errors = take(6, 0).unwrap_or(0);
        let spans = take(7, 64);
        let path = take(if width >= 140 { 36 } else { 20 }, 90);
        Self {
            root: ROOT,
            path,
            spans,
            errors,
            logs,
            failed,
        }
    }

    fn root_end(&self) -> u16 {
        let ends = [self.path, self.spans, Some(self.errors)];
        ends.into_iter().flatten().min().unwrap_or(self.root)
    }
}

impl Traces {
    pub(in crate::screens) fn draw(&self, frame: &mut Frame<'_>, body: Rect, state: &State) {
        let parts = layout(body, self.query.rows());
        let hint = "filter: service:cart status:error duration:>500ms \"card declined\", or paste a trace id";
        self.query
            .draw(frame, parts.query, state, hint, &self.counts(state));
        let buffer = frame.buffer_mut();
        if let Some(groups) = self.groups.as_ref().filter(|_| !self.list.is_empty()) {
            groups.draw(buffer, parts.heading, parts.rows, state);
            let text = groups.told(self.list.len() as u64);
            let preview = parts.preview;
            if !preview.is_empty() {
                let inside = pane_rule(buffer, preview, "groups", state);
                let x = inside.x.saturating_add(1);
                put(buffer, x, inside.y, inside, &text, state.theme.dim());
            }
            return;
        }
        let columns = Columns::of(body.width);
        heading(buffer, parts.heading, &columns, state);
        if self.list.is_empty() {
            self.draw_empty(buffer, parts.rows, state);
            return;
        }
        let height = usize::from(parts.rows.height);
        let window = self.rows.window(self.list.len(), height);
        for (line, index) in (0..parts.rows.height).zip(window) {
            if let Some(trace) = self.list.get(index) {
                let chosen = index == self.rows.selected;
                draw_row(
                    buffer,
                    row(parts.rows, line),
                    trace,
                    &columns,
                    chosen,
                    state,
                );
            }
        }
        if let Some(trace) = self.selected() {
            super::preview::draw(buffer, parts.preview, trace, state);
        }
    }

    /// How many there are, how many are shown, and why not all.
    fn counts(&self, state: &State) -> String {
        if let Some(failure) = &self.failure {
            return format!("{} {}", state.glyphs.error, sanitize(&failure.text));
        }
        let searching = matches!(self.asked, Some((_, Purpose::First | Purpose::More)));
        if !self.loaded {
            return "searching".to_owned();
        }
        let found = &self.completeness;
        let live = if !self.is_live() {
            format!("{} g follows", state.glyphs.paused)
        } else if searching {
            "searching".to_owned()
        } else {
            format!("{} live", state.glyphs.live)
        };
        let shown = self.list.len() as u64;
        let more = if found.estimate { "+" } else { "" };
        let counts = if shown == found.matched && !found.estimate {
            count(shown)
        } else {
            format!("{} of {}{more}", count(shown), count(found.matched))
        };
        let why = match found.cut {
            Some(CutReason::Timeout) => " (time ran out)",
            Some(CutReason::Limit) if self.next_cursor.is_some() => " (G loads more)",
            Some(CutReason::Limit) | None => "",
        };
        format!("{counts}{why}  {live}")
    }

    fn draw_empty(&self, buffer: &mut Buffer, area: Rect, state: &State) {
        let lines: Vec<String> = if let Some(failure) = &self.failure {
            vec![
                sanitize(&failure.text).into_string(),
                "asked again each second".to_owned(),
            ]
        } else if !self.loaded {
            Vec::new()
        } else if self.query.applied().is_empty() {
            vec![
                "No traces yet.".to_owned(),
                "Services that export OTLP to this machine appear here by themselves:".to_owned(),
                "  http://127.0.0.1:4318 (HTTP)   127.0.0.1:4317 (gRPC)".to_owned(),
                "Nothing at hand? `spanwalk demo` starts a system to look at.".to_owned(),
            ]
        } else {
            let mut lines = vec!["No trace matches this query.".to_owned()];
            lines.extend(self.notes.iter().map(|note| sanitize(note).into_string()));
            lines
        };
        for (index, line) in (1..).zip(lines) {
            let place = row(area, index);
            put(
                buffer,
                place.x.saturating_add(2),
                place.y,
                place,
                &line,
                state.theme.dim(),
            );
        }
    }
}

fn heading(buffer: &mut Buffer, area: Rect, columns: &Columns, state: &State) {
    let style = state.theme.dim();
    let at = |x: u16| area.x.saturating_add(x);
    let down = state.glyphs.descending;
    put(
        buffer,
        at(TIME),
        area.y,
        area,
        &format!("time {down}"),
        style,
    );
    put_right(buffer, at(DURATION_END), area.y, area, "duration", style);
    put(buffer, at(columns.root), area.y, area, "request", style);
    if let Some(path) = columns.path {
        put(buffer, at(path), area.y, area, "services", style);
    }
    if let Some(spans) = columns.spans {
        put_right(buffer, at(spans + 6), area.y, area, "spans", style);
    }
    put_right(buffer, at(columns.errors + 5), area.y, area, "err", style);
    if let Some(logs) = columns.logs {
        put_right(buffer, at(logs + 5), area.y, area, "logs", style);
    }
    if let Some(failed) = columns.failed {
        put(buffer, at(failed), area.y, area, " at", style);
    }
}

fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    trace: &TraceSummary,
    columns: &Columns,
    chosen: bool,
    state: &State,
) {
    let theme = state.theme;
    // The chosen row is in one style: its glyphs tell the rest.
    let pick = |style: Style| if chosen { theme.cursor() } else { style };
    if chosen {
        buffer.set_style(line, theme.cursor());
    }
    let at = |x: u16| line.x.saturating_add(x);
    let time = short_moment(trace.start_ns, state.now_ns, &state.zone);
    put(buffer, at(TIME), line.y, line, &time, pick(theme.dim()));
    let text = duration(trace.duration_ns);
    put_right(
        buffer,
        at(DURATION_END),
        line.y,
        line,
        &text,
        pick(theme.text()),
    );
    draw_root(buffer, line, trace, columns, &pick, state);
    if let Some(path) = columns.path {
        let end = columns.spans.unwrap_or(columns.errors);
        let room = Rect::new(at(path), line.y, end.saturating_sub(path), line.height);
        draw_path(buffer, room, trace, &pick, state);
    }
    if let Some(spans) = columns.spans {
        let text = short_count(trace.span_count);
        put_right(
            buffer,
            at(spans + 6),
            line.y,
            line,
            &text,
            pick(theme.text()),
        );
    }
    let errors = trace.error_span_count.saturating_add(trace.error_log_count);
    if errors > 0 {
        let text = format!("{}{}", state.glyphs.error, short_count(errors));
        put_right(
            buffer,
            at(columns.errors + 5),
            line.y,
            line,
            &text,
            pick(theme.error()),
        );
    }
    if let Some(logs) = columns.logs.filter(|_| trace.log_count > 0) {
        let text = short_count(trace.log_count);
        put_right(buffer, at(logs + 5), line.y, line, &text, pick(theme.dim()));
    }
    if let Some(failed) = columns.failed
        && let Some(service) = failed_service(trace)
    {
        let badge = &state.marks.get(service).badge;
        put(
            buffer,
            at(failed + 1),
            line.y,
            line,
            badge,
            pick(theme.error()),
        );
    }
}

fn draw_root(
    buffer: &mut Buffer,
    line: Rect,
    trace: &TraceSummary,
    columns: &Columns,
    pick: &impl Fn(Style) -> Style,
    state: &State,
) {
    let start = line.x.saturating_add(columns.root);
    let columns_free = columns.root_end().saturating_sub(columns.root + 1);
    let room = Rect::new(start, line.y, columns_free, line.height);
    let mark = state.marks.get(&trace.root_service);
    let service = sanitize_start(&trace.root_service, 64);
    let x = put(
        buffer,
        room.x,
        room.y,
        room,
        &service,
        pick(state.theme.service(mark)),
    );
    let missing = if trace.has_root { "" } else { "(no root) " };
    let name = format!(" {missing}{}", sanitize_start(&trace.root_name, 256));
    put(buffer, x, room.y, room, &name, pick(state.theme.text()));
}

/// Badges of the services in order of their first span, and how many more there are.
fn draw_path(
    buffer: &mut Buffer,
    room: Rect,
    trace: &TraceSummary,
    pick: &impl Fn(Style) -> Style,
    state: &State,
) {
    let separator = state.glyphs.path;
    let step = 2 + width(separator);
    // Four columns are kept for the rest's number.
    let fitting = (usize::from(room.width).saturating_sub(4) / step).max(1);
    let mut x = room.x;
    for (index, service) in trace.services.iter().take(fitting).enumerate() {
        if index > 0 {
            x = put(buffer, x, room.y, room, separator, pick(state.theme.dim()));
        }
        let mark = state.marks.get(&service.name);
        let style = if service.error_span_count > 0 {
            state.theme.error()
        } else {
            state.theme.service(mark)
        };
        x = put(buffer, x, room.y, room, &mark.badge, pick(style));
    }
    let rest = trace.services.len().saturating_sub(fitting);
    if rest > 0 {
        put(
            buffer,
            x,
            room.y,
            room,
            &format!(" +{rest}"),
            pick(state.theme.dim()),
        );
    }
}

/// Where the trace failed: the last of the services, in order of their first span, that has a
/// failed span; the cause of a failure is usually the deepest.
pub(super) fn failed_service(trace: &TraceSummary) -> Option<&str> {
    let failed = trace
        .services
        .iter()
        .rev()
        .find(|service| service.error_span_count > 0);
    failed.map(|service| service.name.as_str())
}

/// The rule above a pane beneath a list.
pub(super) fn pane_rule(buffer: &mut Buffer, area: Rect, title: &str, state: &State) -> Rect {
    let (line, rest) = split_top(area, 1);
    let theme = state.theme;
    rule(
        buffer,
        line,
        state.glyphs.rule,
        title,
        theme.dim(),
        theme.strong(),
    );
    rest
}
