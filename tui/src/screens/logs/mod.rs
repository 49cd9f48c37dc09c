//! The log list: a query, the records that match, newest first, and one of them whole.

mod update;
mod view;

use spanwalk_api::{Completeness, LogEntry};

use crate::action::{Action, Context};
use crate::app::{Failure, Place, RequestId};
use crate::widgets::query_bar::QueryBar;
use crate::widgets::rows::Rows;

pub(super) use update::scroll;
pub(super) use view::level_word;

/// The log list.
#[derive(Debug, Default)]
pub struct Logs {
    query: QueryBar,
    list: Vec<LogEntry>,
    completeness: Completeness,
    next_cursor: Option<String>,
    notes: Vec<String>,
    rows: Rows,
    /// Whether keys scroll the record and not the list.
    in_detail: bool,
    detail_offset: usize,
    asked: Option<(RequestId, bool)>,
    failure: Option<Failure>,
    loaded: bool,
}

impl Logs {
    /// The list of a query, not yet loaded.
    pub fn new(query: &str) -> Self {
        Self {
            query: QueryBar::new(query),
            ..Self::default()
        }
    }

    /// Where this is.
    pub fn place(&self) -> Place {
        Place::Logs {
            query: self.query.applied().to_owned(),
        }
    }

    /// Where keys are looked up.
    pub fn contexts(&self) -> Vec<Context> {
        if self.query.is_editing() {
            vec![Context::Edit]
        } else {
            vec![Context::Logs]
        }
    }

    /// Why an action cannot be had now.
    pub fn why_off(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::Open | Action::Yank if self.list.is_empty() => {
                Some("there is no log record in the list")
            }
            Action::Open if self.selected().is_some_and(|log| log.trace_id.is_none()) => {
                Some("this record names no trace")
            }
            _ => None,
        }
    }

    /// What the copy menu would copy.
    pub fn yanked(&self, action: Action) -> Option<String> {
        let log = self.selected()?;
        match action {
            Action::YankTrace => log.trace_id.clone(),
            Action::YankSpan => log.span_id.clone(),
            Action::YankEvent => Some(format!("{} {} {}", log.level, log.service, log.body)),
            _ => None,
        }
    }

    fn selected(&self) -> Option<&LogEntry> {
        self.list.get(self.rows.selected)
    }
}
