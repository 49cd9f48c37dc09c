//! What went wrong, for people: what, where, what to do.

use std::ops::Range;

use super::{Line, Look};
use crate::text::sanitize;
use crate::text::width::width;

/// Bytes of a query that are shown around the place of an error; a longer one is cut.
const AROUND_BYTES: usize = 60;

/// A line that says that something went wrong.
pub fn error(message: &str, look: &Look) -> Line {
    Line::new()
        .text("error: ", look.theme.error())
        .plain(message)
}

/// A line that warns.
pub fn warning(message: &str, look: &Look) -> Line {
    Line::new()
        .text("warning: ", look.theme.warning())
        .plain(message)
}

/// What is wrong with a query text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryProblem {
    /// What is wrong, in one clause.
    pub message: String,
    /// The query as typed.
    pub text: String,
    /// The bytes of it that are meant.
    pub range: Range<usize>,
    /// What would have been right there.
    pub expected: Option<String>,
    /// What to write in place of them.
    pub suggestion: Option<String>,
}

/// The query with a caret under the place.
pub fn query(problem: &QueryProblem, look: &Look) -> Vec<Line> {
    let theme = look.theme;
    let mut lines = vec![error(&problem.message, look)];
    if !problem.text.is_empty() {
        let (before, marked, after) = around(&problem.text, &problem.range);
        let before = sanitize(&before);
        let marked = sanitize(&marked);
        lines.push(
            Line::new()
                .plain("  ")
                .plain(&before)
                .text(&marked, theme.error())
                .plain(&after),
        );
        let carets = "^".repeat(width(&marked).max(1));
        let room = " ".repeat(width(&before));
        lines.push(
            Line::new()
                .plain("  ")
                .plain(&room)
                .text(&carets, theme.error()),
        );
    }
    if let Some(expected) = &problem.expected {
        lines.push(Line::new().text("  expected ", theme.dim()).plain(expected));
    }
    if let Some(suggestion) = &problem.suggestion {
        let line = Line::new().text("  did you mean ", theme.dim());
        lines.push(line.text(suggestion, theme.strong()).plain("?"));
    }
    lines
}

/// The text before the place, at it and behind it; what is far away is cut.
fn around(text: &str, range: &Range<usize>) -> (String, String, String) {
    let start = floor(text, range.start.min(text.len()));
    let end = floor(text, range.end.clamp(start, text.len()));
    let shown_from = floor(text, start.saturating_sub(AROUND_BYTES));
    let shown_to = floor(text, end.saturating_add(AROUND_BYTES).min(text.len()));
    let marked_to = floor(text, end.min(start.saturating_add(AROUND_BYTES)));
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let cut_before = if shown_from > 0 { "…" } else { "" };
    let cut_after = if shown_to < text.len() { "…" } else { "" };
    let cut_marked = if marked_to < end { "…" } else { "" };
    (
        format!("{cut_before}{}", part(shown_from, start)),
        format!("{}{cut_marked}", part(start, marked_to)),
        format!("{}{cut_after}", part(end, shown_to)),
    )
}

/// The nearest place before this one where a character begins.
fn floor(text: &str, mut index: usize) -> usize {
    while index > 0 && !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn shown(text: &str, range: Range<usize>) -> String {
        let problem = QueryProblem {
            message: "there is no such key".to_owned(),
            text: text.to_owned(),
            range,
            expected: Some("a key".to_owned()),
            suggestion: Some("service".to_owned()),
        };
        fixture::plain(query(&problem, &fixture::look(None)))
    }

    #[test]
    fn carets_stand_under_the_place() {
        insta::assert_snapshot!(shown("名前 sevice:cart", 7..13), @r"
        error: there is no such key
          名前 sevice:cart
               ^^^^^^
          expected a key
          did you mean service?
        ");
    }

    #[test]
    fn any_place_in_any_text_is_shown_in_bounded_room() {
        let long = "世\x1b[2J".repeat(5_000);
        for range in [
            0..0,
            0..usize::MAX,
            1..2,
            9_000..9_001,
            usize::MAX..usize::MAX,
        ] {
            let text = shown(&long, range);
            assert!(text.len() < 4_000 && !text.contains('\x1b'), "{text}");
        }
    }
}
