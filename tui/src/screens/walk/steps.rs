//! Where steps lead from an event.

use spanwalk_analysis::walk::EventKind;

use super::WalkData;
use crate::text::sanitize;

impl WalkData {
    /// Into the next span called from here.
    pub fn step_into(&self, at: usize) -> Option<usize> {
        stepped(at, |position| self.walk().into_call(self.trace(), position))
    }

    /// Out to the caller, at the moment it goes on.
    pub fn step_out(&self, at: usize) -> Option<usize> {
        stepped(at, |position| self.walk().out(self.trace(), position))
    }

    /// The next or previous event of the same service.
    pub fn in_service(&self, at: usize, forward: bool) -> Option<usize> {
        stepped(at, |position| {
            if forward {
                self.walk().next_in_service(self.trace(), position)
            } else {
                self.walk().previous_in_service(self.trace(), position)
            }
        })
    }

    /// The next or previous failure.
    pub fn error(&self, at: usize, forward: bool) -> Option<usize> {
        stepped(at, |position| {
            if forward {
                self.walk().next_error(position)
            } else {
                self.walk().previous_error(position)
            }
        })
    }

    /// The start of the next or previous span with the same parent.
    pub fn sibling(&self, at: usize, forward: bool) -> Option<usize> {
        stepped(at, |position| {
            if forward {
                self.walk().next_sibling(self.trace(), position)
            } else {
                self.walk().previous_sibling(self.trace(), position)
            }
        })
    }

    /// Events whose text, service or attributes hold the text, in any case.
    pub(super) fn find(&self, text: &str) -> Vec<u32> {
        if text.is_empty() {
            return Vec::new();
        }
        let wanted = text.to_lowercase();
        (0u32..)
            .take(self.event_count())
            .filter(|index| self.event_holds(*index as usize, &wanted))
            .collect()
    }

    fn event_holds(&self, index: usize, wanted: &str) -> bool {
        let Some(event) = self.event(index) else {
            return false;
        };
        // A span is found once, at its start.
        if event.kind == EventKind::SpanEnd {
            return false;
        }
        let by_service = event.kind == EventKind::SpanStart && holds(event.service, wanted);
        if by_service || holds(&self.text(index), wanted) {
            return true;
        }
        let attributes = match event.kind {
            EventKind::SpanStart => self
                .scoped_span(event.span)
                .map(|span| &span.item.attributes),
            EventKind::SpanEvent => self
                .scoped_span(event.span)
                .and_then(|span| span.item.events.get(event.item as usize))
                .map(|event| &event.attributes),
            EventKind::Log => self.scoped_log(event.item).map(|log| &log.item.attributes),
            EventKind::SpanEnd => None,
        };
        attributes.into_iter().flatten().any(|entry| {
            holds(&entry.key, wanted)
                || match &entry.value {
                    spanwalk_model::Value::String(text) => holds(text, wanted),
                    other => holds(&other.to_string(), wanted),
                }
        })
    }
}

/// Whether the text holds the wanted one, which is in lower case.
fn holds(text: &str, wanted: &str) -> bool {
    if text.len() < wanted.len() {
        return false;
    }
    if text.is_ascii() && wanted.is_ascii() {
        return text
            .as_bytes()
            .windows(wanted.len())
            .any(|window| window.eq_ignore_ascii_case(wanted.as_bytes()));
    }
    let shown = sanitize(text);
    text.to_lowercase().contains(wanted) || shown.to_lowercase().contains(wanted)
}

fn stepped(at: usize, step: impl Fn(u32) -> Option<u32>) -> Option<usize> {
    let position = u32::try_from(at).ok()?;
    step(position).map(|position| position as usize)
}
