//! Which children a span waits for, and where messages came from.

use spanwalk_model::trace::Trace;
use spanwalk_model::{SpanId, SpanKind, TraceId};

/// How far up a reply is looked for; deeper nesting is not a conversation.
const REPLY_HOPS_MAX: usize = 64;

/// Where the work of a consumer came from: one of its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Upstream {
    /// The span that carries the link.
    pub span: u32,
    /// The trace that the link leads to.
    pub trace_id: TraceId,
    /// The span that the link leads to.
    pub span_id: SpanId,
    /// That span's index, where it is stored in this trace.
    pub known: Option<u32>,
}

/// The links of a span, each an upstream path of its own, as batch consumers have them.
pub(super) fn upstream(trace: &Trace, span: u32) -> impl Iterator<Item = Upstream> + '_ {
    trace
        .span(span)
        .into_iter()
        .flat_map(|scoped| &scoped.item.links)
        .map(move |link| Upstream {
            span,
            trace_id: link.trace_id,
            span_id: link.span_id,
            known: trace
                .index_of(link.span_id)
                .filter(|_| trace.trace_id() == Some(link.trace_id)),
        })
}

/// For each span whether its parent goes on without it: a message's consumer, and what is
/// said to follow from its parent. A consumer whose answer comes back to the sender's service
/// as a message of its own, while the parent still runs, is waited for.
pub(super) fn asynchronous(trace: &Trace) -> Vec<bool> {
    let mut flags: Vec<bool> = (0..trace.len())
        .map(|span| is_sent_away(trace, span))
        .collect();
    for span in 0..trace.len() {
        if trace.kind(span) == SpanKind::Consumer
            && let Some(answered) = answered_by(trace, span)
            && let Some(flag) = flags.get_mut(answered as usize)
        {
            *flag = false;
        }
    }
    flags
}

fn is_sent_away(trace: &Trace, span: u32) -> bool {
    let Some(parent) = trace.parent(span) else {
        return false;
    };
    if trace.kind(span) == SpanKind::Consumer {
        return true;
    }
    let is_handed_over = trace.kind(parent) == SpanKind::Producer
        && trace.service_symbol(parent) != trace.service_symbol(span);
    is_handed_over || follows_from(trace, span, parent)
}

/// A reference that says so, as the `OpenTracing` shim writes it into links.
fn follows_from(trace: &Trace, span: u32, parent: u32) -> bool {
    let parent_id = trace.span(parent).map(|scoped| scoped.item.span_id);
    trace.span(span).is_some_and(|scoped| {
        scoped.item.links.iter().any(|link| {
            Some(link.span_id) == parent_id
                && link.attributes.get_str("opentracing.ref_type") == Some("follows_from")
        })
    })
}

/// The consumer above `reply` that was sent work by the reply's own service and whose sender
/// still ran when the reply had been read.
fn answered_by(trace: &Trace, reply: u32) -> Option<u32> {
    let service = trace.service_symbol(reply);
    let mut ancestors = trace.ancestors(reply).take(REPLY_HOPS_MAX);
    ancestors.find(|ancestor| {
        trace.kind(*ancestor) == SpanKind::Consumer
            && trace.parent(*ancestor).is_some_and(|sender| {
                trace.service_symbol(sender) == service
                    && trace.span_end_ns(sender) >= trace.span_end_ns(reply)
            })
    })
}
