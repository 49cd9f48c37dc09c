//! How the log list looks.

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use spanwalk_api::{CutReason, LogEntry};
use spanwalk_model::SeverityLevel;

use super::Logs;
use crate::app::State;
use crate::text::number::count;
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::text::time::{moment_in, time_of_day_ms};
use crate::widgets::lines::Lines;
use crate::widgets::paint::{put, row, rule, split_bottom, split_right, split_top, wall};

/// Characters of a body that a row may need: no terminal is wider.
const ROW_CHARACTERS: usize = 512;

/// Where the parts stand.
pub(super) struct Layout {
    query: Rect,
    heading: Rect,
    pub(super) rows: Rect,
    detail: Rect,
    beside: bool,
}

/// Places the parts in the body of the screen; the query takes this many rows.
pub(super) fn layout(body: Rect, query_rows: u16) -> Layout {
    let (query, rest) = split_top(body, query_rows);
    let beside = body.width >= 120;
    let (list, detail) = if beside {
        split_right(rest, rest.width * 2 / 5)
    } else {
        let rows = if body.height < 14 {
            0
        } else {
            body.height * 2 / 5
        };
        split_bottom(rest, rows)
    };
    let (heading, rows) = split_top(list, 1);
    Layout {
        query,
        heading,
        rows,
        detail,
        beside,
    }
}

impl Logs {
    pub(in crate::screens) fn draw(&self, frame: &mut Frame<'_>, body: Rect, state: &State) {
        let parts = layout(body, self.query.rows());
        let hint = "filter: level:error service:cart \"timed out\"";
        self.query
            .draw(frame, parts.query, state, hint, &self.counts(state));
        let buffer = frame.buffer_mut();
        let style = state.theme.dim();
        let heading = format!(
            " time {}        level  sv  message",
            state.glyphs.descending
        );
        put(
            buffer,
            parts.heading.x,
            parts.heading.y,
            parts.heading,
            &heading,
            style,
        );
        if self.list.is_empty() && self.loaded {
            let line = row(parts.rows, 1);
            let text = if self.query.applied().is_empty() {
                "No log records yet."
            } else {
                "No log record matches this query."
            };
            put(buffer, line.x.saturating_add(2), line.y, line, text, style);
        }
        let window = self
            .rows
            .window(self.list.len(), usize::from(parts.rows.height));
        for (line, index) in (0..parts.rows.height).zip(window) {
            if let Some(log) = self.list.get(index) {
                let chosen = index == self.rows.selected;
                draw_row(buffer, row(parts.rows, line), log, chosen, state);
            }
        }
        self.draw_detail(buffer, &parts, state);
    }

    /// Rows that the chosen record takes in the detail pane.
    pub(super) fn detail_lines(&self, size: (u16, u16)) -> usize {
        // Counted without styles: they do not change how many rows there are.
        let parts = layout(State::body(size), self.query.rows());
        let columns = parts.detail.width.saturating_sub(3);
        self.selected()
            .map_or(0, |log| detail(log, columns, &Styles::default(), "").len())
    }

    fn draw_detail(&self, buffer: &mut Buffer, parts: &Layout, state: &State) {
        let theme = state.theme;
        let Some(log) = self.selected().filter(|_| !parts.detail.is_empty()) else {
            return;
        };
        let style = if self.in_detail {
            theme.focused_rule()
        } else {
            theme.dim()
        };
        let inside = if parts.beside {
            wall(buffer, parts.detail, state.glyphs.wall, style);
            parts.detail
        } else {
            let (line, rest) = split_top(parts.detail, 1);
            rule(
                buffer,
                line,
                state.glyphs.rule,
                "record",
                style,
                theme.strong(),
            );
            rest
        };
        let inside = Rect::new(
            inside.x.saturating_add(2),
            inside.y,
            inside.width.saturating_sub(3),
            inside.height,
        );
        let styles = Styles {
            label: theme.attribute(),
            text: theme.text(),
            level: theme.level(SeverityLevel::from_text(&log.level)),
            dim: theme.dim(),
        };
        let time = moment_in(log.time_ns, &state.zone);
        detail(log, inside.width, &styles, &time).draw(buffer, inside, self.detail_offset);
    }

    fn counts(&self, state: &State) -> String {
        if let Some(failure) = &self.failure {
            return format!("{} {}", state.glyphs.error, sanitize(&failure.text));
        }
        if !self.loaded {
            return "searching".to_owned();
        }
        let shown = self.list.len() as u64;
        let more = if self.completeness.estimate { "+" } else { "" };
        let counts = if shown == self.completeness.matched && more.is_empty() {
            count(shown)
        } else {
            format!(
                "{} of {}{more}",
                count(shown),
                count(self.completeness.matched)
            )
        };
        match self.completeness.cut {
            Some(CutReason::Timeout) => format!("{counts} (time ran out)"),
            Some(CutReason::Limit) if self.next_cursor.is_some() => {
                format!("{counts} (G loads more)")
            }
            _ => counts,
        }
    }
}

fn draw_row(buffer: &mut Buffer, line: Rect, log: &LogEntry, chosen: bool, state: &State) {
    let theme = state.theme;
    let pick = |style: Style| if chosen { theme.cursor() } else { style };
    if chosen {
        buffer.set_style(line, theme.cursor());
    }
    let level = SeverityLevel::from_text(&log.level);
    let at = |x: u16| line.x.saturating_add(x);
    let time = time_of_day_ms(log.time_ns, &state.zone);
    put(buffer, at(1), line.y, line, &time, pick(theme.dim()));
    put(
        buffer,
        at(15),
        line.y,
        line,
        level_word(level),
        pick(theme.level(level)),
    );
    let mark = state.marks.get(&log.service);
    put(
        buffer,
        at(22),
        line.y,
        line,
        &mark.badge,
        pick(theme.service(mark)),
    );
    let text = if log.body.is_empty() {
        &log.event_name
    } else {
        &log.body
    };
    let text = sanitize_start(text, ROW_CHARACTERS);
    put(buffer, at(26), line.y, line, &text, pick(theme.text()));
}

/// The level in at most five letters, as log lines have it.
pub(in crate::screens) fn level_word(level: SeverityLevel) -> &'static str {
    match level {
        SeverityLevel::Unspecified => "-",
        SeverityLevel::Trace => "TRACE",
        SeverityLevel::Debug => "DEBUG",
        SeverityLevel::Info => "INFO",
        SeverityLevel::Warn => "WARN",
        SeverityLevel::Error => "ERROR",
        SeverityLevel::Fatal => "FATAL",
    }
}

/// Styles of the parts of a record.
#[derive(Default)]
struct Styles {
    label: Style,
    text: Style,
    level: Style,
    dim: Style,
}

fn detail(log: &LogEntry, columns: u16, styles: &Styles, time: &str) -> Lines {
    let mut lines = Lines::new(columns);
    lines.row(vec![
        (sanitize(&log.level), styles.level),
        (sanitize("  "), styles.text),
        (sanitize(&log.service), styles.text),
    ]);
    lines.text(&log.body, styles.text, 0);
    lines.gap();
    let mut pairs = vec![("time".to_owned(), time.to_owned())];
    let severity = Some(&log.severity_text).filter(|text| !text.is_empty());
    let event = Some(&log.event_name).filter(|text| !text.is_empty());
    for (label, text) in [
        ("severity", severity),
        ("event", event),
        ("trace", log.trace_id.as_ref()),
        ("span", log.span_id.as_ref()),
    ] {
        if let Some(text) = text {
            pairs.push((label.to_owned(), text.clone()));
        }
    }
    lines.pairs(&pairs, styles.dim, styles.text);
    lines.gap();
    lines.pairs(&attribute_pairs(&log.attributes), styles.label, styles.text);
    lines
}

/// Attributes out of their OTLP/JSON form; what has another form is shown as it is.
fn attribute_pairs(attributes: &serde_json::Value) -> Vec<(String, String)> {
    let Some(entries) = attributes.as_array() else {
        return Vec::new();
    };
    entries
        .iter()
        .map(|entry| {
            let key = entry.get("key").and_then(serde_json::Value::as_str);
            let value = entry.get("value").map(any_value_text).unwrap_or_default();
            (key.unwrap_or("?").to_owned(), value)
        })
        .collect()
}

fn any_value_text(value: &serde_json::Value) -> String {
    let inner = value
        .as_object()
        .filter(|object| object.len() == 1)
        .and_then(|object| object.values().next());
    match inner.unwrap_or(value) {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
