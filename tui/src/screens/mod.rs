//! The screens: a folder each, with state, update and view.

pub mod logs;
pub mod services;
pub mod traces;
pub mod walk;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::action::{Action, Context, Key};
use crate::app::{Place, Reply, RequestId, State, Turn};

/// What opens a place that is written after it.
pub(crate) const OPENED_BY: &str = "spanwalk --place ";

/// Any screen.
#[derive(Debug)]
pub enum Screen {
    /// The trace list.
    Traces(Box<traces::Traces>),
    /// The walk of a trace.
    Walk(Box<walk::WalkScreen>),
    /// The log list.
    Logs(Box<logs::Logs>),
    /// The service list.
    Services(Box<services::Services>),
}

/// Calls the same method of whichever screen it is.
macro_rules! each {
    ($screen:expr, $inner:ident => $call:expr) => {
        match $screen {
            Screen::Traces($inner) => $call,
            Screen::Walk($inner) => $call,
            Screen::Logs($inner) => $call,
            Screen::Services($inner) => $call,
        }
    };
}

impl Screen {
    /// The screen of a place, with nothing loaded.
    pub fn at(place: &Place) -> Self {
        match place {
            Place::Traces { query } => Self::Traces(Box::new(traces::Traces::new(query))),
            Place::Trace {
                id,
                span,
                moment_ns,
            } => Self::Walk(Box::new(walk::WalkScreen::new(*id, *span, *moment_ns))),
            Place::Logs { query } => Self::Logs(Box::new(logs::Logs::new(query))),
            Place::Services => Self::Services(Box::default()),
        }
    }

    /// Where this is; opening it again leads here.
    pub fn place(&self) -> Place {
        each!(self, screen => screen.place())
    }

    /// Where keys are looked up, the first context first.
    pub fn contexts(&self) -> Vec<Context> {
        each!(self, screen => screen.contexts())
    }

    /// The contexts while no line is being typed.
    pub fn resting_contexts(&self) -> Vec<Context> {
        vec![match self {
            Self::Traces(_) => Context::Traces,
            Self::Walk(_) => Context::Walk,
            Self::Logs(_) => Context::Logs,
            Self::Services(_) => Context::Services,
        }]
    }

    /// Why an action cannot be had now; `None` where it can.
    pub fn why_off(&self, action: Action) -> Option<&'static str> {
        each!(self, screen => screen.why_off(action))
    }

    /// The screen came to the front: it loads what it has not.
    pub fn shown(&mut self, turn: &mut Turn<'_>) {
        each!(self, screen => screen.shown(turn));
    }

    /// The screen went behind another: it asks no more.
    pub fn hidden(&mut self, turn: &mut Turn<'_>) {
        each!(self, screen => screen.hidden(turn));
    }

    /// Lets go of loaded data; it loads again when shown.
    pub fn release(&mut self) {
        if let Self::Walk(screen) = self {
            screen.release();
        }
    }

    /// Does an action.
    pub fn act(&mut self, action: Action, turn: &mut Turn<'_>) {
        match action {
            Action::Back => turn.leave = true,
            _ => each!(self, screen => screen.act(action, turn)),
        }
    }

    /// Takes a key that is no action as typing.
    pub fn typed(&mut self, key: Key, turn: &mut Turn<'_>) {
        each!(self, screen => screen.typed(key, turn));
    }

    /// Takes pasted text.
    pub fn pasted(&mut self, text: &str, turn: &mut Turn<'_>) {
        each!(self, screen => screen.pasted(text, turn));
    }

    /// Takes an answer, where the screen waits for this request.
    pub fn answered(&mut self, request: RequestId, reply: &Reply, turn: &mut Turn<'_>) {
        each!(self, screen => screen.answered(request, reply, turn));
    }

    /// Takes a wake-up, where the screen asked for it.
    pub fn woken(&mut self, request: RequestId, turn: &mut Turn<'_>) {
        each!(self, screen => screen.woken(request, turn));
    }

    /// What the action of the copy menu would copy.
    pub fn yanked(&self, action: Action) -> Option<String> {
        if action == Action::YankPlace {
            // A place is written as in a URL, so nothing in it ends the quotes.
            return Some(format!("{OPENED_BY}'{}'", self.place()));
        }
        each!(self, screen => screen.yanked(action))
    }

    /// Whether the cursor has an earlier place on this screen.
    pub fn can_go_back(&self) -> bool {
        matches!(self, Self::Walk(screen) if screen.can_go_back())
    }

    /// Whether the cursor went back on this screen.
    pub fn can_go_forward(&self) -> bool {
        matches!(self, Self::Walk(screen) if screen.can_go_forward())
    }

    /// Brings cursor and window within what is there, for a terminal of this size.
    pub fn settle(&mut self, size: (u16, u16)) {
        each!(self, screen => screen.settle(size));
    }

    /// Draws it.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect, state: &State) {
        each!(self, screen => screen.draw(frame, area, state));
    }
}
