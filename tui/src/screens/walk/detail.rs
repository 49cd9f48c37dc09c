//! The event under the cursor in full.

use std::fmt::Write;

use ratatui::style::Style;
use spanwalk_analysis::walk::EventKind;
use spanwalk_model::{
    Attributes, Event, LogRecord, Resource, Scope, Scoped, Span, StatusCode, semconv,
};

use super::view::detail_columns;
use super::{EventFacts, WalkData};
use crate::app::State;
use crate::screens::logs::level_word;
use crate::text::duration::{duration, signed_duration};
use crate::text::sanitize;
use crate::text::time::moment_in;
use crate::widgets::lines::Lines;

/// Spans of the way from the root that are named; the ones between are counted.
const STACK_MAX: usize = 12;
/// Attributes shown of one thing; the rest is counted.
const ATTRIBUTES_MAX: usize = 256;
/// Events and links listed of a span; the rest is counted.
const LISTED_MAX: usize = 50;

/// Everything about an event, for a pane of that many columns.
pub(super) fn lines(data: &WalkData, cursor: usize, columns: u16, state: &State) -> Lines {
    let mut lines = Lines::new(columns);
    let Some(event) = data.event(cursor) else {
        return lines;
    };
    heading(&mut lines, data, cursor, event, state);
    let span = data.scoped_span(event.span);
    match event.kind {
        EventKind::SpanStart | EventKind::SpanEnd => {
            if let Some(span) = span {
                span_lines(&mut lines, data, event, span, state);
            }
        }
        EventKind::SpanEvent => {
            let found = span.and_then(|span| span.item.events.get(event.item as usize));
            if let Some(found) = found {
                event_lines(&mut lines, found, state);
            }
        }
        EventKind::Log => {
            if let Some(log) = data.scoped_log(event.item) {
                log_lines(&mut lines, log, state);
            }
        }
    }
    let resource = match event.kind {
        EventKind::Log => data
            .scoped_log(event.item)
            .map(|log| (&log.resource, &log.scope)),
        _ => span.map(|span| (&span.resource, &span.scope)),
    };
    if let Some((resource, scope)) = resource {
        resource_lines(&mut lines, resource, scope, state);
    }
    lines
}

/// Rows that an event takes in a pane of that width.
pub(super) fn row_count(data: &WalkData, cursor: usize, width: u16) -> usize {
    // Styles, zone and marks do not change how many rows there are.
    let plain = State::new(
        &crate::app::Place::traces(""),
        &crate::app::Options::default(),
        jiff::tz::TimeZone::UTC,
        (width, 1),
    );
    lines(data, cursor, detail_columns(width), &plain).len()
}

fn heading(
    lines: &mut Lines,
    data: &WalkData,
    cursor: usize,
    event: EventFacts<'_>,
    state: &State,
) {
    let theme = state.theme;
    let service = event.service;
    let what = match event.kind {
        EventKind::SpanStart => "span start",
        EventKind::SpanEnd => "span end",
        EventKind::SpanEvent => "event",
        EventKind::Log => "log",
    };
    let mut pieces = vec![
        (sanitize(service), theme.service(state.marks.get(service))),
        (sanitize("  "), theme.text()),
        (sanitize(what), theme.dim()),
    ];
    if event.kind == EventKind::Log {
        let word = format!("  {}", level_word(event.level));
        pieces.push((sanitize(&word).into_owned(), theme.level(event.level)));
    }
    let at = format!("  {}", signed_duration(event.offset_ns));
    pieces.push((sanitize(&at).into_owned(), theme.dim()));
    if data.origin() == Some(cursor) {
        let text = format!("  {} origin", state.glyphs.origin);
        pieces.push((sanitize(&text).into_owned(), theme.error()));
    }
    lines.row(pieces);
    let style = if event.is_error {
        theme.error()
    } else {
        theme.strong()
    };
    lines.text(&data.text(cursor), style, 0);
    stack(lines, data, event, state);
    if let Some(reason) = data.reason(cursor) {
        lines.pairs(&[("why here".to_owned(), reason)], theme.dim(), theme.dim());
    }
    if event.contradiction {
        let text = "clocks contradict this order: the cause is recorded later than its effect";
        lines.text(text, theme.warning(), 0);
    }
    lines.gap();
}

/// The way from the root to the event's span.
fn stack(lines: &mut Lines, data: &WalkData, event: EventFacts<'_>, state: &State) {
    let way = data.ancestors(event.span);
    if way.is_empty() {
        return;
    }
    let mut names: Vec<String> = way
        .iter()
        .filter_map(|span| data.span(*span))
        .map(|span| {
            let badge = &state.marks.get(span.service).badge;
            format!("{badge} {}", span.name)
        })
        .collect();
    if names.len() > STACK_MAX {
        let left_out = names.len() - STACK_MAX;
        let end = STACK_MAX / 2 + left_out;
        names.splice(STACK_MAX / 2..end, [format!("… {left_out} more …")]);
    }
    let separator = format!(" {} ", state.glyphs.path);
    let text = names.join(&separator);
    lines.pairs(
        &[("stack".to_owned(), text)],
        state.theme.dim(),
        state.theme.text(),
    );
}

fn span_lines(
    lines: &mut Lines,
    data: &WalkData,
    event: EventFacts<'_>,
    scoped: &Scoped<Span>,
    state: &State,
) {
    let theme = state.theme;
    let span = &scoped.item;
    match span.status.code {
        StatusCode::Error => {
            let message = match span.status.message.as_str() {
                "" => "failed, without a message",
                message => message,
            };
            let text = format!("{} {message}", state.glyphs.error);
            lines.pairs(&[("status".to_owned(), text)], theme.dim(), theme.error());
        }
        StatusCode::Ok => lines.pairs(
            &[("status".to_owned(), "ok".to_owned())],
            theme.dim(),
            theme.good(),
        ),
        StatusCode::Unset | StatusCode::Other(_) => {}
    }
    for exception in exceptions(span) {
        exception_lines(lines, exception, state);
    }
    let mut pairs = vec![
        ("kind".to_owned(), span.kind.as_str().to_owned()),
        ("duration".to_owned(), duration(span.duration_ns())),
        ("start".to_owned(), moment_in(span.start_ns, &state.zone)),
        ("end".to_owned(), moment_in(span.end_ns, &state.zone)),
        ("span".to_owned(), span.span_id.to_hex()),
    ];
    if let Some(parent) = span.parent_span_id {
        let missing = data.trace().parent(event.span).is_none();
        let note = if missing { " (not stored)" } else { "" };
        pairs.push(("parent".to_owned(), format!("{parent}{note}")));
    }
    if !span.trace_state.is_empty() {
        pairs.push(("trace state".to_owned(), span.trace_state.clone()));
    }
    lines.pairs(&pairs, theme.dim(), theme.text());
    attribute_lines(
        lines,
        "",
        &span.attributes,
        span.dropped_attributes_count,
        state,
    );
    within_lines(lines, span, state);
}

/// The events and links of a span.
fn within_lines(lines: &mut Lines, span: &Span, state: &State) {
    let theme = state.theme;
    let others: Vec<&Event> = span
        .events
        .iter()
        .filter(|event| event.name != semconv::EXCEPTION_EVENT)
        .collect();
    for found in others.iter().take(LISTED_MAX) {
        lines.gap();
        let text = format!("{} {}", state.glyphs.event, found.name);
        lines.text(&text, theme.strong(), 0);
        event_lines(lines, found, state);
    }
    rest(
        lines,
        "event",
        others.len(),
        span.dropped_events_count,
        theme.dim(),
    );
    for link in span.links.iter().take(LISTED_MAX) {
        lines.gap();
        let pairs = [
            ("link trace".to_owned(), link.trace_id.to_hex()),
            ("link span".to_owned(), link.span_id.to_hex()),
        ];
        lines.pairs(&pairs, theme.dim(), theme.text());
        attribute_lines(
            lines,
            "",
            &link.attributes,
            link.dropped_attributes_count,
            state,
        );
    }
    rest(
        lines,
        "link",
        span.links.len(),
        span.dropped_links_count,
        theme.dim(),
    );
}

fn exceptions(span: &Span) -> impl Iterator<Item = &Event> {
    span.events
        .iter()
        .filter(|event| event.name == semconv::EXCEPTION_EVENT)
        .take(4)
}

/// Type, message and stack trace of an exception.
fn exception_lines(lines: &mut Lines, event: &Event, state: &State) {
    let theme = state.theme;
    let text = |key| event.attributes.get_str(key).unwrap_or_default();
    let kind = text(semconv::EXCEPTION_TYPE);
    let message = text(semconv::EXCEPTION_MESSAGE);
    if !kind.is_empty() || !message.is_empty() {
        let both = if kind.is_empty() || message.is_empty() {
            format!("{kind}{message}")
        } else {
            format!("{kind}: {message}")
        };
        lines.text(&both, theme.error(), 0);
    }
    lines.text(text(semconv::EXCEPTION_STACKTRACE), theme.dim(), 2);
    lines.gap();
}

fn event_lines(lines: &mut Lines, event: &Event, state: &State) {
    if event.name == semconv::EXCEPTION_EVENT {
        exception_lines(lines, event, state);
    }
    let told = [
        semconv::EXCEPTION_TYPE,
        semconv::EXCEPTION_MESSAGE,
        semconv::EXCEPTION_STACKTRACE,
    ];
    let others: Attributes = event
        .attributes
        .iter()
        .filter(|entry| {
            event.name != semconv::EXCEPTION_EVENT || !told.contains(&entry.key.as_str())
        })
        .cloned()
        .collect();
    let time = ("time".to_owned(), moment_in(event.time_ns, &state.zone));
    lines.pairs(&[time], state.theme.dim(), state.theme.text());
    attribute_lines(lines, "", &others, event.dropped_attributes_count, state);
}

fn log_lines(lines: &mut Lines, scoped: &Scoped<LogRecord>, state: &State) {
    let log = &scoped.item;
    let mut pairs = vec![("time".to_owned(), moment_in(log.moment_ns(), &state.zone))];
    if !log.severity_text.is_empty() {
        pairs.push(("severity".to_owned(), log.severity_text.clone()));
    }
    if !log.event_name.is_empty() {
        pairs.push(("event".to_owned(), log.event_name.clone()));
    }
    if let Some(span) = log.span_id {
        pairs.push(("span".to_owned(), span.to_hex()));
    }
    lines.pairs(&pairs, state.theme.dim(), state.theme.text());
    attribute_lines(
        lines,
        "",
        &log.attributes,
        log.dropped_attributes_count,
        state,
    );
}

fn resource_lines(lines: &mut Lines, resource: &Resource, scope: &Scope, state: &State) {
    let dropped = resource.dropped_attributes_count;
    attribute_lines(lines, "resource", &resource.attributes, dropped, state);
    if !scope.name.is_empty() {
        lines.gap();
        let text = format!("{} {}", scope.name, scope.version);
        let pair = ("scope".to_owned(), text.trim_end().to_owned());
        lines.pairs(&[pair], state.theme.dim(), state.theme.text());
    }
}

fn attribute_lines(
    lines: &mut Lines,
    title: &str,
    attributes: &Attributes,
    dropped: u32,
    state: &State,
) {
    let theme = state.theme;
    if !attributes.is_empty() {
        lines.gap();
        if !title.is_empty() {
            lines.row(vec![(sanitize(title), theme.dim())]);
        }
        let pairs: Vec<(String, String)> = attributes
            .iter()
            .take(ATTRIBUTES_MAX)
            .map(|entry| (entry.key.clone(), entry.value.to_string()))
            .collect();
        lines.pairs(&pairs, theme.attribute(), theme.text());
    }
    let hidden = attributes.len().saturating_sub(ATTRIBUTES_MAX);
    if hidden > 0 {
        lines.text(&format!("… {hidden} more attributes"), theme.dim(), 0);
    }
    if dropped > 0 {
        let text = format!("{dropped} attributes were left out by the sender");
        lines.text(&text, theme.warning(), 0);
    }
}

fn rest(lines: &mut Lines, noun: &str, all: usize, dropped: u32, style: Style) {
    let hidden = all.saturating_sub(LISTED_MAX);
    if hidden > 0 {
        lines.text(&format!("… {hidden} more {noun}s"), style, 0);
    }
    if dropped > 0 {
        lines.text(
            &format!("{dropped} {noun}s were left out by the sender"),
            style,
            0,
        );
    }
}

/// The event as text for the clipboard.
pub(super) fn as_text(data: &WalkData, cursor: usize) -> String {
    let Some(event) = data.event(cursor) else {
        return String::new();
    };
    let service = event.service;
    let mut text = format!(
        "{} {service} {}",
        signed_duration(event.offset_ns),
        data.text(cursor)
    );
    let attributes = match event.kind {
        EventKind::Log => data.scoped_log(event.item).map(|log| &log.item.attributes),
        EventKind::SpanEvent => data
            .scoped_span(event.span)
            .and_then(|span| span.item.events.get(event.item as usize))
            .map(|event| &event.attributes),
        EventKind::SpanStart | EventKind::SpanEnd => data
            .scoped_span(event.span)
            .map(|span| &span.item.attributes),
    };
    for entry in attributes.into_iter().flatten() {
        let _ = write!(text, "\n  {}: {}", entry.key, entry.value);
    }
    text
}
