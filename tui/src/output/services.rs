//! The list of services, and that of the operations of one.

use ratatui::style::Style;
use spanwalk_api::{OperationEntry, ServiceEntry};

use super::table::{Cell, Column, Table};
use super::{Line, Look};
use crate::text::number::count;
use crate::text::time::ago;

/// One row for each service.
pub fn lines(services: &[ServiceEntry], look: &Look) -> Vec<Line> {
    if services.is_empty() {
        return Vec::new();
    }
    let theme = look.theme;
    let mut table = Table::new(vec![
        Column::new("SERVICE").may_shrink(12),
        Column::right("SPANS"),
        Column::right("FAILED"),
        Column::right("LOGS"),
        Column::right("LAST SEEN"),
    ]);
    for service in services {
        let failed_style = if service.error_span_count > 0 {
            theme.error()
        } else {
            theme.dim()
        };
        table.row(vec![
            Cell::new(&service.name, theme.strong()),
            Cell::new(&count(service.span_count), Style::new()),
            Cell::new(&count(service.error_span_count), failed_style),
            Cell::new(&count(service.log_count), Style::new()),
            Cell::new(&ago(service.last_seen_ns, look.now_ns), theme.dim()),
        ]);
    }
    table.lines(look)
}

/// One row for each operation.
pub fn operation_lines(operations: &[OperationEntry], look: &Look) -> Vec<Line> {
    if operations.is_empty() {
        return Vec::new();
    }
    let theme = look.theme;
    let mut table = Table::new(vec![
        Column::new("OPERATION").may_shrink(20),
        Column::new("KIND"),
        Column::right("SPANS"),
        Column::right("FAILED"),
    ]);
    for operation in operations {
        let failed_style = if operation.error_span_count > 0 {
            theme.error()
        } else {
            theme.dim()
        };
        table.row(vec![
            Cell::new(&operation.name, theme.strong()),
            Cell::new(&operation.kind, theme.dim()),
            Cell::new(&count(operation.span_count), Style::new()),
            Cell::new(&count(operation.error_span_count), failed_style),
        ]);
    }
    table.lines(look)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;

    #[test]
    fn services_are_listed_with_their_counts() {
        let services = [
            ServiceEntry {
                name: "checkout".to_owned(),
                span_count: 12_345,
                error_span_count: 7,
                log_count: 99,
                last_seen_ns: NOW - 3_000_000_000,
            },
            ServiceEntry {
                name: "a service whose name is long".to_owned(),
                ..ServiceEntry::default()
            },
        ];
        let text = fixture::plain(lines(&services, &fixture::look(Some(50))));
        insta::assert_snapshot!(text, @r"
        SERVICE             SPANS  FAILED  LOGS  LAST SEEN
        checkout           12,345       7    99     3s ago
        a service whose …       0       0     0          -
        ");
    }
}
