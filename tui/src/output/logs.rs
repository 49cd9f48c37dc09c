//! The list of log records.

use ratatui::style::Style;
use spanwalk_api::LogEntry;
use spanwalk_model::SeverityLevel;

use super::table::{Cell, Column, Table};
use super::{Line, Look};
use crate::text::time::{moment_in, time_of_day_ms};

/// A moment is told by its time of day where it lies less than this from now.
const RECENT_NS: u64 = 20 * 3_600 * 1_000_000_000;

/// One row for each record.
pub fn lines(logs: &[LogEntry], look: &Look) -> Vec<Line> {
    if logs.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new(vec![
        Column::new("TIME"),
        Column::new("LEVEL"),
        Column::new("SERVICE").may_shrink(8),
        Column::new("TRACE").may_go(),
        Column::new("MESSAGE").may_shrink(20),
    ]);
    for log in logs {
        let level = SeverityLevel::from_text(&log.level);
        let text = if log.body.is_empty() {
            &log.event_name
        } else {
            &log.body
        };
        table.row(vec![
            Cell::new(&time(log.time_ns, look), look.theme.dim()),
            Cell::new(level_word(&log.level), look.theme.level(level)),
            Cell::new(&log.service, look.theme.strong()),
            Cell::new(log.trace_id.as_deref().unwrap_or("-"), look.theme.dim()),
            Cell::new(text, Style::new()),
        ]);
    }
    table.lines(look)
}

fn time(time_ns: u64, look: &Look) -> String {
    let is_recent = look.now_ns.abs_diff(time_ns) < RECENT_NS;
    if look.columns.is_some() && is_recent {
        time_of_day_ms(time_ns, &look.zone)
    } else {
        moment_in(time_ns, &look.zone)
    }
}

/// A level as lists show it.
pub(super) fn level_word(level: &str) -> &'static str {
    match SeverityLevel::from_text(level) {
        SeverityLevel::Unspecified => "-",
        SeverityLevel::Trace => "TRACE",
        SeverityLevel::Debug => "DEBUG",
        SeverityLevel::Info => "INFO",
        SeverityLevel::Warn => "WARN",
        SeverityLevel::Error => "ERROR",
        SeverityLevel::Fatal => "FATAL",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;

    fn logs() -> Vec<LogEntry> {
        let log = |level: &str, body: &str| LogEntry {
            time_ns: NOW - 1_500_000_000,
            level: level.to_owned(),
            service: "checkout".to_owned(),
            body: body.to_owned(),
            ..LogEntry::default()
        };
        vec![
            LogEntry {
                trace_id: Some("0af7651916cd43dd8448eb211c80319c".to_owned()),
                ..log("error", "card declined:\nissuer says no\x1b[2J")
            },
            LogEntry {
                event_name: "cart.emptied".to_owned(),
                ..log("unspecified", "")
            },
        ]
    }

    #[test]
    fn records_stand_on_one_line_each() {
        let text = fixture::plain(lines(&logs(), &fixture::look(None)));
        insta::assert_snapshot!(text, @r"
        TIME                     LEVEL  SERVICE   TRACE                             MESSAGE
        2023-11-14 22:13:18.500  ERROR  checkout  0af7651916cd43dd8448eb211c80319c  card declined:⏎issuer says no␛[2J
        2023-11-14 22:13:18.500  -      checkout  -                                 cart.emptied
        ");
        let text = fixture::plain(lines(&logs(), &fixture::look(Some(70))));
        insta::assert_snapshot!(text, @r"
        TIME          LEVEL  SERVICE   MESSAGE
        22:13:18.500  ERROR  checkout  card declined:⏎issuer says no␛[2J
        22:13:18.500  -      checkout  cart.emptied
        ");
    }
}
