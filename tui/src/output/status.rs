//! What a collector says of itself.

use std::collections::BTreeMap;

use spanwalk_api::{ListenerStatus, Status};

use super::{Line, Look};
use crate::text::number::{bytes, count};
use crate::text::time::{ago, moment_in};

/// Columns of the names at the left.
const NAME_COLUMNS: usize = 15;

/// The state of the collector at this URL.
pub fn lines(status: &Status, url: &str, look: &Look) -> Vec<Line> {
    let stored = &status.stored;
    let started = format!(
        "{} ({})",
        moment_in(status.started_ns, &look.zone),
        ago(status.started_ns, look.now_ns)
    );
    let mut lines = vec![
        pair(
            "collector",
            &format!("spanwalk {} at {url}", status.version),
            look,
        ),
        pair("process", &status.pid.to_string(), look),
        pair("started", &started, look),
        pair("data", &status.data_dir, look),
        Line::new(),
        Line::new().text("stored", look.theme.strong()),
        number("spans", stored.spans, look),
        number("log records", stored.log_records, look),
        number("traces", stored.traces, look),
        number("services", stored.services, look),
        pair("  on disk", &bytes(stored.bytes), look),
        Line::new(),
    ];
    let counts = [
        ("received", "items that arrived", &status.received, false),
        ("rejected", "cannot be stored", &status.rejected, false),
        ("refused", "sent again later", &status.refused, false),
        ("redacted", "values hidden", &status.redacted, false),
        ("dropped", "lost", &status.dropped, true),
    ];
    for (name, meaning, by_reason, is_fault) in counts {
        lines.extend(section(name, meaning, by_reason, is_fault, look));
    }
    lines.push(Line::new().text("listeners", look.theme.strong()));
    lines.extend(status.listeners.iter().map(|one| listener(one, look)));
    let warnings = status.warnings.iter().map(|warning| {
        Line::new()
            .text("warning: ", look.theme.warning())
            .plain(warning)
    });
    lines.extend(warnings);
    lines
}

/// Counts by reason; on one line where there are none.
fn section(
    name: &str,
    meaning: &str,
    by_reason: &BTreeMap<String, u64>,
    is_fault: bool,
    look: &Look,
) -> Vec<Line> {
    let total = by_reason
        .values()
        .fold(0_u64, |total, number| total.saturating_add(*number));
    let style = if is_fault && total > 0 {
        look.theme.error()
    } else {
        look.theme.strong()
    };
    let mut head = Line::new().text(name, style);
    if total == 0 {
        head.fill_to(NAME_COLUMNS);
        return vec![
            head.plain("0")
                .text(&format!("  ({meaning})"), look.theme.dim()),
        ];
    }
    head.push(&format!(" ({meaning})"), look.theme.dim());
    let rows = by_reason
        .iter()
        .map(|(reason, number)| self::number(reason, *number, look));
    std::iter::once(head).chain(rows).collect()
}

fn listener(listener: &ListenerStatus, look: &Look) -> Line {
    let name = format!("  {}", listener_name(&listener.name));
    if !listener.problem.is_empty() {
        let mut line = Line::new().text(&name, look.theme.dim());
        line.fill_to(NAME_COLUMNS);
        return line.text(&listener.problem, look.theme.error());
    }
    let address = match listener.address.as_str() {
        "" => "off",
        address => address,
    };
    pair(&name, address, look)
}

/// What people call a listener.
pub(super) fn listener_name(name: &str) -> &str {
    match name {
        "otlp_grpc" => "OTLP/gRPC",
        "otlp_http" => "OTLP/HTTP",
        "zipkin" => "Zipkin",
        "api" => "query API",
        other => other,
    }
}

fn number(name: &str, number: u64, look: &Look) -> Line {
    pair(&format!("  {name}"), &count(number), look)
}

fn pair(name: &str, value: &str, look: &Look) -> Line {
    let mut line = Line::new().text(name, look.theme.dim());
    line.fill_to(NAME_COLUMNS.max(line.width() + 2));
    line.plain(value)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;
    use spanwalk_api::Stored;

    #[test]
    fn everything_a_collector_says_is_told() {
        let reasons = |pairs: &[(&str, u64)]| {
            pairs
                .iter()
                .map(|(reason, number)| ((*reason).to_owned(), *number))
                .collect()
        };
        let listener = |name: &str, address: &str, problem: &str| ListenerStatus {
            name: name.to_owned(),
            address: address.to_owned(),
            problem: problem.to_owned(),
        };
        let status = Status {
            version: "0.1.0".to_owned(),
            data_dir: "/data".to_owned(),
            pid: 42,
            started_ns: NOW - 125_000_000_000,
            stored: Stored {
                spans: 1_234,
                log_records: 56,
                traces: 7,
                services: 3,
                bytes: 5_000_000,
            },
            received: reasons(&[("log_records", 56), ("spans", 1_240)]),
            rejected: reasons(&[("invalid_trace_id", 6)]),
            refused: reasons(&[]),
            redacted: reasons(&[("secret_key", 3)]),
            in_flight_bytes: 0,
            dropped: reasons(&[("lost", 1)]),
            listeners: vec![
                listener("otlp_grpc", "127.0.0.1:4317", ""),
                listener("otlp_http", "", "127.0.0.1:4318 is in use"),
                listener("api", "", ""),
            ],
            warnings: vec!["the disk is nearly full".to_owned()],
        };
        let text = fixture::plain(lines(
            &status,
            "http://127.0.0.1:4320",
            &fixture::look(None),
        ));
        insta::assert_snapshot!(text, @r"
        collector      spanwalk 0.1.0 at http://127.0.0.1:4320
        process        42
        started        2023-11-14 22:11:15.000 (2m05s ago)
        data           /data

        stored
          spans        1,234
          log records  56
          traces       7
          services     3
          on disk      4.8 MiB

        received (items that arrived)
          log_records  56
          spans        1,240
        rejected (cannot be stored)
          invalid_trace_id  6
        refused        0  (sent again later)
        redacted (values hidden)
          secret_key   3
        dropped (lost)
          lost         1
        listeners
          OTLP/gRPC    127.0.0.1:4317
          OTLP/HTTP    127.0.0.1:4318 is in use
          query API    off
        warning: the disk is nearly full
        ");
    }
}
