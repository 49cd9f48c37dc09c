//! How the log list changes.

use spanwalk_api::{LogsParams, LogsResponse};

use super::Logs;
use super::view::layout;
use crate::action::{Action, Key};
use crate::app::{Effect, Place, Reply, RequestId, Turn, pasted_trace};

/// Records asked for at a time.
const PAGE: u32 = 200;
/// Records that the list holds; beyond them one narrows the query.
const LOGS_MAX: usize = 20_000;

impl Logs {
    pub(in crate::screens) fn shown(&mut self, turn: &mut Turn<'_>) {
        if !self.loaded && self.asked.is_none() {
            self.ask(false, turn);
        }
    }

    pub(in crate::screens) fn hidden(&mut self, turn: &mut Turn<'_>) {
        let mut asked = self.asked.take().map(|(request, _)| request);
        turn.cancel(&mut asked);
    }

    pub(in crate::screens) fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        if self.in_detail && scroll(&mut self.detail_offset, action) {
            return;
        }
        let height = self.list_height(turn.size);
        if self.rows.act(action, self.list.len(), height) {
            self.detail_offset = 0;
            let at_end = self.rows.selected + 1 >= self.list.len();
            let room = self.list.len() < LOGS_MAX;
            if at_end && room && self.next_cursor.is_some() && self.asked.is_none() {
                self.ask(true, turn);
            }
            return;
        }
        match action {
            Action::Query => self.query.edit(turn),
            Action::Complete => self.query.complete(turn),
            Action::MenuDown => self.query.choose(true),
            Action::MenuUp => self.query.choose(false),
            Action::Pane => self.in_detail = !self.in_detail,
            Action::Accept => self.accept(turn),
            Action::Cancel => self.query.cancel(turn),
            Action::Refresh => self.ask(false, turn),
            Action::Open => self.open(turn),
            _ => {}
        }
    }

    pub(in crate::screens) fn typed(&mut self, key: Key, turn: &mut Turn<'_>) {
        if self.query.is_editing() {
            self.query.press(key, turn);
        }
    }

    pub(in crate::screens) fn pasted(&mut self, text: &str, turn: &mut Turn<'_>) {
        self.query.paste(text, turn);
    }

    pub(in crate::screens) fn woken(&mut self, request: RequestId, turn: &mut Turn<'_>) {
        if self.query.woken(request) {
            self.begin(turn);
        }
    }

    pub(in crate::screens) fn answered(
        &mut self,
        request: RequestId,
        reply: &Reply,
        turn: &mut Turn<'_>,
    ) {
        let Some((asked, is_more)) = self.asked else {
            return;
        };
        if asked != request {
            return;
        }
        self.asked = None;
        match reply {
            Reply::Logs(found) => self.take(found, is_more, turn),
            Reply::Failed(failure) if !self.query.refuse(failure) => {
                self.failure = Some(failure.clone());
            }
            _ => {}
        }
    }

    pub(in crate::screens) fn settle(&mut self, size: (u16, u16)) {
        let height = self.list_height(size);
        self.rows.settle(self.list.len(), height);
        let detail = self.detail_lines(size);
        self.detail_offset = self.detail_offset.min(detail.saturating_sub(1));
    }

    fn list_height(&self, size: (u16, u16)) -> usize {
        let body = crate::app::State::body(size);
        usize::from(layout(body, self.query.rows()).rows.height)
    }

    fn accept(&mut self, turn: &mut Turn<'_>) {
        if let Some(place) = pasted_trace(self.query.text()) {
            self.query.cancel(turn);
            turn.go = Some(place);
        } else if self.query.finish(turn) {
            self.begin(turn);
        }
    }

    fn begin(&mut self, turn: &mut Turn<'_>) {
        self.rows = crate::widgets::rows::Rows::default();
        self.ask(false, turn);
    }

    fn open(&self, turn: &mut Turn<'_>) {
        let Some(log) = self.selected() else {
            return;
        };
        let Some(id) = log.trace_id.as_ref().and_then(|id| id.parse().ok()) else {
            return;
        };
        turn.go = Some(Place::Trace {
            id,
            span: log.span_id.as_ref().and_then(|id| id.parse().ok()),
            moment_ns: Some(log.time_ns),
        });
    }

    fn ask(&mut self, is_more: bool, turn: &mut Turn<'_>) {
        let mut old = self.asked.take().map(|(request, _)| request);
        turn.cancel(&mut old);
        let params = LogsParams {
            q: self.query.applied().to_owned(),
            limit: Some(PAGE),
            cursor: self.next_cursor.clone().filter(|_| is_more),
            ..LogsParams::default()
        };
        let request = turn.ask(|request| Effect::Logs { request, params });
        self.asked = Some((request, is_more));
    }

    fn take(&mut self, found: &LogsResponse, is_more: bool, turn: &mut Turn<'_>) {
        self.loaded = true;
        self.failure = None;
        for log in &found.logs {
            turn.marks.learn(&log.service);
        }
        if is_more {
            self.list.extend(found.logs.iter().cloned());
        } else {
            self.list.clone_from(&found.logs);
        }
        self.completeness = found.completeness.clone();
        self.next_cursor.clone_from(&found.next_cursor);
        self.notes.clone_from(&found.notes);
    }
}

/// Scrolls a text; false where the action is no movement.
pub(in crate::screens) fn scroll(offset: &mut usize, action: Action) -> bool {
    const PAGE: usize = 10;
    *offset = match action {
        Action::Down => offset.saturating_add(1),
        Action::Up => offset.saturating_sub(1),
        Action::PageDown => offset.saturating_add(PAGE),
        Action::PageUp => offset.saturating_sub(PAGE),
        Action::Top => 0,
        Action::Bottom => usize::MAX,
        _ => return false,
    };
    true
}
