//! The list of traces.

use ratatui::style::Style;
use spanwalk_api::TraceSummary;

use super::table::{Cell, Column, Table};
use super::{Line, Look};
use crate::text::duration::duration;
use crate::text::number::count;
use crate::text::time::{moment_in, short_moment};

/// One row for each trace.
pub fn lines(traces: &[TraceSummary], look: &Look) -> Vec<Line> {
    if traces.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new(vec![
        Column::new("TRACE"),
        Column::new("STARTED"),
        Column::right("TOOK"),
        Column::right("SPANS"),
        Column::right("ERR"),
        Column::new("SERVICE").may_shrink(8),
        Column::new("OPERATION").may_shrink(8),
        Column::right("LOGS").may_go(),
        Column::new("FIRST ERROR").may_shrink(20).may_go(),
    ]);
    for trace in traces {
        table.row(row(trace, look));
    }
    table.lines(look)
}

fn row(trace: &TraceSummary, look: &Look) -> Vec<Cell> {
    let theme = look.theme;
    let started = match look.columns {
        Some(_) => short_moment(trace.start_ns, look.now_ns, &look.zone),
        None => moment_in(trace.start_ns, &look.zone),
    };
    let error_count = trace.error_span_count.saturating_add(trace.error_log_count);
    let error_style = if error_count > 0 {
        theme.error()
    } else {
        theme.dim()
    };
    let operation = if trace.has_root {
        trace.root_name.clone()
    } else {
        // The trace began elsewhere, and what is known of it begins here.
        format!("{} (root missing)", trace.root_name)
    };
    vec![
        Cell::new(&trace.trace_id, Style::new()),
        Cell::new(&started, theme.dim()),
        Cell::new(&duration(trace.duration_ns), Style::new()),
        Cell::new(&count(trace.span_count), Style::new()),
        Cell::new(&count(error_count), error_style),
        Cell::new(&trace.root_service, theme.strong()),
        Cell::new(operation.trim(), Style::new()),
        Cell::new(&count(trace.log_count), theme.dim()),
        Cell::new(&trace.first_error, theme.error()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;

    fn traces() -> Vec<TraceSummary> {
        let trace = |id: u64, name: &str| TraceSummary {
            trace_id: format!("{id:032x}"),
            root_service: "gateway".to_owned(),
            root_name: name.to_owned(),
            has_root: true,
            start_ns: NOW - id * 1_000_000_000,
            duration_ns: id * 420_000,
            span_count: id,
            log_count: 2,
            ..TraceSummary::default()
        };
        vec![
            TraceSummary {
                error_span_count: 2,
                error_log_count: 1,
                first_error: "card declined \x1b[31m".to_owned(),
                ..trace(12, "POST /checkout")
            },
            TraceSummary {
                has_root: false,
                ..trace(100_000, "GET /products/{product_id}/recommendations")
            },
        ]
    }

    #[test]
    fn a_list_in_a_pipe_holds_everything() {
        let text = fixture::plain(lines(&traces(), &fixture::look(None)));
        insta::assert_snapshot!(text, @r"
        TRACE                             STARTED                    TOOK    SPANS  ERR  SERVICE  OPERATION                                                  LOGS  FIRST ERROR
        0000000000000000000000000000000c  2023-11-14 22:13:08.000  5.04ms       12    3  gateway  POST /checkout                                                2  card declined ␛[31m
        000000000000000000000000000186a0  2023-11-13 18:26:40.000   42.0s  100,000    0  gateway  GET /products/{product_id}/recommendations (root missing)     2
        ");
    }

    #[test]
    fn a_list_fits_the_terminal_and_keeps_the_id_whole() {
        for columns in [100, 160] {
            let text = fixture::plain(lines(&traces(), &fixture::look(Some(columns))));
            insta::assert_snapshot!(format!("traces_{columns}"), text);
        }
        for line in lines(&traces(), &fixture::look(Some(100))) {
            assert!(line.width() <= 100);
        }
    }
}
