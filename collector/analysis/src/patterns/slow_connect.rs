//! Time that goes by before a call reaches its callee: names, connections, handshakes.

use std::collections::BTreeMap;

use super::call::callee;
use super::{Detector, Found, View, duration};

/// First calls that wait much longer than those after them, and spans of connecting itself.
pub(super) struct SlowConnect;

/// What names of spans that connect contain.
const WORDS: [&str; 5] = ["dns", "tcp.connect", "tcp connect", "tls", "handshake"];

impl Detector for SlowConnect {
    fn name(&self) -> &'static str {
        "slow_connect"
    }

    fn about(&self) -> &'static str {
        "a call loses time before it reaches its callee: name, connection, handshake"
    }

    fn cure(&self) -> &'static str {
        "keep connections open and warm, share one client, cache names"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let trace = view.trace;
        let mut pairs: BTreeMap<(u32, u32), Vec<(u32, u64)>> = BTreeMap::new();
        let mut found = Vec::new();
        for span in 0..trace.len() {
            if let Some(server) = callee(trace, span)
                && view.call(span).is_some()
            {
                let pair = (trace.service_symbol(span), trace.service_symbol(server));
                let wait = view.start_ns(server).saturating_sub(view.start_ns(span));
                pairs.entry(pair).or_default().push((span, wait));
            }
            let name = trace.name(span).to_ascii_lowercase();
            let length = view.length_ns(span);
            if length >= view.settings.connect_ns && WORDS.iter().any(|word| name.contains(word)) {
                found.push(Found {
                    what: format!(
                        "{} spends {} on {name}",
                        trace.service(span),
                        duration(length)
                    ),
                    spans: vec![span],
                    cost_ns: view.path_below_ns(span),
                    evidence: vec![format!("a span of its own of {}", duration(length))],
                });
            }
        }
        found.extend(
            pairs
                .into_values()
                .filter_map(|calls| first_call(view, &calls)),
        );
        found
    }
}

/// The first call of a pair, where it waits many times as long as is usual.
fn first_call(view: &View<'_>, calls: &[(u32, u64)]) -> Option<Found> {
    let trace = view.trace;
    let ((first, wait), others) = calls
        .split_first()
        .map(|(first, others)| (*first, others))?;
    let server = callee(trace, first)?;
    // Only the first one waits: the others, of which there must be some, do not. Where other
    // requests are known, it must be unusual among them too.
    let of_others = others.iter().map(|(_, wait)| *wait).max();
    let of_baseline = view
        .baseline
        .wait_max_ns(trace.service(first), trace.service(server));
    if of_baseline.is_some_and(|most| wait <= most) {
        return None;
    }
    let usual = of_others.filter(|_| others.len() >= 2).or(of_baseline)?;
    let least = usual
        .saturating_mul(view.settings.connect_factor)
        .max(view.settings.connect_ns);
    (wait >= least).then(|| Found {
        what: format!(
            "the first call from {} to {} takes {} to arrive",
            trace.service(first),
            trace.service(server),
            duration(wait)
        ),
        spans: vec![first, server],
        cost_ns: wait.min(view.path.path_ns(first)),
        evidence: vec![format!("usual are {}", duration(usual))],
    })
}
