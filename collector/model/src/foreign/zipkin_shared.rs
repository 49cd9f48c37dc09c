//! Span ids that the two halves of a call share.
//!
//! In Zipkin (after B3 propagation) a server may record its half of a call under the id that
//! the client made. In OpenTelemetry every span has its own id, so the server's half gets
//! one derived from what it has:
//!
//! ```text
//! Zipkin                              here
//! client  id 7, parent 1              client  id 7,  parent 1
//! server  id 7, parent 1, shared      server  id 7', parent 7
//! local   id 9, parent 7, of server   local   id 9,  parent 7'
//! ```
//!
//! A sender may also report a part of its half ahead, without times. Such a row is kept as a
//! moment below the half it belongs to, because it too has the shared id.
//!
//! In what tracers send the halves come in different requests. There a server's half is one
//! where it says so, and hangs below a client's half that is elsewhere; its children are
//! found among the spans of its own request, and others stay below the client's half.
//!
//! Derived ids depend on what stands in the spans alone: reading a file twice gives the same.

use std::collections::{HashMap, HashSet};

use crate::id::{SpanId, TraceId};
use crate::span::SpanKind;
use crate::time::UnixNanos;

use super::atoms::derived_u64;
use super::zipkin_span::ZipkinSpan;

/// Identifies a call.
type CallId = (TraceId, SpanId);

/// Where the halves of a call are to be looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halves {
    /// All that there is has been read.
    Together,
    /// The other half of a call comes elsewhere.
    Apart,
}

/// The two sides of a call whose id they shared.
#[derive(Debug, Default)]
struct Sides {
    clients: Vec<Half>,
    servers: Vec<Half>,
}

/// One side of a call.
#[derive(Debug)]
struct Half {
    service: String,
    address: String,
    /// Its id from here on.
    id: SpanId,
    start_ns: UnixNanos,
}

impl Sides {
    /// The server's half that a child of this service belongs to; `None` where the client
    /// made it. A service that is neither side was called by the server's.
    fn parent_of(&self, child: &ZipkinSpan) -> Option<SpanId> {
        let made_by_client = self
            .clients
            .iter()
            .any(|half| half.service == child.service);
        match (nearest(&self.servers, child), self.servers.as_slice()) {
            (Some(server), _) => Some(server.id),
            (None, [only]) if !made_by_client => Some(only.id),
            (None, _) => None,
        }
    }
}

/// The half of the span's service, of several the one with its address.
fn nearest<'a>(halves: &'a [Half], span: &ZipkinSpan) -> Option<&'a Half> {
    let of_service = || halves.iter().filter(|half| half.service == span.service);
    of_service()
        .find(|half| half.address == span.address)
        .or_else(|| of_service().next())
}

/// Gives the server's half of every shared span its own id, hangs it below the client's
/// half, and the server's children below it.
pub(super) fn split_shared(spans: &mut [ZipkinSpan], places: Halves) {
    let calls = give_own_ids(spans, places);
    for child in spans {
        let Some(parent) = child.span.parent_span_id else {
            continue;
        };
        let halves = calls.get(&(child.span.trace_id, parent));
        let server = halves.and_then(|halves| halves.parent_of(child));
        if server.is_some_and(|server| server != child.span.span_id) {
            child.span.parent_span_id = server;
        }
    }
}

fn give_own_ids(spans: &mut [ZipkinSpan], places: Halves) -> HashMap<CallId, Sides> {
    let mut by_id: HashMap<CallId, Vec<usize>> = HashMap::new();
    let mut shared = HashSet::new();
    for (index, row) in spans.iter().enumerate() {
        let id = (row.span.trace_id, row.span.span_id);
        by_id.entry(id).or_default().push(index);
        if row.is_shared && places == Halves::Apart {
            shared.insert(id);
        }
    }
    by_id.retain(|id, indexes| indexes.len() > 1 || shared.contains(id));
    let mut calls = HashMap::new();
    for (call, indexes) in by_id {
        let halves = split_call(call, &indexes, spans, places);
        calls.insert(call, halves);
    }
    calls
}

/// Splits the rows at these indexes, which all have the call's id.
fn split_call(call: CallId, indexes: &[usize], spans: &mut [ZipkinSpan], places: Halves) -> Sides {
    let is = |index: &usize, test: fn(&ZipkinSpan) -> bool| spans.get(*index).is_some_and(test);
    let (servers, others): (Vec<usize>, Vec<usize>) =
        indexes.iter().partition(|index| is(index, is_server_half));
    let (parts, clients): (Vec<usize>, Vec<usize>) =
        others.iter().partition(|index| is(index, has_no_time));
    let mut halves = Sides::default();
    for index in &clients {
        halves.clients.extend(spans.get(*index).map(half_of));
    }
    for index in servers {
        let Some(server) = spans.get_mut(index) else {
            continue;
        };
        // Without a client's half there is nothing to hang below, and the id is its own.
        let is_elsewhere = places == Halves::Apart && server.is_shared;
        if !clients.is_empty() || is_elsewhere {
            server.span.span_id = derived_id(call, server);
            server.span.parent_span_id = Some(call.1);
        }
        halves.servers.push(half_of(server));
    }
    for index in parts {
        let Some(part) = spans.get_mut(index) else {
            continue;
        };
        let half = nearest(&halves.servers, part).or_else(|| nearest(&halves.clients, part));
        if let Some(half) = half {
            part.span.span_id = derived_id(call, part);
            part.span.parent_span_id = Some(half.id);
            part.span.start_ns = half.start_ns;
            part.span.end_ns = half.start_ns;
        }
    }
    halves
}

fn half_of(row: &ZipkinSpan) -> Half {
    Half {
        service: row.service.clone(),
        address: row.address.clone(),
        id: row.span.span_id,
        start_ns: row.span.start_ns,
    }
}

fn has_no_time(row: &ZipkinSpan) -> bool {
    row.span.start_ns == 0
}

fn is_server_half(half: &ZipkinSpan) -> bool {
    half.is_shared || half.span.kind == SpanKind::Server
}

/// An id of its own for a row, from the call and from what sets the row apart.
fn derived_id((trace, span): CallId, row: &ZipkinSpan) -> SpanId {
    let call = trace.as_bytes().iter().chain(span.as_bytes()).copied();
    let place = row.service.bytes().chain([0]).chain(row.address.bytes());
    let bytes = call.chain(place).chain(row.span.start_ns.to_le_bytes());
    SpanId::from_u64(derived_u64(bytes)).unwrap_or(SpanId::MAX)
}
