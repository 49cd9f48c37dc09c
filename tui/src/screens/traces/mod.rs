//! The trace list: a query, the traces that match, newest first, and a preview of one.
//!
//! While the list stands at its top it stays live: each second the collector is asked how much
//! it has stored, which is cheap, and the search is asked again where that changed. Nothing is
//! asked while another screen is in front or the program is suspended. Until the cursor is
//! moved it stays on the newest trace; then it stays on its trace.

mod groups;
mod preview;
mod update;
mod view;

use spanwalk_api::{Completeness, TraceSummary};

use crate::action::{Action, Context};
use crate::app::{Failure, Place, RequestId};
use crate::widgets::query_bar::QueryBar;
use crate::widgets::rows::Rows;

/// The trace list.
#[derive(Debug, Default)]
pub struct Traces {
    query: QueryBar,
    list: Vec<TraceSummary>,
    completeness: Completeness,
    next_cursor: Option<String>,
    notes: Vec<String>,
    rows: Rows,
    /// Whether the cursor stays on the newest trace.
    follows: bool,
    asked: Option<(RequestId, Purpose)>,
    failure: Option<Failure>,
    loaded: bool,
    live: Live,
    /// The traces by what they ask for, while that is shown in their place.
    groups: Option<groups::Groups>,
}

/// What a search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// The first page of a query.
    First,
    /// The first page again.
    Again,
    /// The page after the last one loaded.
    More,
}

/// What keeps the list live.
#[derive(Debug, Default)]
struct Live {
    wake: Option<RequestId>,
    status: Option<RequestId>,
    /// Spans and log records stored when the list was last asked for.
    stored: Option<(u64, u64)>,
}

impl Traces {
    /// The list of a query, not yet loaded.
    pub fn new(query: &str) -> Self {
        Self {
            query: QueryBar::new(query),
            follows: true,
            ..Self::default()
        }
    }

    /// Where this is.
    pub fn place(&self) -> Place {
        Place::Traces {
            query: self.query.applied().to_owned(),
        }
    }

    /// Where keys are looked up.
    pub fn contexts(&self) -> Vec<Context> {
        if self.query.is_editing() {
            vec![Context::Edit]
        } else {
            vec![Context::Traces]
        }
    }

    /// Why an action cannot be had now.
    pub fn why_off(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open | Action::Yank | Action::Groups if self.list.is_empty() => {
                Some("there is no trace in the list")
            }
            Action::Yank if self.groups.is_some() => {
                Some("groups have nothing to copy; t goes back to the traces")
            }
            _ => None,
        }
    }

    /// What the copy menu would copy.
    pub fn yanked(&self, action: Action) -> Option<String> {
        let trace = self.selected()?;
        match action {
            Action::YankTrace => Some(trace.trace_id.clone()),
            Action::YankSpan => trace.matched_spans.first().cloned(),
            Action::YankEvent => Some(preview::as_text(trace)),
            _ => None,
        }
    }

    fn selected(&self) -> Option<&TraceSummary> {
        if self.groups.is_some() {
            return None;
        }
        self.list.get(self.rows.selected)
    }

    fn is_live(&self) -> bool {
        self.rows.offset == 0
    }
}
