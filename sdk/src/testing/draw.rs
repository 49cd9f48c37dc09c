//! A trace as a tree of lines.

use std::fmt::Write;
use std::time::Duration;

use opentelemetry::trace::SpanKind;

use super::trace::{Span, Trace};

/// The tree of every trace, records below the spans that they were written in.
pub(super) fn draw(trace: &Trace) -> String {
    if trace.spans.is_empty() {
        return "no span was captured\n".to_owned();
    }
    let mut text = String::new();
    for root in trace.roots.iter().filter_map(|it| trace.spans.get(*it)) {
        line(&mut text, trace, root);
        below(&mut text, trace, root, "");
    }
    text
}

fn below(text: &mut String, trace: &Trace, span: &Span, margin: &str) {
    let records: Vec<_> = trace
        .records
        .iter()
        .filter(|it| it.span_id == Some(span.span_id))
        .collect();
    let children: Vec<_> = trace.children(span).collect();
    let mut left = records.len() + children.len();
    for record in records {
        left -= 1;
        let branch = if left == 0 { "└╴" } else { "├╴" };
        // Writing to a text cannot fail.
        let _ = writeln!(
            text,
            "{margin}{branch}{} {:?}",
            record.severity, record.body
        );
    }
    for child in children {
        left -= 1;
        let (branch, deeper) = if left == 0 {
            ("└─ ", "   ")
        } else {
            ("├─ ", "│  ")
        };
        text.push_str(margin);
        text.push_str(branch);
        line(text, trace, child);
        below(text, trace, child, &format!("{margin}{deeper}"));
    }
}

fn line(text: &mut String, trace: &Trace, span: &Span) {
    let kind = match span.kind {
        SpanKind::Internal => "",
        SpanKind::Server => " server",
        SpanKind::Client => " client",
        SpanKind::Producer => " producer",
        SpanKind::Consumer => " consumer",
    };
    let duration: Duration = span.end.duration_since(span.start).unwrap_or_default();
    // Writing to a text cannot fail.
    let _ = write!(text, "{:?}{kind} {duration:.1?}", span.name);
    if let Some(error) = &span.error {
        let _ = write!(text, " ERROR {error}");
    }
    for link in &span.links {
        let linked = trace.spans.iter().find(|it| it.span_id == *link);
        let name = linked.map_or("elsewhere", |it| it.name.as_str());
        let _ = write!(text, " linked to {name:?}");
    }
    text.push('\n');
}
