//! How the trace list changes.

use spanwalk_api::{SearchParams, SearchResponse};
use spanwalk_model::TraceId;
use spanwalk_query::complete::written_value;

use super::groups::Groups;
use super::view::layout;
use super::{Purpose, Traces};
use crate::action::{Action, Key};
use crate::app::{Effect, Place, Reply, RequestId, Toast, Turn, pasted_trace};

/// Traces asked for at a time.
const PAGE: u32 = 100;
/// Traces that the list holds; beyond them one narrows the query.
const TRACES_MAX: usize = 10_000;
/// Milliseconds between looks at how much is stored.
const LIVE_MS: u64 = 1_000;

impl Traces {
    pub(in crate::screens) fn shown(&mut self, turn: &mut Turn<'_>) {
        if !self.loaded && self.asked.is_none() {
            self.ask(Purpose::First, turn);
        }
        if self.live.wake.is_none() && self.live.status.is_none() {
            self.live.wake = Some(turn.wake(LIVE_MS));
        }
    }

    pub(in crate::screens) fn hidden(&mut self, turn: &mut Turn<'_>) {
        turn.cancel(&mut self.live.wake);
        turn.cancel(&mut self.live.status);
    }

    pub(in crate::screens) fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        let height = self.list_height(turn.size);
        let before = self.rows.selected;
        if let Some(groups) = &mut self.groups
            && groups.rows.act(action, groups.len(), height)
        {
            return;
        }
        if self.rows.act(action, self.list.len(), height) {
            self.follows = action == Action::Top || (self.follows && self.rows.selected == before);
            self.load_more_at_end(turn);
            return;
        }
        match action {
            Action::Query => self.query.edit(turn),
            Action::Complete => self.query.complete(turn),
            Action::MenuDown => self.query.choose(true),
            Action::MenuUp => self.query.choose(false),
            Action::Accept => self.accept(turn),
            Action::Cancel => self.query.cancel(turn),
            Action::Refresh => self.ask(Purpose::Again, turn),
            Action::Open if self.groups.is_some() => self.narrow_to_group(turn),
            Action::Open => self.open(turn),
            Action::Groups => {
                self.groups = match self.groups.take() {
                    Some(_) => None,
                    None => Some(Groups::default()),
                };
                self.group();
            }
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
        if self.live.wake == Some(request) {
            self.live.wake = None;
            self.live.status = Some(turn.ask(|request| Effect::Status { request }));
        } else if self.query.woken(request) {
            self.ask(Purpose::First, turn);
        }
    }

    pub(in crate::screens) fn answered(
        &mut self,
        request: RequestId,
        reply: &Reply,
        turn: &mut Turn<'_>,
    ) {
        if self.live.status == Some(request) {
            self.live.status = None;
            self.live.wake = Some(turn.wake(LIVE_MS));
            self.look_at_stored(reply, turn);
            return;
        }
        let Some((asked, purpose)) = self.asked else {
            return;
        };
        if asked != request {
            return;
        }
        self.asked = None;
        match reply {
            Reply::Search(found) => self.take(found, purpose, turn),
            Reply::Failed(failure) if !self.query.refuse(failure) => {
                self.failure = Some(failure.clone());
            }
            _ => {}
        }
    }

    pub(in crate::screens) fn settle(&mut self, size: (u16, u16)) {
        let height = self.list_height(size);
        self.rows.settle(self.list.len(), height);
        if let Some(groups) = &mut self.groups {
            let count = groups.len();
            groups.rows.settle(count, height);
        }
    }

    fn list_height(&self, size: (u16, u16)) -> usize {
        usize::from(
            layout(crate::app::State::body(size), self.query.rows())
                .rows
                .height,
        )
    }

    fn accept(&mut self, turn: &mut Turn<'_>) {
        if let Some(place) = pasted_trace(self.query.text()) {
            self.query.cancel(turn);
            turn.go = Some(place);
            return;
        }
        if self.query.finish(turn) {
            self.ask(Purpose::First, turn);
        }
    }

    /// The traces of the chosen group alone.
    fn narrow_to_group(&mut self, turn: &mut Turn<'_>) {
        let Some(group) = self.groups.as_ref().and_then(Groups::selected) else {
            return;
        };
        let term = format!(
            "root.service:{} root.name:{}",
            written_value(&group.service),
            written_value(&group.name)
        );
        let query = match self.query.applied().trim() {
            "" => term,
            // What was asked before may be an alternative, which binds less than the terms.
            before => format!("({before}) {term}"),
        };
        turn.go = Some(Place::Traces { query });
    }

    fn group(&mut self) {
        if let Some(groups) = &mut self.groups {
            groups.take(&self.list);
        }
    }

    fn open(&self, turn: &mut Turn<'_>) {
        let Some(trace) = self.selected() else {
            return;
        };
        let Ok(id) = trace.trace_id.parse::<TraceId>() else {
            return;
        };
        // A query leads to the span it found; without one the walk begins at its start.
        let span = trace
            .matched_spans
            .first()
            .filter(|_| !self.query.applied().is_empty())
            .and_then(|span| span.parse().ok());
        turn.go = Some(Place::Trace {
            id,
            span,
            moment_ns: None,
        });
    }

    fn ask(&mut self, purpose: Purpose, turn: &mut Turn<'_>) {
        let mut old = self.asked.take().map(|(request, _)| request);
        turn.cancel(&mut old);
        if purpose == Purpose::First {
            self.rows = crate::widgets::rows::Rows::default();
            self.follows = true;
        }
        let cursor = match purpose {
            Purpose::More => self.next_cursor.clone(),
            Purpose::First | Purpose::Again => None,
        };
        let params = SearchParams {
            q: self.query.applied().to_owned(),
            limit: Some(PAGE),
            cursor,
            ..SearchParams::default()
        };
        let request = turn.ask(|request| Effect::Search { request, params });
        self.asked = Some((request, purpose));
    }

    fn take(&mut self, found: &SearchResponse, purpose: Purpose, turn: &mut Turn<'_>) {
        self.loaded = true;
        self.failure = None;
        for service in found.traces.iter().flat_map(|trace| &trace.services) {
            turn.marks.learn(&service.name);
        }
        for trace in &found.traces {
            turn.marks.learn(&trace.root_service);
        }
        let chosen = self.list.get(self.rows.selected);
        let chosen = chosen.map(|trace| trace.trace_id.clone());
        match purpose {
            Purpose::More => {
                self.list.extend(found.traces.iter().cloned());
                self.completeness.returned += found.completeness.returned;
            }
            Purpose::First | Purpose::Again => {
                self.list.clone_from(&found.traces);
                self.completeness = found.completeness.clone();
            }
        }
        self.group();
        self.next_cursor.clone_from(&found.next_cursor);
        self.notes.clone_from(&found.notes);
        if purpose == Purpose::First
            && let Some(note) = self.notes.first()
        {
            turn.toast = Some(Toast::done(note.as_str()));
        }
        if purpose == Purpose::Again {
            let place = chosen
                .and_then(|chosen| self.list.iter().position(|trace| trace.trace_id == chosen));
            self.rows.selected = match place {
                Some(place) if !self.follows => place,
                _ if self.follows => 0,
                _ => self.rows.selected,
            };
        }
    }

    fn load_more_at_end(&mut self, turn: &mut Turn<'_>) {
        let at_end = self.rows.selected + 1 >= self.list.len();
        let room = self.list.len() < TRACES_MAX;
        // A refresh under way gives way: the user is leaving the top.
        let is_idle = matches!(self.asked, None | Some((_, Purpose::Again)));
        if at_end && room && self.next_cursor.is_some() && is_idle {
            self.ask(Purpose::More, turn);
        }
    }

    /// Asks the search again where more is stored than when it was last asked, or where the
    /// collector answers again.
    fn look_at_stored(&mut self, reply: &Reply, turn: &mut Turn<'_>) {
        match reply {
            Reply::Status(status) => {
                let stored = (status.stored.spans, status.stored.log_records);
                // The first look comes after the first answer: what was stored between the two
                // is not in the list.
                let changed = self.live.stored.unwrap_or_default() != stored;
                let recovered = self.failure.take().is_some();
                if (changed || recovered) && self.is_live() && self.asked.is_none() {
                    self.live.stored = Some(stored);
                    self.ask(Purpose::Again, turn);
                }
            }
            Reply::Failed(failure) => self.failure = Some(failure.clone()),
            _ => {}
        }
    }
}
