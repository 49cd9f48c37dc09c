//! The stretch of the time axis that the bars show.

use super::{WalkData, WalkScreen};
use crate::action::Action;

/// The shortest stretch: what is shorter cannot be told apart by any clock.
const LENGTH_MIN_NS: u64 = 100;

/// A part of the time axis, nanoseconds since the start of the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Zoom {
    /// Its left edge.
    pub from_ns: u64,
    /// Its length.
    pub length_ns: u64,
}

impl Zoom {
    /// The stretch of that length with a moment at its middle, as far as the trace reaches.
    fn around(moment_ns: u64, length_ns: u64, whole_ns: u64) -> Option<Self> {
        let length_ns = length_ns.max(LENGTH_MIN_NS);
        if length_ns >= whole_ns {
            return None;
        }
        let from_ns = moment_ns
            .saturating_sub(length_ns / 2)
            .min(whole_ns.saturating_sub(length_ns));
        Some(Self { from_ns, length_ns })
    }

    fn end_ns(self) -> u64 {
        self.from_ns.saturating_add(self.length_ns)
    }
}

impl WalkScreen {
    /// The part of the time axis that is shown: the start and the length, never zero.
    pub(super) fn stretch(&self, data: &WalkData) -> (u64, u64) {
        match self.zoom {
            Some(zoom) => (zoom.from_ns, zoom.length_ns.max(1)),
            None => (0, data.duration_ns().max(1)),
        }
    }

    /// Changes the stretch; false where the action is none for it.
    pub(super) fn zoom_by(&mut self, data: &WalkData, action: Action) -> bool {
        let whole = data.duration_ns();
        let (_, length) = self.stretch(data);
        let moment = data.event(self.cursor).map_or(0, |event| event.offset());
        self.zoom = match action {
            Action::ZoomIn => Zoom::around(moment, length / 2, whole),
            Action::ZoomOut => Zoom::around(moment, length.saturating_mul(2), whole),
            Action::ZoomAll => None,
            Action::ZoomSpan => self.around_span(data),
            _ => return false,
        };
        true
    }

    /// The time of the span under the cursor with a margin, or all where that is shown already.
    fn around_span(&self, data: &WalkData) -> Option<Zoom> {
        let (start, end) = self.time_of_cursor(data)?;
        let length = end.saturating_sub(start);
        let wide = length.saturating_add(length / 8).max(LENGTH_MIN_NS);
        let middle = start.saturating_add(length / 2);
        Zoom::around(middle, wide, data.duration_ns()).filter(|zoom| self.zoom != Some(*zoom))
    }

    /// The time that the row of the cursor takes: of its run, its span, or the span around it.
    fn time_of_cursor(&self, data: &WalkData) -> Option<(u64, u64)> {
        if let Some(run) = self.row_of_cursor(data).and_then(|row| data.run(row)) {
            return Some(run.time);
        }
        let span = data.span(data.event(self.cursor)?.span)?;
        Some((span.start_ns, span.end_ns))
    }

    /// Moves the stretch along where the cursor's row would be out of sight.
    pub(super) fn pan_to_cursor(&mut self, data: &WalkData) {
        let (Some(zoom), Some((start, end))) = (self.zoom, self.time_of_cursor(data)) else {
            return;
        };
        if start < zoom.end_ns() && end >= zoom.from_ns {
            return;
        }
        let length = end.saturating_sub(start).min(zoom.length_ns);
        let middle = start.saturating_add(length / 2);
        self.zoom = Zoom::around(middle, zoom.length_ns, data.duration_ns());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_stays_within_the_trace() {
        let zoom = |moment, length| Zoom::around(moment, length, 10_000);
        assert_eq!(zoom(5_000, 10_000), None, "all of it is no zoom");
        assert_eq!(zoom(5_000, 1_000).map(|zoom| zoom.from_ns), Some(4_500));
        assert_eq!(zoom(0, 1_000).map(|zoom| zoom.from_ns), Some(0));
        assert_eq!(zoom(10_000, 1_000).map(Zoom::end_ns), Some(10_000));
        assert_eq!(zoom(0, 0).map(|zoom| zoom.length_ns), Some(LENGTH_MIN_NS));
    }
}
