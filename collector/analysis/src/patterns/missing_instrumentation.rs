//! Calls to a service that usually tells of itself and here does not.

use std::collections::BTreeMap;

use spanwalk_model::SpanKind;

use super::call::{callee, database, named_target};
use super::{Detector, Found, View, duration};

/// Client spans without a callee, to services that emit spans elsewhere.
pub(super) struct MissingInstrumentation;

impl Detector for MissingInstrumentation {
    fn name(&self) -> &'static str {
        "missing_instrumentation"
    }

    fn about(&self) -> &'static str {
        "a call leads to a service that emits spans elsewhere, and here there are none"
    }

    fn cure(&self) -> &'static str {
        "instrument that entry of the callee, or see why its spans are sampled out or lost"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let trace = view.trace;
        let mut by_pair: BTreeMap<(u32, &str), Vec<u32>> = BTreeMap::new();
        for span in 0..trace.len() {
            let Some(scoped) = trace.span(span) else {
                continue;
            };
            let attributes = &scoped.item.attributes;
            if trace.kind(span) != SpanKind::Client
                || callee(trace, span).is_some()
                || database(attributes).is_some()
                // What failed may never have arrived.
                || view.is_failing(span)
            {
                continue;
            }
            let Some(target) = named_target(attributes) else {
                continue;
            };
            let is_known = trace.services().iter().any(|service| service == target)
                || view.baseline.emits(target);
            if is_known && target != trace.service(span) {
                let key = (trace.service_symbol(span), target);
                by_pair.entry(key).or_default().push(span);
            }
        }
        by_pair
            .into_iter()
            .filter_map(|((_, target), spans)| {
                let caller = trace.service(*spans.first()?);
                let cost_ns = spans.iter().map(|span| view.path_below_ns(*span)).sum();
                let calls = if spans.len() == 1 { "call" } else { "calls" };
                Some(Found {
                    what: format!(
                        "{} {calls} from {caller} to {target} show nothing of {target}",
                        spans.len()
                    ),
                    cost_ns,
                    evidence: vec![
                        format!("{target} emits spans elsewhere"),
                        format!("{} of the path are dark", duration(cost_ns)),
                    ],
                    spans,
                })
            })
            .collect()
    }
}
