//! The walk: a recorded request, moved through as in a debugger.
//!
//! The cursor is one event of the causal order and everything on the screen follows it: the
//! row in the tree, the mark on the time axis, the detail pane, the header's count.

mod bars;
mod data;
mod density;
mod detail;
mod find;
mod flame;
mod flame_view;
mod folds;
mod lanes;
mod list;
mod minimap;
mod moves;
mod rows;
mod run_row;
pub(crate) mod runs;
mod steps;
mod sticky;
mod update;
mod view;
mod zoom;

use std::sync::Arc;

use spanwalk_analysis::walk::EventKind;
use spanwalk_model::{SeverityLevel, SpanId, TraceId};

use crate::action::{Action, Context};
use crate::app::{Failure, Place, RequestId};
use crate::widgets::rows::Rows;

pub use data::{EventFacts, SpanFacts, WalkData};
use find::Find;
use flame::Flame;
use folds::Folds;
use zoom::Zoom;

/// The walk of one trace.
#[derive(Debug)]
pub struct WalkScreen {
    id: TraceId,
    /// Where to stand once the trace is loaded.
    wanted: Option<(SpanId, Option<u64>)>,
    data: Option<Arc<WalkData>>,
    asked: Option<RequestId>,
    failure: Option<Failure>,
    /// The event that everything follows.
    cursor: usize,
    folds: Folds,
    /// Events of the causal list that the log level lets through.
    listed: Vec<u32>,
    /// The window of the tree or the list.
    rows: Rows,
    shape: Shape,
    /// The part of the time axis that the bars show; all of it where there is none.
    zoom: Option<Zoom>,
    /// The frames, once they were shown, and the one that fills the width.
    flame: Option<Flame>,
    zoomed: usize,
    level: SeverityLevel,
    /// Whether keys scroll the detail pane.
    in_detail: bool,
    detail_offset: usize,
    find: Option<Find>,
    /// Where the cursor was before it jumped, and before it went back.
    before: Vec<usize>,
    after: Vec<usize>,
}

/// How the events are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Shape {
    /// As a tree of spans with bars over the time axis.
    #[default]
    Tree,
    /// As one dense list in causal order.
    List,
    /// As messages between lanes of services, in causal order.
    Lanes,
    /// As frames as wide as their time, calls beneath their callers.
    Flame,
}

impl WalkScreen {
    /// The walk of a trace, not yet loaded, standing on a span or a moment within it.
    pub fn new(id: TraceId, span: Option<SpanId>, moment_ns: Option<u64>) -> Self {
        Self {
            id,
            wanted: span.map(|span| (span, moment_ns)),
            data: None,
            asked: None,
            failure: None,
            cursor: 0,
            folds: Folds::default(),
            listed: Vec::new(),
            rows: Rows::default(),
            shape: Shape::default(),
            zoom: None,
            flame: None,
            zoomed: 0,
            level: SeverityLevel::Unspecified,
            in_detail: false,
            detail_offset: 0,
            find: None,
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    /// Where this is, the cursor's place included.
    pub fn place(&self) -> Place {
        let here = self.here().or(self.wanted);
        Place::Trace {
            id: self.id,
            span: here.map(|(span, _)| span),
            moment_ns: here.and_then(|(_, moment)| moment),
        }
    }

    /// The index of the event under the cursor.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// The trace, where it is loaded.
    pub fn data(&self) -> Option<&Arc<WalkData>> {
        self.data.as_ref()
    }

    /// Where keys are looked up, the first context first.
    pub fn contexts(&self) -> Vec<Context> {
        match &self.find {
            Some(find) if find.is_editing() => vec![Context::Edit],
            Some(_) => vec![Context::Found, Context::Walk],
            None => vec![Context::Walk],
        }
    }

    /// Whether the cursor has an earlier place.
    pub fn can_go_back(&self) -> bool {
        !self.before.is_empty()
    }

    /// Whether the cursor went back.
    pub fn can_go_forward(&self) -> bool {
        !self.after.is_empty()
    }

    /// Lets go of the trace; the cursor's place is kept for when it is loaded again.
    pub fn release(&mut self) {
        if let Some(here) = self.here() {
            self.wanted = Some(here);
        }
        self.data = None;
        self.zoom = None;
        self.flame = None;
        self.zoomed = 0;
        self.folds = Folds::default();
        self.listed = Vec::new();
        self.find = None;
        self.before.clear();
        self.after.clear();
    }

    /// The span of the cursor and its moment, where they are known.
    fn here(&self) -> Option<(SpanId, Option<u64>)> {
        let data = self.data.as_ref()?;
        let event = data.event(self.cursor)?;
        let span = data.scoped_span(event.span)?;
        let moment = match event.kind {
            EventKind::SpanStart => None,
            _ => Some(event.recorded_ns),
        };
        Some((span.item.span_id, moment))
    }

    /// Why an action cannot be had now.
    pub fn why_off(&self, action: Action) -> Option<&'static str> {
        if !needs_trace(action) {
            return None;
        }
        let Some(data) = &self.data else {
            return Some("the trace is not loaded");
        };
        let at = self.cursor;
        let missing = |found: Option<usize>, reason| found.is_none().then_some(reason);
        match action {
            Action::Next => missing(self.step(data, true), "this is the last event"),
            Action::Previous => missing(self.step(data, false), "this is the first event"),
            Action::Into => missing(data.step_into(at), "nothing was called from here on"),
            Action::Out => missing(data.step_out(at), "nothing called this"),
            Action::NextInService => missing(
                data.in_service(at, true),
                "the service does nothing after this",
            ),
            Action::PreviousInService => missing(
                data.in_service(at, false),
                "the service does nothing before this",
            ),
            Action::NextError => missing(data.error(at, true), "no error comes after this"),
            Action::PreviousError => missing(data.error(at, false), "no error came before this"),
            Action::ErrorOrigin => missing(data.origin(), "nothing failed in this trace"),
            Action::NextSibling => missing(data.sibling(at, true), "no sibling comes after this"),
            Action::PreviousSibling => {
                missing(data.sibling(at, false), "no sibling came before this")
            }
            Action::Fold | Action::FoldAll | Action::FoldOut | Action::FoldIn
                if !matches!(self.shape, Shape::Tree | Shape::Flame) =>
            {
                Some("there are no folds here; t, L and F go back to the tree")
            }
            Action::ZoomIn | Action::ZoomOut | Action::ZoomAll | Action::ZoomSpan
                if !matches!(self.shape, Shape::Tree | Shape::Flame) =>
            {
                Some("there is no time axis here; t, L and F go back to the tree")
            }
            Action::ZoomOut | Action::ZoomAll if self.zoom.is_none() && self.zoomed == 0 => {
                Some("all of the time is shown")
            }
            Action::FoldOut if self.shape == Shape::Tree => match self.row_of_cursor(data) {
                Some(row) if self.can_fold_out(data, row) => None,
                _ => Some("nothing is around this"),
            },
            _ => None,
        }
    }

    /// What the copy menu would copy.
    pub fn yanked(&self, action: Action) -> Option<String> {
        match action {
            Action::YankTrace => Some(self.id.to_hex()),
            Action::YankSpan => self.here().map(|(span, _)| span.to_hex()),
            Action::YankEvent => {
                let data = self.data.as_ref()?;
                Some(detail::as_text(data, self.cursor))
            }
            _ => None,
        }
    }
}

fn needs_trace(action: Action) -> bool {
    matches!(
        action,
        Action::Next
            | Action::Previous
            | Action::Into
            | Action::Out
            | Action::NextInService
            | Action::PreviousInService
            | Action::NextError
            | Action::PreviousError
            | Action::ErrorOrigin
            | Action::NextSibling
            | Action::PreviousSibling
            | Action::Fold
            | Action::FoldAll
            | Action::FoldOut
            | Action::FoldIn
            | Action::ZoomIn
            | Action::ZoomOut
            | Action::ZoomAll
            | Action::ZoomSpan
            | Action::Find
            | Action::CausalList
            | Action::Lanes
            | Action::Flame
            | Action::LogLevel
            | Action::Yank
    )
}
