//! One trace as a tree of spans with what was logged in them.

use spanwalk_analysis::walk::EventKind;
use spanwalk_model::{SeverityLevel, StatusCode, TraceId};

use super::logs::level_word;
use super::walk::{ORIGIN_REMARK, fitted, indent, trace_head};
use super::{Line, Look};
use crate::screens::walk::{EventFacts, WalkData};
use crate::text::duration::{duration, signed_duration};

/// Columns of moments, and of durations.
const TIME_COLUMNS: usize = 9;

/// The tree, with a head, its titles and what is odd about it.
pub fn lines<'a>(data: &'a WalkData, look: &'a Look) -> impl Iterator<Item = Line> + 'a {
    let facts = [
        (data.span_count(), "span"),
        (data.services().len(), "service"),
        (data.log_count(), "log record"),
        (data.error_count(), "error"),
    ];
    let head = trace_head(
        data.trace().trace_id().map(TraceId::to_hex).as_deref(),
        data.trace().start_ns(),
        Some(data.duration_ns()),
        &facts,
        look,
    );
    let titles = format!(
        "{:>TIME_COLUMNS$} {:>TIME_COLUMNS$}  span, log record",
        "at", "took"
    );
    let titles = Line::new().text(&titles, look.theme.dim());
    let rows = data
        .tree_rows()
        .filter_map(|(event, depth)| Some(row(data, event, depth, data.event(event)?, look)));
    let findings = data.findings().iter().map(|finding| {
        Line::new()
            .text("note: ", look.theme.strong())
            .plain(finding)
    });
    head.into_iter().chain([titles]).chain(rows).chain(findings)
}

fn row(data: &WalkData, event: usize, depth: u32, facts: EventFacts<'_>, look: &Look) -> Line {
    let theme = look.theme;
    let at = format!("{:>TIME_COLUMNS$}", signed_duration(facts.offset_ns));
    let took = match (facts.kind, data.span(facts.span)) {
        (EventKind::SpanStart, Some(span)) => duration(span.end_ns.saturating_sub(span.start_ns)),
        _ => String::new(),
    };
    let mut line = Line::new().text(&at, theme.dim());
    let clock = if facts.contradiction {
        look.glyphs.clock
    } else {
        " "
    };
    line.push(clock, theme.warning());
    line.push(&format!("{took:>TIME_COLUMNS$}  "), theme.text());
    line.push(&indent(depth), theme.dim());
    let is_error = match facts.kind {
        EventKind::SpanStart | EventKind::SpanEnd => {
            span_text(&mut line, data, facts, look);
            data.span(facts.span).is_some_and(|span| span.is_error)
        }
        EventKind::SpanEvent | EventKind::Log => {
            item_text(&mut line, data, event, facts, look);
            facts.is_error
        }
    };
    // The origin may be the end of a span, which stands on the span's row.
    let is_origin = data.origin().is_some_and(|origin| {
        origin == event
            || data.event(origin).is_some_and(|found| {
                found.kind == EventKind::SpanEnd
                    && facts.kind == EventKind::SpanStart
                    && found.span == facts.span
            })
    });
    if is_origin {
        let remark = format!("  {} {ORIGIN_REMARK}", look.glyphs.origin);
        line.push(&remark, theme.error());
    }
    fitted(line, is_error || is_origin, look)
}

fn span_text(line: &mut Line, data: &WalkData, facts: EventFacts<'_>, look: &Look) {
    let theme = look.theme;
    let name = data.span(facts.span).map_or("", |span| span.name);
    line.push(facts.service, theme.strong());
    line.push("  ", theme.text());
    line.push(name, theme.text());
    let Some(scoped) = data.scoped_span(facts.span) else {
        return;
    };
    match scoped.item.status.code {
        StatusCode::Error => {
            let message = match scoped.item.status.message.as_str() {
                "" => "failed",
                message => message,
            };
            line.push(&format!("  {} ", look.glyphs.error), theme.error());
            line.push(message, theme.error());
        }
        StatusCode::Ok => line.push("  ok", theme.good()),
        StatusCode::Unset | StatusCode::Other(_) => {}
    }
}

fn item_text(line: &mut Line, data: &WalkData, event: usize, facts: EventFacts<'_>, look: &Look) {
    let theme = look.theme;
    let owner = data.span(facts.span).map(|span| span.service);
    if facts.kind == EventKind::Log {
        line.push(&format!("{} ", look.glyphs.log), theme.dim());
        if facts.level != SeverityLevel::Unspecified {
            let word = level_word(facts.level.as_str());
            line.push(&format!("{word} "), theme.level(facts.level));
        }
        // A record of another service than its span's, or without a span, says whose it is.
        if owner != Some(facts.service) {
            line.push(&format!("{}: ", facts.service), theme.strong());
        }
    } else {
        let glyph = if facts.is_error {
            look.glyphs.error
        } else {
            look.glyphs.event
        };
        let style = if facts.is_error {
            theme.error()
        } else {
            theme.dim()
        };
        line.push(&format!("{glyph} "), style);
    }
    line.push(&data.text(event), theme.text());
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn shown(columns: Option<usize>) -> String {
        let data = WalkData::new(fixture::trace());
        fixture::plain(lines(&data, &fixture::look(columns)))
    }

    #[test]
    fn a_trace_is_a_tree_with_its_records_at_their_places() {
        insta::assert_snapshot!(shown(None), @r"
        trace 4bf92f3577b34da6a3ce929d0e0e4736
        2023-11-14 22:13:20.000  1.92s  10 spans, 6 services, 6 log records, 7 errors

               at      took  span, log record
             +0ns     1.92s  gateway  POST /checkout  ! 502 from checkout
          +10.0ms     1.90s    checkout  checkout.place  ! failed
          +21.0ms                · INFO reserving 3 items
          +30.0ms    61.0ms      cart  cart.get
          +35.0ms    45.0ms        cart  SELECT cart_items
           +110ms     1.40s      payment  payment.charge  ! gateway timeout
           +115ms                  · DEBUG token ok
           +118ms     1.38s        payment  POST /authorize  ! timeout
           +120ms     1.38s          bank-stub  POST /authorize  ! failed
           +121ms     791ms            bank-stub  pool.acquire
           +912ms                      · ERROR upstream pool exhausted (8/8)  ◆ the first error began here
           +1.49s                      · WARN giving up after 1500ms
           +1.50s                  ! GatewayTimeout: no answer from the bank in 1500 ms
           +1.50s                  · ERROR gateway timeout
           +1.53s    4.00ms      checkout  order.failed send
           +1.70s     190ms        email  order.failed process
           +1.75s                    · INFO mail queued for ada@example.org
        ");
    }

    #[test]
    fn what_failed_is_told_whole_on_a_narrow_terminal_too() {
        insta::assert_snapshot!(shown(Some(50)), @r"
        trace 4bf92f3577b34da6a3ce929d0e0e4736
        2023-11-14 22:13:20.000  1.92s  10 spans, 6 services, 6 log records, 7 errors

               at      took  span, log record
             +0ns     1.92s  gateway  POST /checkout  ! 502 from checkout
          +10.0ms     1.90s    checkout  checkout.place  ! failed
          +21.0ms                · INFO reserving 3 items
          +30.0ms    61.0ms      cart  cart.get
          +35.0ms    45.0ms        cart  SELECT cart_items
           +110ms     1.40s      payment  payment.charge  ! gateway timeout
           +115ms                  · DEBUG token ok
           +118ms     1.38s        payment  POST /authorize  ! timeout
           +120ms     1.38s          bank-stub  POST /authorize  ! failed
           +121ms     791ms            bank-stub  pool.ac…
           +912ms                      · ERROR upstream pool exhausted (8/8)  ◆ the first error began here
           +1.49s                      · WARN giving up a…
           +1.50s                  ! GatewayTimeout: no answer from the bank in 1500 ms
           +1.50s                  · ERROR gateway timeout
           +1.53s    4.00ms      checkout  order.failed s…
           +1.70s     190ms        email  order.failed pr…
           +1.75s                    · INFO mail queued f…
        ");
    }

    #[test]
    fn a_trace_without_anything_is_told_too() {
        let data = WalkData::new(spanwalk_model::TraceItems::default());
        let text = fixture::plain(lines(&data, &fixture::look(None)));
        assert!(text.contains("0 spans"), "{text}");
    }
}
