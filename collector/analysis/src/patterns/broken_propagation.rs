//! Parts of a request that lost their parent.

use std::collections::BTreeMap;

use spanwalk_model::SpanKind;

use super::call::{callee, named_target};
use super::{Detector, Found, View};

/// Roots beside the root: spans whose parent is not stored, and second roots.
pub(super) struct BrokenPropagation;

/// A call and a root that it may have led to start within this time, nanoseconds.
const MATCH_NS: u64 = 20_000_000;

impl Detector for BrokenPropagation {
    fn name(&self) -> &'static str {
        "broken_propagation"
    }

    fn about(&self) -> &'static str {
        "spans have lost their parent on the way between services"
    }

    fn cure(&self) -> &'static str {
        "pass the trace context on with every call and message, and export what it names"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let trace = view.trace;
        let main = trace.root();
        let others: Vec<u32> = trace
            .roots()
            .iter()
            .copied()
            .filter(|root| Some(*root) != main)
            .collect();
        let mut groups: BTreeMap<(u32, bool), Vec<u32>> = BTreeMap::new();
        for root in others {
            let has_lost = trace
                .span(root)
                .is_some_and(|scoped| scoped.item.parent_span_id.is_some());
            // A consumer may begin anew and link to where its message came from.
            let is_linked = trace
                .span(root)
                .is_some_and(|scoped| !scoped.item.links.is_empty());
            if !is_linked {
                let key = (trace.service_symbol(root), has_lost);
                groups.entry(key).or_default().push(root);
            }
        }
        groups
            .into_iter()
            .map(|((_, has_lost), roots)| told(view, has_lost, roots))
            .collect()
    }
}

fn told(view: &View<'_>, has_lost: bool, roots: Vec<u32>) -> Found {
    let service = roots.first().map_or("", |root| view.trace.service(*root));
    let count = roots.len();
    let spans = if count == 1 { "span" } else { "spans" };
    let what = if has_lost {
        format!("{count} {spans} of {service} name a parent that is not stored")
    } else {
        format!("{count} {spans} of {service} begin anew within the request")
    };
    let mut evidence = vec![format!("{} roots in the trace", view.trace.roots().len())];
    if let Some(caller) = roots.iter().find_map(|root| likely_caller(view, *root)) {
        evidence.push(format!(
            "{} made a call to it at that moment whose callee is missing",
            view.trace.service(caller)
        ));
    }
    Found {
        what,
        spans: roots,
        cost_ns: 0,
        evidence,
    }
}

/// A call without a callee that names the root's service and started just before it.
fn likely_caller(view: &View<'_>, root: u32) -> Option<u32> {
    let trace = view.trace;
    let service = trace.service(root);
    (0..trace.len()).find(|span| {
        trace.kind(*span) == SpanKind::Client
            && callee(trace, *span).is_none()
            && trace
                .span(*span)
                .and_then(|scoped| named_target(&scoped.item.attributes))
                == Some(service)
            && view.start_ns(*span).abs_diff(view.start_ns(root)) <= MATCH_NS
    })
}
