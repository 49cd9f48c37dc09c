//! What a query means.

use spanwalk_model::TimeRange;
use spanwalk_query::Query;

use super::{Line, Look};
use crate::text::time::moment_in;

/// Columns of the names at the left.
const NAME_COLUMNS: usize = 13;

/// The query in its canonical form, and the remarks about it.
pub fn canonical(query: &Query) -> Line {
    Line::of(&query.to_string())
}

/// Remarks about the query, such as an old attribute name that was mapped.
pub fn notes(query: &Query, look: &Look) -> Vec<Line> {
    let notes = query.notes().iter();
    notes
        .map(|note| Line::new().text("note: ", look.theme.strong()).plain(note))
        .collect()
}

/// What an index is asked for.
pub fn explained(query: &Query, look: &Look) -> Vec<Line> {
    let pair = |name: &str, value: &str| {
        let mut line = Line::new().text(name, look.theme.dim());
        line.fill_to(NAME_COLUMNS);
        line.plain(value)
    };
    let canonical = match query.to_string() {
        text if text.is_empty() => "(everything)".to_owned(),
        text => text,
    };
    vec![
        pair("query", &canonical),
        pair("time", &time(query.range(), look)),
        pair("traces", &query.trace_condition().to_string()),
        pair("log records", &query.log_condition().to_string()),
        Line::new(),
        Line::new().text(
            "the index finds candidates by these conditions; each is then decided on its real \
             spans and log records",
            look.theme.dim(),
        ),
    ]
}

fn time(range: TimeRange, look: &Look) -> String {
    let all = TimeRange::ALL;
    let from = moment_in(range.start_ns, &look.zone);
    let to = moment_in(range.end_ns, &look.zone);
    match (range.start_ns == all.start_ns, range.end_ns == all.end_ns) {
        (true, true) => "all".to_owned(),
        (true, false) => format!("before {to}"),
        (false, true) => format!("from {from}"),
        (false, false) => format!("from {from}, before {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{self, NOW};
    use super::*;

    #[test]
    fn a_query_is_explained_by_what_the_index_is_asked_for() {
        let text = "service:cart (status:error OR duration:>1s) since:15m";
        let query = spanwalk_query::parse(text, NOW).unwrap();
        let text = fixture::plain(explained(&query, &fixture::look(None)));
        insta::assert_snapshot!(text, @r#"
        query        service:cart (status:error OR duration:>1s) since:15m
        time         from 2023-11-14 21:58:20.000
        traces       service is "cart" and (a span failed or a span took 1s or longer)
        log records  nothing

        the index finds candidates by these conditions; each is then decided on its real spans and log records
        "#);
    }
}
