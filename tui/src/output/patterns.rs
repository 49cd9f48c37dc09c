//! What was recognised in one trace, what costs most first.

use spanwalk_api::{PatternEntry, PatternsResponse};

use super::critical_path::share;
use super::{Line, Look};
use crate::text::duration::duration;
use crate::text::number::{count, counted};

/// One paragraph for each thing found.
pub fn lines(found: &PatternsResponse, look: &Look) -> Vec<Line> {
    let head = Line::new()
        .plain("trace ")
        .text(&found.trace_id, look.theme.strong());
    let mut lines = vec![head];
    if found.patterns.is_empty() {
        lines.push(Line::of("no pattern was recognised"));
    }
    for entry in &found.patterns {
        lines.push(Line::new());
        lines.extend(paragraph(entry, found.duration_ns, look));
    }
    lines
}

fn paragraph(entry: &PatternEntry, whole_ns: u64, look: &Look) -> Vec<Line> {
    let cost = if entry.cost_ns == 0 {
        "no time of the critical path".to_owned()
    } else {
        format!(
            "{} ({}) of the critical path",
            duration(entry.cost_ns),
            share(entry.cost_ns, whole_ns)
        )
    };
    let mut lines = vec![
        Line::new()
            .text(&entry.pattern, look.theme.strong())
            .plain("  ")
            .plain(&entry.what),
        Line::of(&format!("  costs     {cost}")),
        Line::of(&format!("  cure      {}", entry.cure)),
    ];
    for (index, evidence) in entry.evidence.iter().enumerate() {
        let title = if index == 0 { "evidence" } else { "" };
        lines.push(Line::of(&format!("  {title:8}  {evidence}")));
    }
    lines.push(Line::new().text(&format!("  {}", spans(entry)), look.theme.dim()));
    lines
}

/// The spans it concerns, as many as are named.
fn spans(entry: &PatternEntry) -> String {
    const SHOWN_MAX: usize = 4;
    let shown: Vec<&str> = entry
        .spans
        .iter()
        .take(SHOWN_MAX)
        .map(String::as_str)
        .collect();
    let rest = entry.span_count.saturating_sub(shown.len() as u64);
    let more = if rest == 0 {
        String::new()
    } else {
        format!(" and {} more", count(rest))
    };
    format!(
        "{}: {}{more}",
        counted(entry.span_count, "span"),
        shown.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn each_pattern_has_its_cost_its_cure_and_its_evidence() {
        let found = PatternsResponse {
            trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            duration_ns: 400_000_000,
            patterns: vec![PatternEntry {
                pattern: "n_plus_one".to_owned(),
                what: "SELECT price ran 40 times\x1b[2J".to_owned(),
                cost_ns: 100_000_000,
                cure: "ask for all at once".to_owned(),
                evidence: vec!["40 calls".to_owned(), "one after the other".to_owned()],
                spans: vec!["00f067aa0ba902b7".to_owned(); 5],
                span_count: 40,
            }],
        };
        let text = fixture::plain(lines(&found, &fixture::look(None)));
        insta::assert_snapshot!(text);
        let none = PatternsResponse::default();
        let text = fixture::plain(lines(&none, &fixture::look(None)));
        assert!(text.contains("no pattern was recognised"), "{text}");
    }
}
