//! Bars over a time axis, in eighths of a column, and the ruler above them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::paint::put;
use crate::text::duration::duration;
use crate::text::width::width;
use crate::theme::Glyphs;

/// A stretch of time laid over columns. Offsets are nanoseconds from the start of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Axis {
    /// The first column.
    pub x: u16,
    /// How many columns.
    pub columns: u16,
    /// The offset of the left edge.
    pub from_ns: u64,
    /// The length of the whole; never zero.
    pub length_ns: u64,
}

impl Axis {
    /// Where an offset stands, in eighths of a column from the left edge.
    fn eighths(&self, offset_ns: u64) -> u32 {
        let passed = offset_ns.saturating_sub(self.from_ns).min(self.length_ns);
        let all = u128::from(self.columns) * 8;
        let eighths = u128::from(passed) * all / u128::from(self.length_ns.max(1));
        u32::try_from(eighths).unwrap_or(u32::MAX)
    }

    /// Whether an offset is within the stretch.
    pub fn holds(&self, offset_ns: u64) -> bool {
        let end = self.from_ns.saturating_add(self.length_ns);
        (self.from_ns..=end).contains(&offset_ns)
    }

    /// The column that an offset falls in.
    pub fn column(&self, offset_ns: u64) -> u16 {
        let column = u16::try_from(self.eighths(offset_ns) / 8).unwrap_or(u16::MAX);
        self.x
            .saturating_add(column.min(self.columns.saturating_sub(1)))
    }

    /// Draws a bar from one offset to another, never thinner than one eighth, so that the
    /// shortest span can be seen. One that lies outside the stretch is told at that edge.
    pub fn bar(
        &self,
        buffer: &mut Buffer,
        y: u16,
        span: (u64, u64),
        glyphs: &Glyphs,
        style: Style,
    ) {
        if self.columns == 0 {
            return;
        }
        let area = Rect::new(self.x, y, self.columns, 1);
        let end_ns = self.from_ns.saturating_add(self.length_ns);
        let [left, right] = glyphs.beyond;
        if span.1 < self.from_ns {
            put(buffer, self.x, y, area, left, style);
            return;
        }
        if span.0 > end_ns {
            let last = area.right().saturating_sub(1);
            put(buffer, last, y, area, right, style);
            return;
        }
        let last = u32::from(self.columns) * 8;
        let start = self.eighths(span.0).min(last.saturating_sub(1));
        let end = self.eighths(span.1).clamp(start + 1, last);
        let (first_column, end_column) = (start / 8, end / 8);
        for column in first_column..=end_column.min(u32::from(self.columns) - 1) {
            let from = start.saturating_sub(column * 8).min(8);
            let to = end.saturating_sub(column * 8).min(8);
            let Some(glyph) = cell(from, to, glyphs) else {
                continue;
            };
            let x = self
                .x
                .saturating_add(u16::try_from(column).unwrap_or(u16::MAX));
            put(buffer, x, y, area, glyph, style);
        }
    }

    /// Draws ticks with their times, as many as fit, at round distances from the left edge; the
    /// first tells where that is.
    pub fn ruler(&self, buffer: &mut Buffer, y: u16, glyphs: &Glyphs, style: Style) {
        if self.columns < 8 {
            return;
        }
        let area = Rect::new(self.x, y, self.columns, 1);
        let wanted = u64::from((self.columns / 8).max(1));
        let step = round_step(self.length_ns / wanted.max(1));
        let mut offset = 0;
        let mut free_from = self.x;
        while offset <= self.length_ns && step > 0 {
            let x = self.column(self.from_ns.saturating_add(offset));
            let text = match offset {
                0 if self.from_ns == 0 => format!("{}0", glyphs.tick),
                0 => format!("{}{}", glyphs.tick, duration(self.from_ns)),
                _ if self.from_ns > 0 => format!("{}+{}", glyphs.tick, duration(offset)),
                _ => format!("{}{}", glyphs.tick, duration(offset)),
            };
            let columns = u16::try_from(width(&text)).unwrap_or(u16::MAX);
            if x >= free_from && x.saturating_add(columns) <= area.right() {
                free_from = put(buffer, x, y, area, &text, style).saturating_add(1);
            }
            let Some(next) = offset.checked_add(step) else {
                break;
            };
            offset = next;
        }
    }
}

/// The glyph of a cell that is filled between two eighths; `None` where nothing is.
fn cell(from: u32, to: u32, glyphs: &Glyphs) -> Option<&'static str> {
    if to <= from {
        return None;
    }
    match (from, to) {
        (0, 8) => Some(glyphs.full),
        (0, filled) => {
            let index = usize::try_from(filled - 1).unwrap_or(0);
            glyphs.eighths.get(index).copied()
        }
        // Blocks fill from the left only; a start within the cell is drawn to the half.
        (4.., _) => Some(glyphs.right_half),
        (_, 8) => Some(glyphs.full),
        (_, filled) => {
            let index = usize::try_from(filled - 1).unwrap_or(0);
            glyphs.eighths.get(index).copied()
        }
    }
}

/// The next of 1, 2, 5 times a power of ten that is not smaller.
fn round_step(at_least: u64) -> u64 {
    let mut power = 1u64;
    loop {
        for factor in [1, 2, 5] {
            match power.checked_mul(factor) {
                Some(step) if step >= at_least.max(1) => return step,
                Some(_) => {}
                None => return u64::MAX,
            }
        }
        match power.checked_mul(10) {
            Some(next) => power = next,
            None => return u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drawn(columns: u16, length_ns: u64, span: (u64, u64)) -> String {
        let axis = Axis {
            x: 0,
            columns,
            from_ns: 0,
            length_ns,
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, 1));
        axis.bar(&mut buffer, 0, span, &Glyphs::UNICODE, Style::new());
        buffer
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect()
    }

    #[test]
    fn bars_stand_where_their_time_is() {
        assert_eq!(drawn(8, 80, (0, 80)), "████████");
        assert_eq!(drawn(8, 80, (0, 40)), "████    ");
        assert_eq!(drawn(8, 80, (0, 45)), "████▌   ");
        assert_eq!(drawn(8, 80, (25, 40)), "  ▐█    ");
        assert_eq!(drawn(8, 80, (80, 80)), "       ▐");
        assert_eq!(drawn(8, 80, (0, 0)), "▏       ");
    }

    #[test]
    fn ticks_stand_at_round_times() {
        assert_eq!(round_step(137), 200);
        assert_eq!(round_step(0), 1);
        assert_eq!(round_step(u64::MAX), u64::MAX);
        let axis = Axis {
            x: 0,
            columns: 40,
            from_ns: 0,
            length_ns: 1_920_000_000,
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 1));
        axis.ruler(&mut buffer, 0, &Glyphs::UNICODE, Style::new());
        let text: String = buffer
            .content()
            .iter()
            .map(ratatui::buffer::Cell::symbol)
            .collect();
        assert_eq!(text.trim_end(), "╷0        ╷500ms    ╷1.00s     ╷1.50s");
    }

    proptest! {
        #[test]
        fn every_span_is_seen_and_stays_within_the_axis(
            columns in 1u16..60,
            length in 1u64..,
            start in any::<u64>(),
            end in any::<u64>(),
        ) {
            let text = drawn(columns, length, (start, end));
            prop_assert!(!text.trim().is_empty());
            prop_assert_eq!(text.chars().count(), usize::from(columns));
        }
    }
}
