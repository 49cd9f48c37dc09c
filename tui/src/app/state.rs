//! All that the UI knows.

use jiff::tz::TimeZone;
use spanwalk_api::Status;

use super::{History, Options, Overlay, Place, Toast};
use crate::action::{Action, Context, Key};
use crate::theme::{Glyphs, ServiceMarks, Theme};

/// All that the UI knows. Changed by [`super::update()`] alone.
#[derive(Debug)]
pub struct State {
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// The time of the last message, nanoseconds since the epoch.
    pub now_ns: u64,
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// The styles.
    pub theme: Theme,
    /// The characters of lines, bars and marks.
    pub glyphs: Glyphs,
    /// Two letters and a hue for each service seen.
    pub marks: ServiceMarks,
    /// The screens.
    pub history: History,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// Words in the last row until the next key.
    pub toast: Option<Toast>,
    /// The first key of a sequence, waiting for the second.
    pub prefix: Option<Key>,
    /// What the collector last said about itself.
    pub status: Option<Status>,
    /// Whether the user has left.
    pub leaving: bool,
    /// The number of the last request.
    pub(super) last_request: u64,
}

impl State {
    /// The state at the start, before anything was asked.
    pub fn new(start: &Place, options: &Options, zone: TimeZone, size: (u16, u16)) -> Self {
        let notice = Some(&options.notice).filter(|notice| !notice.is_empty());
        Self {
            size,
            now_ns: 0,
            zone,
            theme: Theme::new(options.color),
            glyphs: Glyphs::new(options.ascii),
            marks: ServiceMarks::default(),
            history: History::new(start),
            overlay: None,
            toast: notice.map(Toast::problem),
            prefix: None,
            status: None,
            leaving: false,
            last_request: 0,
        }
    }

    /// Where keys are looked up now, the first context first.
    pub fn contexts(&self) -> Vec<Context> {
        match self.overlay {
            Some(Overlay::Help { .. } | Overlay::Palette { .. }) => vec![Context::Edit],
            Some(Overlay::Yank) => vec![Context::YankMenu],
            None => self.history.current().contexts(),
        }
    }

    /// Why an action cannot be had now; `None` where it can.
    pub fn why_off(&self, action: Action) -> Option<&'static str> {
        match action {
            Action::HistoryForward
                if !self.history.can_go_forward() && !self.history.current().can_go_forward() =>
            {
                Some("nothing to go forward to")
            }
            Action::HistoryBack
                if !self.history.can_go_back() && !self.history.current().can_go_back() =>
            {
                Some("nothing to go back to")
            }
            _ => self.history.current().why_off(action),
        }
    }
}
