//! One trace as a walk: everything that happened, causes before effects.

use spanwalk_api::{WalkEvent, WalkResponse};
use spanwalk_model::SeverityLevel;

use super::logs::level_word;
use super::{Line, Look};
use crate::text::duration::{duration, signed_duration};
use crate::text::number::counted;
use crate::text::sanitize;
use crate::text::time::moment_in;
use crate::text::truncate::truncate;
use crate::text::width::width;

/// Columns of moments.
const TIME_COLUMNS: usize = 10;
/// Columns of services; longer names are cut.
const SERVICE_COLUMNS_MAX: usize = 24;
/// Levels of the tree that indent a line; deeper ones are told by a number.
const INDENT_MAX: u32 = 40;

/// What stands behind the place of the first error.
pub(super) const ORIGIN_REMARK: &str = "the first error began here";

/// The walk, with a head, its titles and what is odd about it.
pub fn lines<'a>(walk: &'a WalkResponse, look: &'a Look) -> impl Iterator<Item = Line> + 'a {
    let facts = [(walk.events.len(), "event")];
    let id = Some(walk.trace_id.as_str());
    let head = trace_head(id, walk.start_ns, None, &facts, look);
    let services = walk
        .events
        .iter()
        .map(|event| width(&sanitize(&event.service)));
    let service_columns = services.max().unwrap_or(0).clamp(7, SERVICE_COLUMNS_MAX);
    let titles = format!(
        "{:>TIME_COLUMNS$}  {:service_columns$}  what happened, causes first",
        "at", "service"
    );
    let titles = Line::new().text(&titles, look.theme.dim());
    let origin = walk.error_origin.and_then(|at| usize::try_from(at).ok());
    let rows = walk.events.iter().enumerate().map(move |(index, event)| {
        let is_origin = origin == Some(index);
        row(event, is_origin, service_columns, look)
    });
    let clocks = walk.events.iter().any(|event| event.clock_contradiction);
    let clocks = clocks.then(|| {
        let text = format!(
            "{} clocks contradict the order of causes here",
            look.glyphs.clock
        );
        Line::new().text(&text, look.theme.warning())
    });
    let findings = walk.findings.iter().map(|finding| {
        Line::new()
            .text("note: ", look.theme.strong())
            .plain(finding)
    });
    head.into_iter()
        .chain([titles])
        .chain(rows)
        .chain(clocks)
        .chain(findings)
}

fn row(event: &WalkEvent, is_origin: bool, service_columns: usize, look: &Look) -> Line {
    let theme = look.theme;
    let glyphs = look.glyphs;
    let at = format!("{:>TIME_COLUMNS$}", signed_duration(event.offset_ns));
    let mut line = Line::new().text(&at, theme.dim());
    let clock = if event.clock_contradiction {
        glyphs.clock
    } else {
        " "
    };
    line.push(clock, theme.warning());
    line.push(" ", theme.text());
    let service = sanitize(&event.service);
    line.push(&truncate(&service, service_columns), theme.strong());
    line.fill_to(TIME_COLUMNS + 2 + service_columns + 2);
    line.push(&indent(event.depth), theme.dim());
    let style = if event.is_error {
        theme.error()
    } else {
        theme.text()
    };
    let glyph = match event.kind.as_str() {
        _ if is_origin => glyphs.origin,
        "span_start" => glyphs.start,
        "span_end" => glyphs.end,
        _ if event.is_error => glyphs.error,
        "log" => glyphs.log,
        _ => glyphs.event,
    };
    line.push(&format!("{glyph} "), style);
    if event.kind == "span_end" {
        line.push("end of ", theme.dim());
    }
    if !event.level.is_empty() {
        let level = SeverityLevel::from_text(&event.level);
        line.push(
            &format!("{} ", level_word(&event.level)),
            theme.level(level),
        );
    }
    line.push(&event.text, style);
    if event.kind == "span_end" && event.is_error {
        line.push("  failed", theme.error());
    }
    if event.kind == "span_start"
        && let Some(duration_ns) = event.duration_ns
    {
        line.push(&format!("  {}", duration(duration_ns)), theme.dim());
    }
    if is_origin {
        line.push(
            &format!("  {} {ORIGIN_REMARK}", glyphs.origin),
            theme.error(),
        );
    }
    fitted(line, event.is_error || is_origin, look)
}

/// The line, cut to the terminal unless it must be read whole.
pub(super) fn fitted(line: Line, is_needed_whole: bool, look: &Look) -> Line {
    match look.columns {
        Some(columns) if !is_needed_whole => line.cut(columns),
        _ => line,
    }
}

/// The room before a line of this depth.
pub(super) fn indent(depth: u32) -> String {
    let columns = depth.min(INDENT_MAX) as usize * 2;
    let room = " ".repeat(columns);
    if depth > INDENT_MAX {
        format!("{room}[{depth}] ")
    } else {
        room
    }
}

/// What stands above a trace: its id, when it was, how long, and what it holds.
pub(super) fn trace_head(
    id: Option<&str>,
    start_ns: u64,
    duration_ns: Option<u64>,
    facts: &[(usize, &str)],
    look: &Look,
) -> Vec<Line> {
    let facts = facts
        .iter()
        .map(|(number, noun)| counted(*number as u64, noun))
        .collect::<Vec<_>>()
        .join(", ");
    let took = duration_ns.map_or_else(String::new, |took| format!("  {}", duration(took)));
    vec![
        Line::new()
            .plain("trace ")
            .text(id.unwrap_or("-"), look.theme.strong()),
        Line::of(&format!(
            "{}{took}  {facts}",
            moment_in(start_ns, &look.zone)
        )),
        Line::new(),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::theme::Glyphs;

    #[test]
    fn a_walk_marks_where_the_first_error_began() {
        let text = fixture::plain(lines(&fixture::walk(), &fixture::look(None)));
        insta::assert_snapshot!(text, @r"
        trace 0af7651916cd43dd8448eb211c80319c
        2023-11-14 22:13:20.000  7 events

                at  service   what happened, causes first
              +0ns  gateway   ▸ POST /checkout  420ms
           -1.20ms≈ checkout    ▸ charge ␛[31m
           +1.50ms  checkout      · INFO charging
           +2.00ms  checkout      ◆ ERROR card declined  ◆ the first error began here
           +2.50ms  checkout      ◇ retry
           +3.00ms  checkout    ▪ end of charge  failed
            +420ms  gateway   ▪ end of POST /checkout
        ≈ clocks contradict the order of causes here
        note: 1 span names a parent that is not stored
        ");
    }

    #[test]
    fn with_ascii_the_marks_are_ascii() {
        let look = Look {
            glyphs: Glyphs::ASCII,
            ..fixture::look(None)
        };
        let text = fixture::plain(lines(&fixture::walk(), &look));
        let marks: Vec<char> = text
            .chars()
            .filter(|c| !c.is_ascii() && *c != '␛')
            .collect();
        assert!(marks.is_empty(), "{marks:?}");
        assert!(
            text.contains("@ ERROR card declined  @ the first error began here"),
            "{text}"
        );
    }

    #[test]
    fn depth_costs_bounded_room() {
        assert_eq!(indent(2), "    ");
        assert_eq!(indent(100_000).len(), 2 * 40 + "[100000] ".len());
    }
}
