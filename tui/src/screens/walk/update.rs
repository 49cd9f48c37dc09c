//! How the walk changes: every movement ends in one cursor.

use std::sync::Arc;

use spanwalk_analysis::walk::EventKind;
use spanwalk_model::SeverityLevel;

use super::find::Find;
use super::flame::Flame;
use super::folds::Folds;
use super::view::{detail_height, layout};
use super::{Shape, WalkData, WalkScreen, detail};
use crate::action::{Action, Key};
use crate::app::{Effect, Reply, RequestId, State, Turn};
use crate::screens::logs::scroll;

/// Jumps of the cursor that can be undone.
const JUMPS_MAX: usize = 200;

impl WalkScreen {
    pub(in crate::screens) fn shown(&mut self, turn: &mut Turn<'_>) {
        if self.data.is_none() && self.asked.is_none() {
            self.ask(turn);
        }
    }

    pub(in crate::screens) fn hidden(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.asked);
    }

    pub(in crate::screens) fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        if action == Action::Refresh {
            self.ask(turn);
            return;
        }
        if action == Action::Pane {
            self.in_detail = !self.in_detail;
            return;
        }
        let Some(data) = self.data.clone() else {
            return;
        };
        if self.in_detail && scroll(&mut self.detail_offset, action) {
            return;
        }
        let is_among_frames = self.shape == Shape::Flame
            && matches!(action, Action::NextSibling | Action::PreviousSibling);
        if !is_among_frames && let Some(event) = self.step_to(&data, action) {
            let is_jump = !matches!(action, Action::Next | Action::Previous);
            self.move_to(&data, event, is_jump);
            return;
        }
        if self.act_on_flame(&data, action) || self.move_by_rows(&data, action, turn.size) {
            return;
        }
        if !self.zoom_by(&data, action) {
            self.change(&data, action);
        }
    }

    /// Where a step leads.
    fn step_to(&self, data: &WalkData, action: Action) -> Option<usize> {
        let at = self.cursor;
        match action {
            Action::Next => self.step(data, true),
            Action::Previous => self.step(data, false),
            Action::Into => data.step_into(at),
            Action::Out => data.step_out(at),
            Action::NextInService => data.in_service(at, true),
            Action::PreviousInService => data.in_service(at, false),
            Action::NextError => data.error(at, true),
            Action::PreviousError => data.error(at, false),
            Action::ErrorOrigin => data.origin(),
            Action::NextSibling => self.sibling(data, true),
            Action::PreviousSibling => self.sibling(data, false),
            Action::FindNext => self.find.as_ref()?.from(at, true),
            Action::FindPrevious => self.find.as_ref()?.from(at, false),
            _ => None,
        }
    }

    /// The next or previous event that the log level lets through.
    pub(super) fn step(&self, data: &WalkData, forward: bool) -> Option<usize> {
        let mut at = self.cursor;
        loop {
            at = if forward {
                at.checked_add(1)?
            } else {
                at.checked_sub(1)?
            };
            let event = data.event(at)?;
            if event.level_passes(self.level) {
                return Some(at);
            }
        }
    }

    fn change(&mut self, data: &Arc<WalkData>, action: Action) {
        match action {
            Action::Fold | Action::FoldAll | Action::FoldOut | Action::FoldIn => {
                self.fold_by(data, action);
            }
            Action::CausalList => self.take_shape(data, Shape::List),
            Action::Lanes => self.take_shape(data, Shape::Lanes),
            Action::Flame => self.take_shape(data, Shape::Flame),
            Action::LogLevel => {
                self.level = next_level(self.level);
                self.relist(data);
                self.leave_hidden(data);
            }
            Action::Find => self.find = Some(Find::begin()),
            Action::Accept => {
                if let Some(find) = &mut self.find {
                    find.accept(data);
                    let hit = find.at_or_after(self.cursor);
                    match hit {
                        Some(event) => self.move_to(data, event, true),
                        None => self.find = None,
                    }
                }
            }
            Action::Cancel | Action::FindEnd => self.find = None,
            Action::HistoryBack => {
                if let Some(event) = self.before.pop() {
                    self.after.push(self.cursor);
                    self.move_to(data, event, false);
                }
            }
            Action::HistoryForward => {
                if let Some(event) = self.after.pop() {
                    self.before.push(self.cursor);
                    self.move_to(data, event, false);
                }
            }
            _ => {}
        }
    }

    /// Lays the events out so, or as the tree where they are so already.
    fn take_shape(&mut self, data: &Arc<WalkData>, shape: Shape) {
        self.shape = if self.shape == shape {
            Shape::Tree
        } else {
            shape
        };
        if self.shape == Shape::Flame && self.flame.is_none() {
            self.flame = Some(Flame::new(data));
        }
        self.relist(data);
        self.move_to(data, self.cursor, false);
    }

    pub(in crate::screens) fn typed(&mut self, key: Key, _turn: &mut Turn<'_>) {
        if let (Some(find), Some(data)) = (&mut self.find, self.data.clone())
            && find.is_editing()
            && find.press(key, &data)
        {
            self.show_first_hit(&data);
        }
    }

    pub(in crate::screens) fn pasted(&mut self, text: &str, _turn: &mut Turn<'_>) {
        let Some(data) = self.data.clone() else {
            return;
        };
        let find = self.find.get_or_insert_with(Find::begin);
        if find.paste(text, &data) {
            self.show_first_hit(&data);
        }
    }

    fn show_first_hit(&mut self, data: &Arc<WalkData>) {
        let hit = self
            .find
            .as_ref()
            .and_then(|find| find.at_or_after(self.cursor));
        if let Some(event) = hit {
            self.move_to(data, event, false);
        }
    }

    #[expect(clippy::unused_self, reason = "every screen answers this for itself")]
    pub(in crate::screens) fn woken(&mut self, _request: RequestId, _turn: &mut Turn<'_>) {}

    pub(in crate::screens) fn answered(
        &mut self,
        request: RequestId,
        reply: &Reply,
        turn: &mut Turn<'_>,
    ) {
        if self.asked != Some(request) {
            return;
        }
        self.asked = None;
        match reply {
            Reply::Trace(data) => {
                for service in data.services() {
                    turn.marks.learn(service);
                }
                self.take(data);
            }
            Reply::Failed(failure) => self.failure = Some(failure.clone()),
            _ => {}
        }
    }

    pub(in crate::screens) fn settle(&mut self, size: (u16, u16)) {
        let Some(data) = self.data.clone() else {
            return;
        };
        self.cursor = self.cursor.min(data.event_count().saturating_sub(1));
        let parts = layout(State::body(size), self.in_detail, self.shape);
        self.rows.selected = self.line_of_cursor(&data);
        let height = usize::from(parts.rows.height);
        self.rows.settle(self.line_count(), height);
        if self.shape == Shape::Tree {
            self.clear_of_sticky(height);
        }
        self.pan_to_cursor(&data);
        if self.detail_offset > 0 {
            let rows = detail::row_count(&data, self.cursor, parts.detail.width);
            let last = rows.saturating_sub(usize::from(detail_height(&parts)));
            self.detail_offset = self.detail_offset.min(last);
        }
    }

    fn ask(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.asked);
        if let Some(here) = self.here() {
            self.wanted = Some(here);
        }
        let id = self.id;
        self.asked = Some(turn.ask(|request| Effect::Trace { request, id }));
    }

    fn take(&mut self, data: &Arc<WalkData>) {
        self.failure = None;
        self.before.clear();
        self.after.clear();
        self.find = None;
        let origin = data.origin().and_then(|origin| data.tree().row_of(origin));
        let failed = origin.into_iter().chain(data.error_rows().iter().copied());
        self.folds = Folds::opening(data.tree(), failed, |row| {
            data.span(row.span)
                .map_or(0, |span| span.end_ns.saturating_sub(span.start_ns))
        });
        let wanted = self.wanted.take();
        let event = wanted.and_then(|(span, moment)| data.event_of(span, moment));
        self.data = Some(Arc::clone(data));
        self.relist(data);
        self.move_to(data, event.unwrap_or(0), false);
    }

    /// Puts the cursor on an event and brings it in sight.
    pub(super) fn move_to(&mut self, data: &Arc<WalkData>, event: usize, is_jump: bool) {
        self.stand_on(event, is_jump);
        if let Some(row) = data.tree().row_of(event)
            && let (_, Some(topmost)) = self.folds.reveal(data.tree(), row)
        {
            self.refresh_beneath(data, topmost);
        }
        // A jump may lead to a record that the level hides: it is shown rather than missed.
        let hidden = data
            .event(event)
            .is_some_and(|event| !event.level_passes(self.level));
        if hidden {
            self.level = SeverityLevel::Unspecified;
            self.relist(data);
        }
    }

    /// Puts the cursor on an event, and leaves folded what is.
    pub(super) fn stand_on(&mut self, event: usize, is_jump: bool) {
        if is_jump && event != self.cursor {
            self.before.push(self.cursor);
            if self.before.len() > JUMPS_MAX {
                self.before.remove(0);
            }
            self.after.clear();
        }
        if event != self.cursor {
            self.detail_offset = 0;
        }
        self.cursor = event;
    }

    fn leave_hidden(&mut self, data: &Arc<WalkData>) {
        let passes = data
            .event(self.cursor)
            .is_none_or(|event| event.level_passes(self.level));
        if !passes && let Some(event) = self.step(data, false) {
            self.move_to(data, event, false);
        }
    }
}

/// The level after this one; after the highest, all records are shown again.
fn next_level(level: SeverityLevel) -> SeverityLevel {
    match level {
        SeverityLevel::Unspecified | SeverityLevel::Trace => SeverityLevel::Debug,
        SeverityLevel::Debug => SeverityLevel::Info,
        SeverityLevel::Info => SeverityLevel::Warn,
        SeverityLevel::Warn => SeverityLevel::Error,
        SeverityLevel::Error => SeverityLevel::Fatal,
        SeverityLevel::Fatal => SeverityLevel::Unspecified,
    }
}

impl super::EventFacts<'_> {
    /// Whether the event is shown from this level on; only log records can be hidden.
    pub(super) fn level_passes(&self, level: SeverityLevel) -> bool {
        self.kind != EventKind::Log || self.level >= level
    }
}
