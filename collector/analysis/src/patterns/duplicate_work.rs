//! The same question asked again in one request.

use std::collections::BTreeMap;

use super::{Detector, Found, View, duration};

/// Reads of the same with the same parameters.
pub(super) struct DuplicateWork;

impl Detector for DuplicateWork {
    fn name(&self) -> &'static str {
        "duplicate_work"
    }

    fn about(&self) -> &'static str {
        "the same is read again with the same parameters"
    }

    fn cure(&self) -> &'static str {
        "read once and pass the answer on, or keep it in a cache for the request"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let mut groups: BTreeMap<(u32, u32, u64), Vec<u32>> = BTreeMap::new();
        for span in 0..view.trace.len() {
            if let Some(call) = view.call(span)
                && call.is_read
                && let Some(parameters) = call.parameters
                // What failed is asked again for good reason.
                && !view.is_failing(span)
            {
                let key = (view.trace.service_symbol(span), call.target, parameters);
                groups.entry(key).or_default().push(span);
            }
        }
        groups
            .into_values()
            .filter(|spans| spans.len() >= view.settings.duplicate_call_count)
            .filter_map(|spans| {
                let first = *spans.first()?;
                let call = view.call(first)?;
                let total: u64 = spans.iter().map(|span| view.length_ns(*span)).sum();
                Some(Found {
                    what: format!(
                        "{} asks the same {} times: {}",
                        view.trace.service(first),
                        spans.len(),
                        view.describe(call)
                    ),
                    cost_ns: view.saving_but_one_ns(&spans),
                    evidence: vec![
                        "statement and parameters are equal".to_owned(),
                        format!("together {}", duration(total)),
                    ],
                    spans,
                })
            })
            .collect()
    }
}
