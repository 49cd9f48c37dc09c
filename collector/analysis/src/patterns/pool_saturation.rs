//! Calls that wait for a free connection or worker.

use std::collections::BTreeMap;

use super::call::callee;
use super::{Detector, Found, View, duration};

/// Many calls at once of which only a few are ever handled at once, while the rest wait.
pub(super) struct PoolSaturation;

/// What names of spans that wait for a pool contain.
const WORDS: [&str; 5] = [
    "getconnection",
    "get_connection",
    "acquire",
    "pool.wait",
    "checkout connection",
];

impl Detector for PoolSaturation {
    fn name(&self) -> &'static str {
        "pool_saturation"
    }

    fn about(&self) -> &'static str {
        "calls wait for a free connection or worker"
    }

    fn cure(&self) -> &'static str {
        "a larger pool where the callee can take it, shorter holds, fewer calls at once"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let trace = view.trace;
        let mut pairs: BTreeMap<(u32, u32), Vec<(u32, u32)>> = BTreeMap::new();
        let mut waits: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for span in 0..trace.len() {
            if let Some(server) = callee(trace, span)
                && view.call(span).is_some()
            {
                let pair = (trace.service_symbol(span), trace.service_symbol(server));
                pairs.entry(pair).or_default().push((span, server));
            }
            let name = trace.name(span).to_ascii_lowercase();
            if view.length_ns(span) >= view.settings.pool_wait_ns
                && WORDS.iter().any(|word| name.contains(word))
            {
                let service = trace.service_symbol(span);
                waits.entry(service).or_default().push(span);
            }
        }
        let plateaus = pairs
            .into_values()
            .filter_map(|calls| plateau(view, &calls));
        let named = waits
            .into_values()
            .filter_map(|spans| named_waits(view, spans));
        plateaus.chain(named).collect()
    }
}

/// Twice as many calls under way as are ever handled, with waits that grow.
fn plateau(view: &View<'_>, calls: &[(u32, u32)]) -> Option<Found> {
    if calls.len() < view.settings.pool_call_count {
        return None;
    }
    let interval = |span: u32| (view.start_ns(span), view.end_ns(span));
    let under_way = concurrency(calls.iter().map(|(client, _)| interval(*client)));
    let handled = concurrency(calls.iter().map(|(_, server)| interval(*server)));
    let wait = |(client, server): &(u32, u32)| {
        view.start_ns(*server)
            .saturating_sub(view.start_ns(*client))
    };
    let waiting: Vec<&(u32, u32)> = calls
        .iter()
        .filter(|call| wait(call) >= view.settings.pool_wait_ns)
        .collect();
    let first = calls.iter().map(wait).min().unwrap_or(0);
    let last = calls.iter().map(wait).max().unwrap_or(0);
    let grows = last >= view.settings.pool_wait_ns && last / 4 >= first;
    if under_way < handled * 2 || waiting.len() < 2 || !grows {
        return None;
    }
    let (client, server) = calls.first()?;
    Some(Found {
        what: format!(
            "{} has {under_way} calls to {} under way, of which {handled} are handled at once",
            view.trace.service(*client),
            view.trace.service(*server)
        ),
        cost_ns: calls
            .iter()
            .map(|call| wait(call).min(view.path.path_ns(call.0)))
            .sum(),
        evidence: vec![
            format!("{} calls wait, up to {}", waiting.len(), duration(last)),
            format!("never more than {handled} at once reach the callee"),
        ],
        spans: calls.iter().map(|(client, _)| *client).collect(),
    })
}

fn named_waits(view: &View<'_>, spans: Vec<u32>) -> Option<Found> {
    let first = *spans.first()?;
    let total: u64 = spans.iter().map(|span| view.length_ns(*span)).sum();
    Some(Found {
        what: format!(
            "{} waits {} for a connection",
            view.trace.service(first),
            duration(total)
        ),
        cost_ns: spans.iter().map(|span| view.path_below_ns(*span)).sum(),
        evidence: vec![format!(
            "{} spans that say so, such as {}",
            spans.len(),
            view.trace.name(first)
        )],
        spans,
    })
}

/// How many of the intervals overlap at most.
fn concurrency(intervals: impl Iterator<Item = (u64, u64)>) -> usize {
    let mut bounds: Vec<(u64, bool)> = intervals
        .flat_map(|(start, end)| [(start, true), (end, false)])
        .collect();
    // At one moment, ends come before starts: `false` sorts first.
    bounds.sort_unstable();
    let mut open = 0_usize;
    let mut most = 0;
    for (_, opens) in bounds {
        open = if opens {
            open + 1
        } else {
            open.saturating_sub(1)
        };
        most = most.max(open);
    }
    most
}
