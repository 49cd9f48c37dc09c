//! The critical path of one trace: its operations by their share, then its sections in order.

use ratatui::style::Style;
use spanwalk_api::CriticalPathResponse;

use super::table::{Cell, Column, Table};
use super::walk::trace_head;
use super::{Line, Look};
use crate::text::duration::{duration, signed_duration};
use crate::text::number::{count, counted};

/// The path, with a head and what had to be assumed.
pub fn lines(found: &CriticalPathResponse, look: &Look) -> Vec<Line> {
    let facts = [(found.sections.len(), "section")];
    let id = Some(found.trace_id.as_str());
    let mut lines = trace_head(id, found.start_ns, Some(found.duration_ns), &facts, look);
    lines.extend(operations(found, look));
    lines.push(Line::new());
    lines.extend(sections(found, look));
    if found.other_path_count > 0 || !found.assumptions.is_empty() {
        lines.push(Line::new());
    }
    if found.other_path_count > 0 {
        let text = format!(
            "{} beside this one, of other roots and of what was sent on its way",
            counted(found.other_path_count, "path")
        );
        lines.push(Line::new().text(&text, look.theme.dim()));
    }
    for assumption in &found.assumptions {
        let line = Line::new().text("assumed: ", look.theme.strong());
        lines.push(line.plain(assumption));
    }
    lines
}

fn operations(found: &CriticalPathResponse, look: &Look) -> Vec<Line> {
    let mut table = Table::new(vec![
        Column::right("SHARE"),
        Column::right("TIME"),
        Column::right("SPANS"),
        Column::new("SERVICE").may_shrink(8),
        Column::new("OPERATION").may_shrink(12),
    ]);
    for operation in &found.operations {
        table.row(vec![
            Cell::new(&share(operation.path_ns, found.duration_ns), Style::new()),
            Cell::new(&duration(operation.path_ns), look.theme.strong()),
            Cell::new(&count(operation.span_count), look.theme.dim()),
            Cell::new(&operation.service, look.theme.strong()),
            Cell::new(&operation.operation, Style::new()),
        ]);
    }
    table.lines(look)
}

fn sections(found: &CriticalPathResponse, look: &Look) -> Vec<Line> {
    let mut table = Table::new(vec![
        Column::right("AT"),
        Column::right("WAITED"),
        Column::new("SPAN").may_go(),
        Column::new("SERVICE").may_shrink(8),
        Column::new("OPERATION").may_shrink(12),
    ]);
    for section in &found.sections {
        let at_ns = section.start_ns.saturating_sub(found.start_ns);
        let waited_ns = section.end_ns.saturating_sub(section.start_ns);
        table.row(vec![
            Cell::new(
                &signed_duration(i64::try_from(at_ns).unwrap_or(i64::MAX)),
                look.theme.dim(),
            ),
            Cell::new(&duration(waited_ns), Style::new()),
            Cell::new(&section.span_id, look.theme.dim()),
            Cell::new(&section.service, look.theme.strong()),
            Cell::new(&section.operation, Style::new()),
        ]);
    }
    table.lines(look)
}

/// A part of a whole, in percent with one digit behind the point.
pub(super) fn share(part: u64, whole: u64) -> String {
    let whole = u128::from(whole.max(1));
    let tenths = (u128::from(part) * 1000 + whole / 2) / whole;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use spanwalk_api::{PathOperation, PathSection};

    use super::super::fixture::{self, NOW};
    use super::*;

    #[test]
    fn operations_stand_by_share_and_sections_in_order() {
        let section = |operation: &str, from: u64, to: u64| PathSection {
            span_id: "00f067aa0ba902b7".to_owned(),
            service: "shop".to_owned(),
            operation: operation.to_owned(),
            start_ns: NOW + from,
            end_ns: NOW + to,
        };
        let operation = |name: &str, path_ns: u64| PathOperation {
            service: "shop".to_owned(),
            operation: name.to_owned(),
            path_ns,
            span_count: 1,
        };
        let found = CriticalPathResponse {
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            start_ns: NOW,
            duration_ns: 3_000_000,
            sections: vec![
                section("POST /checkout", 0, 500_000),
                section("charge", 500_000, 2_500_000),
                section("POST /checkout", 2_500_000, 3_000_000),
            ],
            operations: vec![
                operation("charge", 2_000_000),
                operation("POST /checkout", 1_000_000),
            ],
            other_path_count: 1,
            assumptions: vec!["1 span: has no start time".to_owned()],
        };
        let text = fixture::plain(lines(&found, &fixture::look(None)));
        insta::assert_snapshot!(text);
    }
}
