//! Who asks whom, how often, how well and how long: over one trace or many.
//!
//! An edge pairs the caller's half of a call with the callee's. Where the callee's half is
//! missing, what the caller says stands for it: a database, a queue, a place outside.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use spanwalk_model::trace::Trace;
use spanwalk_model::{Attributes, Span, SpanKind};

use crate::error_origin::failing_spans;
use crate::latency::Latency;

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeKind {
    /// A service that emits spans.
    Service,
    /// A database, known from what callers say.
    Database,
    /// A queue or topic without a known consumer.
    Messaging,
    /// Something else that emits no spans.
    External,
}

/// A node's identity: what it is and its name.
pub type NodeKey = (NodeKind, String);

/// A service, or what a service asks.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Node {
    /// Its spans; for what emits none, the calls to it.
    pub span_count: u64,
    /// Of these, those that failed.
    pub error_count: u64,
    /// Requests that came from outside: its spans that are roots.
    pub entry_count: u64,
    /// What its requests take: its server and consumer spans, and its roots.
    pub latency: Latency,
}

/// From which sides calls were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Caller and callee emitted spans.
    Both,
    /// Only the caller did.
    CallerOnly,
}

/// Calls from one node to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Edge {
    /// Whether the caller does not wait: a message.
    pub is_asynchronous: bool,
    /// From which sides they were seen.
    pub seen: Seen,
    /// How many calls there were.
    pub call_count: u64,
    /// How many calls there were before sampling, by the thresholds in `tracestate`.
    pub estimated_count: f64,
    /// Of the calls, those of which either half failed.
    pub error_count: u64,
    /// What callers waited.
    pub caller: Latency,
    /// What callees took.
    pub callee: Latency,
    /// What went by outside of the callee, in calls seen from both sides: network and queues;
    /// for messages from sending to handling.
    pub gap: Latency,
}

/// Nodes and edges.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceMap {
    /// By what they are and their names.
    pub nodes: BTreeMap<NodeKey, Node>,
    /// By caller and callee.
    pub edges: BTreeMap<(NodeKey, NodeKey), Edge>,
    /// Traces that it is made of.
    pub trace_count: u64,
    /// Calls that say nothing of whom they ask; they are in no edge.
    pub unknown_callee_count: u64,
    /// The earliest moment of a trace, nanoseconds since the epoch.
    pub start_ns: u64,
    /// The latest moment of a trace, nanoseconds since the epoch.
    pub end_ns: u64,
}

impl ServiceMap {
    /// The map of one trace.
    pub fn of(trace: &Trace) -> Self {
        let mut map = Self::default();
        map.add(trace);
        map
    }

    /// Adds a trace. What an earlier trace could not know, such as that a name outside is
    /// that of a service, is put right by [`ServiceMap::settle`].
    pub fn add(&mut self, trace: &Trace) {
        if trace.is_empty() {
            return;
        }
        self.start_ns = if self.trace_count == 0 {
            trace.start_ns()
        } else {
            self.start_ns.min(trace.start_ns())
        };
        self.end_ns = self.end_ns.max(trace.end_ns());
        self.trace_count += 1;
        let is_failing = failing_spans(trace);
        let fails = |span: u32| is_failing.get(span as usize).copied().unwrap_or(false);
        for span in 0..trace.len() {
            self.add_to_node(trace, span, fails(span));
            let callers = callers(trace, span);
            for caller in callers {
                self.add_pair(trace, caller, span, fails(caller) || fails(span));
            }
            if is_unanswered(trace, span) {
                self.add_unanswered(trace, span, fails(span));
            }
        }
    }

    /// Calls per second of an edge over a window, nanoseconds; zero for no window.
    pub fn rate(edge: &Edge, window_ns: u64) -> f64 {
        if window_ns == 0 {
            0.0
        } else {
            edge.estimated_count / (window_ns as f64 / 1e9)
        }
    }

    /// Gives calls to a name outside to the service of that name, where there is one. Call it
    /// when all traces are added.
    pub fn settle(&mut self) {
        let services: BTreeSet<String> = self
            .nodes
            .keys()
            .filter(|(kind, _)| *kind == NodeKind::Service)
            .map(|(_, name)| name.clone())
            .collect();
        let mistaken: Vec<(NodeKey, NodeKey)> = self
            .edges
            .keys()
            .filter(|(_, to)| to.0 == NodeKind::External && services.contains(&to.1))
            .cloned()
            .collect();
        for key in mistaken {
            let Some(edge) = self.edges.remove(&key) else {
                continue;
            };
            self.nodes.remove(&key.1);
            let service = (NodeKind::Service, key.1.1.clone());
            match self.edges.get_mut(&(key.0.clone(), service.clone())) {
                Some(known) => known.absorb(&edge),
                None => {
                    self.edges.insert((key.0, service), edge);
                }
            }
        }
    }

    fn add_to_node(&mut self, trace: &Trace, span: u32, fails: bool) {
        let key = service_key(trace, span);
        let node = self.nodes.entry(key).or_default();
        node.span_count += 1;
        node.error_count += u64::from(fails);
        let is_root = trace.parent(span).is_none();
        node.entry_count += u64::from(is_root);
        if is_root || matches!(trace.kind(span), SpanKind::Server | SpanKind::Consumer) {
            node.latency.add(length(trace, span));
        }
    }

    fn add_pair(&mut self, trace: &Trace, caller: u32, callee: u32, fails: bool) {
        let is_asynchronous =
            trace.kind(callee) == SpanKind::Consumer || trace.kind(caller) == SpanKind::Producer;
        let key = (service_key(trace, caller), service_key(trace, callee));
        let edge = self.edge(key, is_asynchronous, Seen::Both);
        edge.count(trace, callee, fails);
        edge.callee.add(length(trace, callee));
        let sent = trace.span_end_ns(caller);
        let gap = if is_asynchronous {
            trace.span_start_ns(callee).saturating_sub(sent)
        } else {
            length(trace, caller).saturating_sub(length(trace, callee))
        };
        // A server span that has a child elsewhere is not the caller's half of a call.
        if !matches!(trace.kind(caller), SpanKind::Server | SpanKind::Internal) {
            edge.caller.add(length(trace, caller));
            edge.gap.add(gap);
        }
    }

    fn add_unanswered(&mut self, trace: &Trace, span: u32, fails: bool) {
        let Some(scoped) = trace.span(span) else {
            return;
        };
        let Some(to) = outside(&scoped.item) else {
            self.unknown_callee_count += 1;
            return;
        };
        let node = self.nodes.entry(to.clone()).or_default();
        node.span_count += 1;
        node.error_count += u64::from(fails);
        node.latency.add(length(trace, span));
        let is_asynchronous = trace.kind(span) == SpanKind::Producer;
        let key = (service_key(trace, span), to);
        let edge = self.edge(key, is_asynchronous, Seen::CallerOnly);
        edge.count(trace, span, fails);
        edge.caller.add(length(trace, span));
    }

    fn edge(&mut self, key: (NodeKey, NodeKey), is_asynchronous: bool, seen: Seen) -> &mut Edge {
        self.edges.entry(key).or_insert_with(|| Edge {
            is_asynchronous,
            seen,
            call_count: 0,
            estimated_count: 0.0,
            error_count: 0,
            caller: Latency::default(),
            callee: Latency::default(),
            gap: Latency::default(),
        })
    }
}

impl Edge {
    fn count(&mut self, trace: &Trace, span: u32, fails: bool) {
        self.call_count += 1;
        self.error_count += u64::from(fails);
        self.estimated_count += trace
            .span(span)
            .map_or(1.0, |scoped| adjusted_count(&scoped.item.trace_state));
    }

    fn absorb(&mut self, other: &Self) {
        self.call_count += other.call_count;
        self.estimated_count += other.estimated_count;
        self.error_count += other.error_count;
        self.caller.merge(&other.caller);
        self.callee.merge(&other.callee);
        self.gap.merge(&other.gap);
    }
}

fn service_key(trace: &Trace, span: u32) -> NodeKey {
    (NodeKind::Service, trace.service(span).to_owned())
}

fn length(trace: &Trace, span: u32) -> u64 {
    trace
        .span_end_ns(span)
        .saturating_sub(trace.span_start_ns(span))
}

/// The spans that asked for this one: its parent, where that is another service or the other
/// half of a call; of a consumer without a parent, those that it links to.
fn callers(trace: &Trace, span: u32) -> Vec<u32> {
    if let Some(parent) = trace.parent(span) {
        let is_other = trace.service_symbol(parent) != trace.service_symbol(span);
        let is_half = matches!(
            (trace.kind(parent), trace.kind(span)),
            (SpanKind::Client, SpanKind::Server) | (SpanKind::Producer, SpanKind::Consumer)
        );
        return if is_other || is_half {
            vec![parent]
        } else {
            Vec::new()
        };
    }
    if trace.kind(span) != SpanKind::Consumer {
        return Vec::new();
    }
    let links = trace
        .span(span)
        .into_iter()
        .flat_map(|scoped| &scoped.item.links);
    links
        .filter(|link| Some(link.trace_id) == trace.trace_id())
        .filter_map(|link| trace.index_of(link.span_id))
        .collect()
}

/// Whether a span asks somebody of whom nothing is stored.
fn is_unanswered(trace: &Trace, span: u32) -> bool {
    let asks = matches!(trace.kind(span), SpanKind::Client | SpanKind::Producer)
        || trace
            .span(span)
            .is_some_and(|scoped| database_name(&scoped.item.attributes).is_some());
    asks && !trace.children(span).iter().any(|child| {
        trace.service_symbol(*child) != trace.service_symbol(span)
            || matches!(trace.kind(*child), SpanKind::Server | SpanKind::Consumer)
    })
}

/// Whom a span without an answer asks, by what it says.
fn outside(span: &Span) -> Option<NodeKey> {
    let attributes = &span.attributes;
    if let Some(name) = database_name(attributes) {
        return Some((NodeKind::Database, name));
    }
    let first = |keys: &[&str]| keys.iter().find_map(|key| attributes.get_str(key));
    if let Some(destination) = first(&["messaging.destination.name", "messaging.destination"]) {
        let name = match first(&["messaging.system"]) {
            Some(system) => format!("{system} {destination}"),
            None => destination.to_owned(),
        };
        return Some((NodeKind::Messaging, name));
    }
    let name = first(&[
        "peer.service",
        "server.address",
        "net.peer.name",
        "url.domain",
    ])?;
    Some((NodeKind::External, name.to_owned()))
}

/// A database by its system, and its namespace or address where that is said.
fn database_name(attributes: &Attributes) -> Option<String> {
    let first = |keys: &[&str]| keys.iter().find_map(|key| attributes.get_str(key));
    let system = first(&["db.system.name", "db.system"])?;
    Some(
        match first(&["db.namespace", "db.name", "server.address", "net.peer.name"]) {
            Some(place) => format!("{system} {place}"),
            None => system.to_owned(),
        },
    )
}

/// How many spans one stands for: from the threshold `th` in the `ot` entry of `tracestate`
/// (OpenTelemetry, "Probability sampling"). One where nothing is said.
fn adjusted_count(trace_state: &str) -> f64 {
    let entry = trace_state
        .split(',')
        .find_map(|entry| entry.trim().strip_prefix("ot="));
    let threshold =
        entry.and_then(|entry| entry.split(';').find_map(|field| field.strip_prefix("th:")));
    let Some(digits) = threshold.filter(|digits| (1..=14).contains(&digits.len())) else {
        return 1.0;
    };
    let Ok(number) = u64::from_str_radix(digits, 16) else {
        return 1.0;
    };
    let missing = 14_usize.saturating_sub(digits.len());
    let rejected = (0..missing).fold(number, |number, _| number << 4) as f64;
    let all = (1_u64 << 56) as f64;
    if rejected < all {
        all / (all - rejected)
    } else {
        1.0
    }
}
