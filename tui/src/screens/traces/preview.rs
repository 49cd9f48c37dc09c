//! The pane beneath the trace list: one trace in a few lines.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use spanwalk_api::TraceSummary;

use super::view::{failed_service, pane_rule};
use crate::app::{State, short_id};
use crate::text::duration::duration;
use crate::text::number::counted;
use crate::text::time::moment_in;
use crate::text::{SafeText, sanitize};
use crate::widgets::lines::Lines;

/// Services named one by one.
const SERVICES_MAX: usize = 24;

/// Draws the trace in a few lines.
pub(super) fn draw(buffer: &mut Buffer, area: Rect, trace: &TraceSummary, state: &State) {
    if area.is_empty() {
        return;
    }
    let inside = pane_rule(buffer, area, &short_id(&sanitize(&trace.trace_id)), state);
    let inside = Rect::new(
        inside.x.saturating_add(1),
        inside.y,
        inside.width.saturating_sub(2),
        inside.height,
    );
    lines(trace, inside.width, state).draw(buffer, inside, 0);
}

fn lines(trace: &TraceSummary, columns: u16, state: &State) -> Lines {
    let theme = state.theme;
    let mut lines = Lines::new(columns);
    let facts = format!(
        "{}  {}  {}  {}",
        moment_in(trace.start_ns, &state.zone),
        duration(trace.duration_ns),
        counted(trace.span_count, "span"),
        counted(trace.log_count, "log"),
    );
    lines.row(vec![(sanitize(&facts), theme.dim())]);
    if trace.first_error.is_empty() {
        let text = if trace.error_span_count == 0 && trace.error_log_count == 0 {
            "no error"
        } else {
            "failed without a message"
        };
        lines.row(vec![(sanitize(text), theme.dim())]);
    } else {
        let place = failed_service(trace).unwrap_or_default();
        lines.row(vec![
            (sanitize(state.glyphs.error), theme.error()),
            (sanitize(" "), theme.text()),
            (sanitize(place), theme.service(state.marks.get(place))),
            (
                sanitize(if place.is_empty() { "" } else { "  " }),
                theme.text(),
            ),
            (sanitize(&trace.first_error), theme.error()),
        ]);
    }
    let mut pieces: Vec<(SafeText<'_>, ratatui::style::Style)> = Vec::new();
    for service in trace.services.iter().take(SERVICES_MAX) {
        let mark = state.marks.get(&service.name);
        pieces.push((sanitize(&mark.badge), theme.service(mark)));
        let failed = if service.error_span_count > 0 {
            format!(" {}{}", state.glyphs.error, service.error_span_count)
        } else {
            String::new()
        };
        let text = format!(" {} {}{failed}   ", service.name, service.span_count);
        pieces.push((sanitize(&text).into_owned(), theme.text()));
    }
    lines.row(pieces);
    lines
}

/// The trace as text for the clipboard.
pub(super) fn as_text(trace: &TraceSummary) -> String {
    let mut text = format!(
        "{} {} {} {}, {}, {}",
        trace.trace_id,
        trace.root_service,
        trace.root_name,
        duration(trace.duration_ns),
        counted(trace.span_count, "span"),
        counted(trace.error_span_count, "error"),
    );
    if !trace.first_error.is_empty() {
        text.push_str("\nfirst error: ");
        text.push_str(&trace.first_error);
    }
    text
}
