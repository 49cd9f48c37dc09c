//! How the icicle looks: a line for each level, frames in the colours of their services.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::flame::{Flame, Placed};
use super::{Shape, WalkData, WalkScreen};
use crate::action::Action;
use crate::app::State;
use crate::text::duration::duration;
use crate::text::number::{count, counted};
use crate::text::safe::sanitize_start;
use crate::text::sanitize;
use crate::text::width::width;
use crate::widgets::paint::{put, put_right, row};

/// Characters that a frame may need: no terminal is wider.
const FRAME_CHARACTERS: usize = 512;

impl WalkScreen {
    /// What is shown of how much in the line above, then the levels.
    pub(super) fn draw_flame(
        &self,
        buffer: &mut Buffer,
        (heading, area): (Rect, Rect),
        data: &WalkData,
        state: &State,
    ) {
        let Some(flame) = &self.flame else {
            return;
        };
        let theme = state.theme;
        let here = self.frame_of_cursor(flame, data);
        let mut placed = flame.placed(self.zoomed, area.width, usize::from(area.height));
        // What is too narrow, too deep or beside the zoomed frame is not drawn, nor its calls.
        let (drawn, all) = (placed.len() as u64, flame.len() as u64);
        let text = if drawn < all {
            format!("width is time; {} of {} frames", count(drawn), count(all))
        } else {
            format!("width is time; {}", counted(all, "frame"))
        };
        put(
            buffer,
            heading.x.saturating_add(1),
            heading.y,
            heading,
            &text,
            theme.dim(),
        );
        placed.sort_unstable_by_key(|placed| (placed.level, placed.columns));
        let mut is_here = false;
        for frame in &placed {
            let chosen = frame.frame == here;
            is_here |= chosen;
            draw_frame(buffer, area, frame, chosen, flame, data, state);
        }
        if !is_here {
            let text = "the cursor is in a frame that is not drawn; enter zooms to it ";
            put_right(
                buffer,
                heading.right(),
                heading.y,
                heading,
                text,
                theme.warning(),
            );
        }
    }
}

impl WalkScreen {
    /// The frame of the cursor's span.
    fn frame_of_cursor(&self, flame: &Flame, data: &WalkData) -> usize {
        data.event(self.cursor)
            .map_or(0, |event| flame.of(event.span))
    }

    /// Moves and zooms among frames; false where the action is none for them.
    pub(super) fn act_on_flame(&mut self, data: &WalkData, action: Action) -> bool {
        let Some(flame) = self.flame.as_ref().filter(|_| self.shape == Shape::Flame) else {
            return false;
        };
        let here = self.frame_of_cursor(flame, data);
        let around = flame.caller(self.zoomed);
        match action {
            Action::Fold | Action::ZoomSpan | Action::ZoomIn if self.zoomed != here => {
                self.zoomed = here;
            }
            Action::Fold | Action::ZoomSpan | Action::ZoomAll => self.zoomed = 0,
            Action::ZoomOut => self.zoomed = around,
            Action::Down
            | Action::Up
            | Action::FoldOut
            | Action::FoldIn
            | Action::NextSibling
            | Action::PreviousSibling => {
                let to = flame.step(here, action).and_then(|frame| flame.get(frame));
                let event = to.and_then(|frame| data.walk().span_start(frame.span));
                if let Some(event) = event {
                    self.stand_on(event as usize, false);
                }
            }
            Action::PageDown
            | Action::PageUp
            | Action::Top
            | Action::Bottom
            | Action::ZoomIn
            | Action::FoldAll => {}
            _ => return false,
        }
        true
    }
}

fn draw_frame(
    buffer: &mut Buffer,
    area: Rect,
    placed: &Placed,
    chosen: bool,
    flame: &Flame,
    data: &WalkData,
    state: &State,
) {
    let Some((frame, span)) = flame
        .get(placed.frame)
        .and_then(|frame| Some((frame, data.span(frame.span)?)))
    else {
        return;
    };
    let line = row(area, u16::try_from(placed.level).unwrap_or(u16::MAX));
    if line.is_empty() {
        return;
    }
    let (from, to) = placed.columns;
    // A column is left free at the right, so that neighbours are told apart without colour.
    let columns = to.saturating_sub(from).saturating_sub(1).max(1);
    let place = Rect::new(line.x.saturating_add(from), line.y, columns, 1);
    let place = place.intersection(line);
    let base = state.theme.service(state.marks.get(span.service));
    let style = if chosen {
        base.add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
    } else {
        base.add_modifier(Modifier::REVERSED)
    };
    for x in place.left()..place.right() {
        put(buffer, x, place.y, place, " ", style);
    }
    let failed = match frame.failed {
        0 => String::new(),
        number => format!("{}{} ", state.glyphs.error, count(number)),
    };
    let many = match frame.count {
        1 => String::new(),
        number => format!("{}{} ", state.glyphs.times, count(number)),
    };
    let time = duration(frame.sum_ns);
    let name = sanitize_start(span.name, FRAME_CHARACTERS);
    let cursor = if chosen { state.glyphs.cursor } else { "" };
    let text = format!("{cursor}{failed}{many}{name} ");
    let text = if width(&text) + width(&time) <= usize::from(columns) {
        format!("{text}{time}")
    } else {
        text
    };
    if columns >= 3 || chosen {
        put(buffer, place.x, place.y, place, &sanitize(&text), style);
    }
    if frame.failed > 0 {
        // The sign of failure alone is in its colour: which service it is stays told.
        let from = place.x.saturating_add(u16::from(chosen));
        let sign = failed.trim_end();
        let error = state.theme.error().add_modifier(Modifier::REVERSED);
        put(buffer, from, place.y, place, sign, error);
    }
}
