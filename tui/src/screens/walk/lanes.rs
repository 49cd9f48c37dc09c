//! The lanes: a column for each service, calls and answers as arrows between them, every event
//! in causal order from top to bottom.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use spanwalk_analysis::walk::EventKind;
use spanwalk_model::SpanKind;

use super::view::event_glyph;
use super::{EventFacts, WalkData, WalkScreen};
use crate::app::State;
use crate::text::duration::{duration, signed_duration};
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::widgets::paint::{put, put_right, row};

/// Columns for the time at the left.
const TIME: u16 = 13;
/// The least and the most columns between two lanes.
const LANE_MIN: u16 = 10;
const LANE_MAX: u16 = 28;
/// Characters that a row may need: no terminal is wider.
const ROW_CHARACTERS: usize = 512;

/// Which lanes are drawn, and where.
struct Lanes {
    first: usize,
    count: usize,
    step: u16,
    start: u16,
}

impl Lanes {
    /// As many lanes as fit, around the one of the cursor.
    fn of(area: Rect, all: usize, cursor: usize) -> Self {
        let room = area.width.saturating_sub(TIME);
        let wanted = u16::try_from(all.max(1)).unwrap_or(u16::MAX);
        let step = (room / wanted).clamp(LANE_MIN, LANE_MAX);
        let fitting = usize::from((room / step).max(1)).min(all);
        let first = cursor
            .saturating_sub(fitting / 2)
            .min(all.saturating_sub(fitting));
        Self {
            first,
            count: fitting,
            step,
            start: area.x.saturating_add(TIME),
        }
    }

    /// The column of a lane; one that is out of sight stands at the edge it is beyond.
    fn x(&self, lane: usize) -> u16 {
        let place = lane.saturating_sub(self.first).min(self.count);
        let offset = u16::try_from(place).unwrap_or(u16::MAX);
        self.start.saturating_add(offset.saturating_mul(self.step))
    }

    fn shown(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.count
    }
}

impl WalkScreen {
    /// The names of the lanes in the line above, then the rows of the window.
    pub(super) fn draw_lanes(
        &self,
        buffer: &mut Buffer,
        (heading, area): (Rect, Rect),
        data: &WalkData,
        state: &State,
    ) {
        let theme = state.theme;
        let cursor = data.event(self.cursor).map_or("", |event| event.service);
        let all = data.services().len();
        let lanes = Lanes::of(area, all, lane_of(data, cursor));
        if lanes.count < all {
            let text = format!("{} of {all} lanes", lanes.count);
            put(buffer, heading.x, heading.y, heading, &text, theme.dim());
        } else {
            let end = heading.x.saturating_add(10);
            put_right(buffer, end, heading.y, heading, "at", theme.dim());
        }
        for lane in lanes.shown() {
            let Some(service) = data.services().get(lane) else {
                continue;
            };
            let columns = lanes.step.saturating_sub(1);
            let room = Rect::new(lanes.x(lane), heading.y, columns, heading.height);
            let style = theme.service(state.marks.get(service));
            put(
                buffer,
                room.x,
                room.y,
                room,
                &sanitize_start(service, 64),
                style,
            );
        }
        let window = self
            .rows
            .window(self.listed.len(), usize::from(area.height));
        for (line, index) in (0..area.height).zip(window) {
            let Some(at) = self.listed.get(index) else {
                break;
            };
            let before = index
                .checked_sub(1)
                .and_then(|before| self.listed.get(before));
            let chosen = index == self.rows.selected;
            let events = (before.map(|at| *at as usize), *at as usize);
            draw_row(buffer, row(area, line), events, chosen, &lanes, data, state);
        }
    }
}

impl WalkData {
    /// Whether the event has a row of its own among lanes: the end of work that answers nobody
    /// else has none.
    pub(super) fn is_in_lanes(&self, at: usize) -> bool {
        self.event(at)
            .is_some_and(|event| event.kind != EventKind::SpanEnd || self.peer(event).is_some())
    }

    /// The service that the start of a span was called by, or that its end answers: the one of
    /// its parent, where that is another.
    fn peer(&self, event: EventFacts<'_>) -> Option<&str> {
        if !matches!(event.kind, EventKind::SpanStart | EventKind::SpanEnd) {
            return None;
        }
        // Nobody waits for the end of what a message began.
        if event.kind == EventKind::SpanEnd && self.is_consumer(event.span) {
            return None;
        }
        let parent = self.trace().parent(event.span)?;
        let service = self.trace().service(parent);
        (service != event.service).then_some(service)
    }
}

impl WalkData {
    fn is_consumer(&self, span: u32) -> bool {
        self.trace().kind(span) == SpanKind::Consumer
    }
}

fn lane_of(data: &WalkData, service: &str) -> usize {
    let place = data.services().iter().position(|name| name == service);
    place.unwrap_or(0)
}

/// One event: its moment, the lanes that pass, and what it is.
fn draw_row(
    buffer: &mut Buffer,
    line: Rect,
    (before, at): (Option<usize>, usize),
    chosen: bool,
    lanes: &Lanes,
    data: &WalkData,
    state: &State,
) {
    let Some(event) = data.event(at) else {
        return;
    };
    let (theme, glyphs) = (state.theme, &state.glyphs);
    if chosen {
        put(buffer, line.x, line.y, line, glyphs.cursor, theme.key());
    }
    let time = signed_duration(event.offset_ns);
    let end = line.x.saturating_add(10);
    put_right(buffer, end, line.y, line, &time, theme.dim());
    // Where much of the trace's time passes between two rows, nothing happened for long.
    let passed = before
        .and_then(|before| data.event(before))
        .map_or(0, |before| event.offset().saturating_sub(before.offset()));
    if passed > data.duration_ns() / 10 {
        let x = line.x.saturating_add(11);
        put(buffer, x, line.y, line, glyphs.pause, theme.warning());
    }
    for lane in lanes.shown() {
        put(
            buffer,
            lanes.x(lane),
            line.y,
            line,
            glyphs.guide,
            theme.dim(),
        );
    }
    let lane = lane_of(data, event.service);
    let style = if event.is_error {
        theme.error()
    } else {
        theme.service(state.marks.get(event.service))
    };
    let x = match data.peer(event).map(|service| lane_of(data, service)) {
        Some(peer) if event.kind == EventKind::SpanStart => {
            let rule = if data.is_consumer(event.span) {
                glyphs.queue
            } else {
                glyphs.rule
            };
            arrow(
                buffer,
                line,
                (lanes.x(peer), lanes.x(lane)),
                rule,
                style,
                state,
            )
        }
        Some(peer) => {
            let columns = (lanes.x(lane), lanes.x(peer));
            arrow(buffer, line, columns, glyphs.rule, style, state)
        }
        None => {
            let glyph = if data.origin() == Some(at) {
                glyphs.origin
            } else {
                event_glyph(event.kind, event.is_error, state).0
            };
            let x = lanes.x(lane);
            put(buffer, x, line.y, line, glyph, style).saturating_add(1)
        }
    };
    let (text, style) = words(data, at, event, chosen, state);
    put(buffer, x, line.y, line, &text, style);
}

/// What stands beside the arrow or the mark.
fn words(
    data: &WalkData,
    at: usize,
    event: EventFacts<'_>,
    chosen: bool,
    state: &State,
) -> (String, Style) {
    let theme = state.theme;
    let text = match (event.kind, data.span(event.span)) {
        (EventKind::SpanEnd, Some(span)) => {
            let took = duration(span.end_ns.saturating_sub(span.start_ns));
            let failed = if span.is_error { " failed" } else { "" };
            format!("{took}{failed}")
        }
        _ => sanitize_start(&data.text(at), ROW_CHARACTERS).into_string(),
    };
    let style = match (chosen, event.is_error, event.kind) {
        (true, _, _) => theme.cursor(),
        (false, true, _) => theme.error(),
        (false, false, EventKind::SpanEnd) => theme.dim(),
        (false, false, _) => theme.text(),
    };
    (sanitize(&text).into_string(), style)
}

/// An arrow from one column to another; the answer is the column where words may begin.
fn arrow(
    buffer: &mut Buffer,
    line: Rect,
    (from, to): (u16, u16),
    rule: &str,
    style: Style,
    state: &State,
) -> u16 {
    let glyphs = &state.glyphs;
    let (left, right) = (from.min(to), from.max(to));
    for x in left..=right {
        put(buffer, x, line.y, line, rule, style);
    }
    let (tail, head) = if from < to {
        (glyphs.branch, glyphs.arrows[1])
    } else {
        (glyphs.guide, glyphs.arrows[0])
    };
    put(buffer, from, line.y, line, tail, style);
    put(buffer, to, line.y, line, head, style);
    right.saturating_add(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_that_do_not_fit_move_with_the_cursor() {
        let lanes = Lanes::of(Rect::new(0, 0, TIME + 3 * LANE_MIN, 9), 8, 4);
        assert_eq!(lanes.shown(), 3..6);
        assert_eq!(lanes.x(3), TIME);
        assert_eq!(lanes.x(0), TIME, "beyond the left edge");
        assert_eq!(lanes.x(7), TIME + 3 * LANE_MIN, "beyond the right edge");
        let lanes = Lanes::of(Rect::new(0, 0, 200, 9), 3, 2);
        assert_eq!((lanes.shown(), lanes.step), (0..3, LANE_MAX));
    }
}
