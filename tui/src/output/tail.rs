//! What comes in, one line each.

use ratatui::style::Style;
use spanwalk_api::{LogEntry, TailSpan, TailStatus};
use spanwalk_model::SeverityLevel;

use super::logs::level_word;
use super::{Line, Look};
use crate::text::duration::duration;
use crate::text::number::count;
use crate::text::time::time_of_day_ms;

/// A log record.
pub fn log(log: &LogEntry, look: &Look) -> Line {
    let level = SeverityLevel::from_text(&log.level);
    let text = if log.body.is_empty() {
        &log.event_name
    } else {
        &log.body
    };
    let line = begin(log.time_ns, look)
        .text(
            &format!("{:<5}", level_word(&log.level)),
            look.theme.level(level),
        )
        .plain("  ")
        .text(&log.service, look.theme.strong())
        .plain("  ")
        .plain(text);
    end(line, log.trace_id.as_deref(), look)
}

/// A span.
pub fn span(span: &TailSpan, look: &Look) -> Line {
    let (word, style) = if span.is_error {
        ("FAIL ", look.theme.error())
    } else {
        ("span ", look.theme.dim())
    };
    let mut line = begin(span.start_ns, look)
        .text(word, style)
        .plain("  ")
        .text(&span.service, look.theme.strong())
        .plain("  ")
        .plain(&span.name)
        .plain("  ")
        .text(&duration(span.duration_ns), Style::new());
    if span.is_error {
        line = line.plain("  ").text(&span.error, look.theme.error());
    }
    end(line, Some(&span.trace_id), look)
}

fn begin(time_ns: u64, look: &Look) -> Line {
    Line::new()
        .text(&time_of_day_ms(time_ns, &look.zone), look.theme.dim())
        .plain("  ")
}

/// The trace, where there is room for it.
fn end(line: Line, trace_id: Option<&str>, look: &Look) -> Line {
    let Some(columns) = look.columns else {
        return line
            .plain("  ")
            .text(trace_id.unwrap_or("-"), look.theme.dim());
    };
    line.cut(columns)
}

/// What was newly left out, where something was.
pub fn left_out(before: &TailStatus, now: &TailStatus, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    let not_sent = now.not_sent.saturating_sub(before.not_sent);
    let unread = now.unread.saturating_sub(before.unread);
    if not_sent > 0 {
        let text = format!(
            "{} more matched and came faster than --rate",
            count(not_sent)
        );
        lines.push(Line::new().text(&text, look.theme.warning()));
    }
    if unread > 0 {
        let text = format!("{} came too fast to be looked at", count(unread));
        lines.push(Line::new().text(&text, look.theme.warning()));
    }
    lines
}

/// The collector has ended.
pub fn ended(look: &Look) -> Line {
    Line::new().text("the collector has ended the tail", look.theme.warning())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;

    #[test]
    fn what_comes_in_stands_on_one_line_each() {
        let record = LogEntry {
            time_ns: NOW,
            level: "error".to_owned(),
            service: "checkout".to_owned(),
            body: "card declined:\nissuer says no\x1b[2J".to_owned(),
            ..LogEntry::default()
        };
        let failed = TailSpan {
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            service: "payment".to_owned(),
            name: "POST /charge".to_owned(),
            start_ns: NOW,
            duration_ns: 12_300_000,
            is_error: true,
            error: "no stock".to_owned(),
            ..TailSpan::default()
        };
        let look = fixture::look(None);
        let text = fixture::plain([log(&record, &look), span(&failed, &look)]);
        insta::assert_snapshot!(text, @r"
        22:13:20.000  ERROR  checkout  card declined:⏎issuer says no␛[2J  -
        22:13:20.000  FAIL   payment  POST /charge  12.3ms  no stock  0af7651916cd43dd8448eb211c80319c
        ");
    }

    #[test]
    fn what_was_left_out_is_told_once() {
        let look = fixture::look(None);
        let before = TailStatus::default();
        let now = TailStatus {
            not_sent: 1_234,
            unread: 5,
            ..TailStatus::default()
        };
        let text = fixture::plain(left_out(&before, &now, &look));
        insta::assert_snapshot!(text, @r"
        1,234 more matched and came faster than --rate
        5 came too fast to be looked at
        ");
        assert!(left_out(&now, &now, &look).is_empty());
    }
}
