//! Moves along a walk as a debugger does along a program. Every step says where it leads, or
//! that it leads nowhere.

use spanwalk_model::SpanKind;
use spanwalk_model::trace::Trace;

use super::{EventKind, Walk};

impl Walk {
    /// The next event.
    pub fn next(&self, position: u32) -> Option<u32> {
        position.checked_add(1).filter(|next| *next < self.len())
    }

    /// The event before.
    pub fn previous(&self, position: u32) -> Option<u32> {
        position
            .checked_sub(1)
            .filter(|previous| *previous < self.len())
    }

    /// Into the next call that the event's span makes: the start of its first child that
    /// starts behind this position; through the client half of a call at once to the server
    /// half, where that is stored.
    pub fn into_call(&self, trace: &Trace, position: u32) -> Option<u32> {
        let span = self.event(position)?.span()?;
        let child = trace
            .children(span)
            .iter()
            .copied()
            .filter_map(|child| Some((self.span_start(child)?, child)))
            .filter(|(start, _)| *start > position)
            .min()?;
        let callee = trace.children(child.1).iter().copied().find(|callee| {
            trace.kind(child.1) == SpanKind::Client && trace.service(*callee) != trace.service(span)
        });
        callee
            .and_then(|callee| self.span_start(callee))
            .or(Some(child.0))
    }

    /// Out to the caller, at the moment it goes on: the first event of an ancestor behind the
    /// end of this event's span, else the ancestor's end.
    pub fn out(&self, trace: &Trace, position: u32) -> Option<u32> {
        let span = self.event(position)?.span()?;
        let end = self.span_end(span)?;
        let parent = trace.parent(span)?;
        let parent_end = self.span_end(parent)?;
        let behind = end.max(position).checked_add(1)?;
        (behind..=parent_end.max(behind))
            .find(|candidate| {
                self.event(*candidate)
                    .is_some_and(|event| event.span == parent)
            })
            .or(Some(parent_end))
    }

    /// The end of the event's span.
    pub fn finish(&self, position: u32) -> Option<u32> {
        let span = self.event(position)?.span()?;
        self.span_end(span).filter(|end| *end > position)
    }

    /// The start of the next child of the same parent.
    pub fn next_sibling(&self, trace: &Trace, position: u32) -> Option<u32> {
        self.sibling(trace, position, 1)
    }

    /// The start of the previous child of the same parent.
    pub fn previous_sibling(&self, trace: &Trace, position: u32) -> Option<u32> {
        self.sibling(trace, position, -1)
    }

    fn sibling(&self, trace: &Trace, position: u32, by: isize) -> Option<u32> {
        let span = self.event(position)?.span()?;
        let siblings = match trace.parent(span) {
            Some(parent) => trace.children(parent),
            None => trace.roots(),
        };
        let place = siblings.iter().position(|sibling| *sibling == span)?;
        let sibling = siblings.get(place.checked_add_signed(by)?)?;
        self.span_start(*sibling)
    }

    /// The next event of the same service.
    pub fn next_in_service(&self, trace: &Trace, position: u32) -> Option<u32> {
        let service = self.service(trace, position)?;
        (position.checked_add(1)?..self.len())
            .find(|candidate| self.service(trace, *candidate) == Some(service))
    }

    /// The previous event of the same service.
    pub fn previous_in_service(&self, trace: &Trace, position: u32) -> Option<u32> {
        let service = self.service(trace, position)?;
        (0..position.min(self.len()))
            .rev()
            .find(|candidate| self.service(trace, *candidate) == Some(service))
    }

    /// The service that an event belongs to.
    pub fn service<'a>(&self, trace: &'a Trace, position: u32) -> Option<&'a str> {
        let event = self.event(position)?;
        match event.kind {
            EventKind::Log => trace
                .log(event.sub_index)
                .map(|log| log.resource.service_name()),
            _ => event.span().map(|span| trace.service(span)),
        }
    }

    /// The next failure.
    pub fn next_error(&self, position: u32) -> Option<u32> {
        (position.checked_add(1)?..self.len()).find(|candidate| self.is_error(*candidate))
    }

    /// The previous failure.
    pub fn previous_error(&self, position: u32) -> Option<u32> {
        (0..position.min(self.len()))
            .rev()
            .find(|candidate| self.is_error(*candidate))
    }
}
