//! Two services that talk very often in one request.

use std::collections::BTreeMap;

use super::{Detector, Found, View, duration};

/// Many calls from one service to another, wherever in the request.
pub(super) struct ChattyPair;

impl Detector for ChattyPair {
    fn name(&self) -> &'static str {
        "chatty_pair"
    }

    fn about(&self) -> &'static str {
        "one service asks another very often in one request"
    }

    fn cure(&self) -> &'static str {
        "move the loop to where the data is, or offer one call that answers all of it"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let trace = view.trace;
        let mut pairs: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for child in 0..trace.len() {
            if let Some(parent) = trace.parent(child) {
                let pair = (trace.service_symbol(parent), trace.service_symbol(child));
                if pair.0 != pair.1 {
                    pairs.entry(pair).or_default().push(child);
                }
            }
        }
        pairs
            .into_values()
            .filter_map(|callees| judge(view, &callees))
            .collect()
    }
}

fn judge(view: &View<'_>, callees: &[u32]) -> Option<Found> {
    let trace = view.trace;
    let count = callees.len() as u64;
    let first = *callees.first()?;
    let (caller, callee) = (trace.service(trace.parent(first)?), trace.service(first));
    let usual = view.baseline.calls_max(caller, callee);
    let is_unusual = usual.is_none_or(|usual| count > usual);
    if count < view.settings.chatty_call_count || !is_unusual {
        return None;
    }
    // What each call costs beside the work of the callee: the caller's half of it.
    let callers: Vec<u32> = callees
        .iter()
        .filter_map(|one| trace.parent(*one))
        .collect();
    let mut halves: Vec<u32> = callers
        .into_iter()
        .filter(|span| view.call(*span).is_some())
        .collect();
    halves.dedup();
    let cost_ns = halves.iter().map(|span| view.path.path_ns(*span)).sum();
    let mut evidence = vec![format!("{count} calls in one request")];
    if let Some(usual) = usual {
        evidence.push(format!("other requests have at most {usual}"));
    }
    evidence.push(format!("on the way alone {}", duration(cost_ns)));
    Some(Found {
        what: format!("{caller} asks {callee} {count} times in one request"),
        spans: callees.to_vec(),
        cost_ns,
        evidence,
    })
}
