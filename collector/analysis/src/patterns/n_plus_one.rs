//! One call per row of a list, one behind the other.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::{Detector, Found, View, duration};

/// Equal calls of one parent in sequence, with parameters that differ.
pub(super) struct NPlusOne;

impl Detector for NPlusOne {
    fn name(&self) -> &'static str {
        "n_plus_one"
    }

    fn about(&self) -> &'static str {
        "the same question is asked once per item, one behind the other"
    }

    fn cure(&self) -> &'static str {
        "ask once for all items: a join, an IN list, a batch endpoint or a data loader"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for parent in view.parents() {
            if view.trace.children(parent).len() < view.settings.n_plus_one_call_count {
                continue;
            }
            for calls in view.equal_calls(parent).into_values() {
                let parameters: Vec<u64> = calls
                    .iter()
                    .filter_map(|(_, call)| call.parameters)
                    .collect();
                let distinct: HashSet<u64, RandomState> = parameters.iter().copied().collect();
                // Equal parameters are duplicate work, and unknown ones may differ.
                if !parameters.is_empty() && distinct.len() * 2 < parameters.len() {
                    continue;
                }
                let spans = in_sequence(view, calls.iter().map(|(span, _)| *span));
                found.extend(judge(view, parent, &spans));
            }
        }
        found
    }
}

/// The spans that start when the one before has ended.
fn in_sequence(view: &View<'_>, spans: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut until = 0;
    spans
        .filter(|span| {
            let follows = view.start_ns(*span) >= until;
            if follows {
                until = view.end_ns(*span);
            }
            follows
        })
        .collect()
}

fn judge(view: &View<'_>, parent: u32, spans: &[u32]) -> Option<Found> {
    let settings = view.settings;
    let total: u64 = spans.iter().map(|span| view.length_ns(*span)).sum();
    let share = total.saturating_mul(100) / view.length_ns(parent).max(1);
    let is_long =
        total >= settings.n_plus_one_total_ns || share >= settings.n_plus_one_parent_percent;
    if spans.len() < settings.n_plus_one_call_count || !is_long {
        return None;
    }
    let call = view.call(*spans.first()?)?;
    // Where nothing says what is asked, it may be something else each time.
    if view.called(call.statement).trim().is_empty() {
        return None;
    }
    Some(Found {
        what: format!(
            "{} asks {} times, one behind the other: {}",
            view.trace.service(parent),
            spans.len(),
            view.describe(call)
        ),
        cost_ns: view.saving_but_one_ns(spans),
        evidence: vec![
            format!("{} calls in sequence under one span", spans.len()),
            format!("together {}, {share} % of the parent", duration(total)),
        ],
        spans: spans.to_vec(),
    })
}
