//! Two traces side by side: where the time went, and what else is different.

use ratatui::style::Style;
use spanwalk_api::{DiffAttribute, DiffPlace, DiffResponse, DiffSide};

use super::table::{Cell, Column, Table};
use super::{Line, Look};
use crate::text::duration::{duration, signed_duration};
use crate::text::number::{count, counted};

/// Places that are listed; the rest is summed up.
const PLACES_MAX: usize = 20;
/// Attributes and templates that are listed of each kind.
const OTHERS_MAX: usize = 20;

/// The comparison.
pub fn lines(found: &DiffResponse, look: &Look) -> Vec<Line> {
    let change = i128::from(found.after_ns) - i128::from(found.before_ns);
    let change = i64::try_from(change).unwrap_or(i64::MAX);
    let mut lines = vec![
        trace("before", &found.before, found.before_ns, look),
        trace("after ", &found.after, found.after_ns, look),
        Line::of(&format!("difference {}", signed_duration(change))),
        Line::new(),
    ];
    lines.extend(places(&found.places, look));
    if let Some(divergence) = &found.divergence {
        let or_end = |text: &Option<String>| text.clone().unwrap_or_else(|| "its end".to_owned());
        lines.push(Line::new());
        lines.push(Line::new().text("they first differ", look.theme.strong()));
        lines.push(Line::of(&format!(
            "  behind  {}",
            divergence.last_common.as_deref().unwrap_or("their start")
        )));
        lines.push(Line::of(&format!(
            "  before  {}",
            or_end(&divergence.before)
        )));
        lines.push(Line::of(&format!(
            "  after   {}",
            or_end(&divergence.after)
        )));
    }
    let attributes: Vec<String> = found.attributes.iter().map(attribute).collect();
    list(&mut lines, "attributes that differ", &attributes, look);
    list(
        &mut lines,
        "said only before",
        &found.templates_before,
        look,
    );
    list(&mut lines, "said only after", &found.templates_after, look);
    lines
}

fn trace(name: &str, id: &str, length_ns: u64, look: &Look) -> Line {
    Line::new()
        .plain(&format!("{name}     "))
        .text(id, look.theme.strong())
        .plain(&format!("  {}", duration(length_ns)))
}

/// Places that contribute, the largest first; they sum to the difference.
fn places(places: &[DiffPlace], look: &Look) -> Vec<Line> {
    let contributing: Vec<&DiffPlace> = places.iter().filter(|it| is_different(it)).collect();
    let mut table = Table::new(vec![
        Column::right("CHANGE"),
        Column::right("BEFORE"),
        Column::right("AFTER"),
        Column::right("SPANS"),
        Column::new("WHERE").may_shrink(20),
    ]);
    for place in contributing.iter().take(PLACES_MAX) {
        table.row(vec![
            Cell::new(&signed_duration(place.contribution_ns), look.theme.strong()),
            Cell::new(&side(place.before), Style::new()),
            Cell::new(&side(place.after), Style::new()),
            Cell::new(&spans(place), look.theme.dim()),
            Cell::new(place.path.last().map_or("", String::as_str), Style::new()),
        ]);
    }
    let mut lines = table.lines(look);
    let rest = contributing.get(PLACES_MAX..).unwrap_or_default();
    if !rest.is_empty() {
        let sum = rest
            .iter()
            .fold(0_i64, |sum, it| sum.saturating_add(it.contribution_ns));
        let text = format!(
            "and {} with {} together; --json has all",
            counted(rest.len() as u64, "place"),
            signed_duration(sum)
        );
        lines.push(Line::new().text(&text, look.theme.dim()));
    }
    lines
}

fn is_different(place: &DiffPlace) -> bool {
    place.contribution_ns != 0 || place.before.span_count != place.after.span_count
}

fn side(side: DiffSide) -> String {
    if side.span_count == 0 {
        "-".to_owned()
    } else {
        duration(side.path_ns)
    }
}

fn spans(place: &DiffPlace) -> String {
    let (before, after) = (place.before.span_count, place.after.span_count);
    if before == after {
        count(after)
    } else {
        format!("{}→{}", count(before), count(after))
    }
}

fn attribute(attribute: &DiffAttribute) -> String {
    let values = |values: &[String]| {
        if values.is_empty() {
            "-".to_owned()
        } else {
            values.join(", ")
        }
    };
    format!(
        "{}  {}: {} → {}",
        attribute.place,
        attribute.key,
        values(&attribute.before),
        values(&attribute.after)
    )
}

fn list(lines: &mut Vec<Line>, title: &str, items: &[String], look: &Look) {
    if items.is_empty() {
        return;
    }
    lines.push(Line::new());
    lines.push(Line::new().text(title, look.theme.strong()));
    for item in items.iter().take(OTHERS_MAX) {
        lines.push(Line::of(&format!("  {item}")));
    }
    let rest = items.len().saturating_sub(OTHERS_MAX);
    if rest > 0 {
        let text = format!("  and {} more; --json has all", count(rest as u64));
        lines.push(Line::new().text(&text, look.theme.dim()));
    }
}

#[cfg(test)]
mod tests {
    use spanwalk_api::DiffDivergence;

    use super::super::fixture;
    use super::*;

    fn place(name: &str, before: (u64, u64), after: (u64, u64)) -> DiffPlace {
        let side = |(span_count, path_ns)| DiffSide {
            span_count,
            path_ns,
            total_ns: path_ns,
            ..DiffSide::default()
        };
        DiffPlace {
            path: vec!["shop POST /checkout".to_owned(), name.to_owned()],
            contribution_ns: i64::try_from(after.1).unwrap() - i64::try_from(before.1).unwrap(),
            before: side(before),
            after: side(after),
        }
    }

    #[test]
    fn what_contributes_comes_first_and_what_is_equal_is_left_out() {
        let found = DiffResponse {
            before: "0af7651916cd43dd8448eb211c80319c".to_owned(),
            after: "4bf92f3577b34da6a3ce929d0e0e4736".to_owned(),
            before_ns: 100_000_000,
            after_ns: 350_000_000,
            places: vec![
                place("payments POST", (1, 50_000_000), (3, 300_000_000)),
                place("orders SELECT", (1, 50_000_000), (1, 50_000_000)),
                place("cache GET", (0, 0), (1, 0)),
            ],
            divergence: Some(DiffDivergence {
                last_common: Some("payments POST".to_owned()),
                before: None,
                after: Some("payments POST".to_owned()),
            }),
            attributes: vec![DiffAttribute {
                place: "payments POST".to_owned(),
                key: "resource.service.version".to_owned(),
                before: vec!["1.2.0".to_owned()],
                after: vec!["1.3.0\x1b[2J".to_owned()],
            }],
            templates_before: Vec::new(),
            templates_after: vec!["bank answered <*>".to_owned()],
        };
        let text = fixture::plain(lines(&found, &fixture::look(None)));
        insta::assert_snapshot!(text);
    }
}
