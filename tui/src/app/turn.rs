//! What a screen may use and leave behind while it handles one message.

use super::{Effect, Place, RequestId, Toast};
use crate::theme::ServiceMarks;

/// One message being handled.
#[derive(Debug)]
pub struct Turn<'a> {
    /// The time, nanoseconds since the epoch.
    pub now_ns: u64,
    /// The terminal's columns and rows.
    pub size: (u16, u16),
    /// The marks of services.
    pub marks: &'a mut ServiceMarks,
    /// Where to go when the message is handled.
    pub go: Option<Place>,
    /// Whether to leave the screen.
    pub leave: bool,
    /// What to say in the last row.
    pub toast: Option<Toast>,
    last_request: &'a mut u64,
    effects: &'a mut Vec<Effect>,
}

impl<'a> Turn<'a> {
    /// A turn that numbers its requests after the last one and adds to these effects.
    pub fn new(
        now_ns: u64,
        size: (u16, u16),
        marks: &'a mut ServiceMarks,
        last_request: &'a mut u64,
        effects: &'a mut Vec<Effect>,
    ) -> Self {
        Self {
            now_ns,
            size,
            marks,
            go: None,
            leave: false,
            toast: None,
            last_request,
            effects,
        }
    }

    /// Asks for something under a new request number.
    pub fn ask(&mut self, effect: impl FnOnce(RequestId) -> Effect) -> RequestId {
        *self.last_request += 1;
        let request = RequestId(*self.last_request);
        self.effects.push(effect(request));
        request
    }

    /// Does something that has no answer.
    pub fn emit(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Cancels the request where there is one.
    pub fn cancel(&mut self, request: &mut Option<RequestId>) {
        if let Some(request) = request.take() {
            self.effects.push(Effect::Cancel(request));
        }
    }

    /// Asks to be woken.
    pub fn wake(&mut self, after_ms: u64) -> RequestId {
        self.ask(|request| Effect::Wake { request, after_ms })
    }
}
