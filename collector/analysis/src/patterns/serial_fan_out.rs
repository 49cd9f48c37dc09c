//! Calls to different places made one behind the other.

use std::collections::BTreeSet;

use super::{Detector, Found, View, duration};

/// Sibling calls to different targets in sequence, with no work between them.
pub(super) struct SerialFanOut;

impl Detector for SerialFanOut {
    fn name(&self) -> &'static str {
        "serial_fan_out"
    }

    fn about(&self) -> &'static str {
        "different services are asked one behind the other, without work in between"
    }

    fn cure(&self) -> &'static str {
        "make the calls at once where none needs the answer of another"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for parent in view.parents() {
            let mut run: Vec<u32> = Vec::new();
            for child in view.trace.children(parent).iter().copied() {
                if view.call(child).is_none() {
                    continue;
                }
                if let Some(last) = run.last() {
                    let (ended, starts) = (view.end_ns(*last), view.start_ns(child));
                    let pause = starts.saturating_sub(ended);
                    if starts < ended || pause > view.settings.fan_out_pause_ns {
                        found.extend(judge(view, parent, &run));
                        run.clear();
                    }
                }
                run.push(child);
            }
            found.extend(judge(view, parent, &run));
        }
        found
    }
}

fn judge(view: &View<'_>, parent: u32, run: &[u32]) -> Option<Found> {
    let settings = view.settings;
    let targets: BTreeSet<&str> = run
        .iter()
        .filter_map(|span| view.call(*span))
        .map(|call| view.called(call.target))
        .filter(|target| !target.is_empty())
        .collect();
    // One service asked again and again is another pattern.
    if run.len() < settings.fan_out_call_count || targets.len() < settings.fan_out_call_count {
        return None;
    }
    let lengths = run.iter().map(|span| view.length_ns(*span));
    let longest = lengths.clone().max().unwrap_or(0);
    let saving = lengths.sum::<u64>().saturating_sub(longest);
    let share = saving.saturating_mul(100) / view.length_ns(parent).max(1);
    if saving < settings.fan_out_saving_ns || share < settings.fan_out_saving_percent {
        return None;
    }
    let named: Vec<&str> = targets.iter().copied().take(5).collect();
    Some(Found {
        what: format!(
            "{} asks {} services one behind the other: {}",
            view.trace.service(parent),
            targets.len(),
            named.join(", ")
        ),
        spans: run.to_vec(),
        cost_ns: view.saving_but_one_ns(run),
        evidence: vec![
            format!(
                "{} calls, each within {} after the one before had ended",
                run.len(),
                duration(settings.fan_out_pause_ns)
            ),
            format!("at once they would take {} less", duration(saving)),
        ],
    })
}
