//! A caller that gives up before its callee does.

use super::call::callee;
use super::{Detector, Found, View, duration};

/// A call ran out of time while the callee worked on.
pub(super) struct TimeoutMismatch;

impl Detector for TimeoutMismatch {
    fn name(&self) -> &'static str {
        "timeout_mismatch"
    }

    fn about(&self) -> &'static str {
        "a caller waits less long than its callee needs or allows itself"
    }

    fn cure(&self) -> &'static str {
        "pass the deadline on with the call, and give callees less time than their callers"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        (0..view.trace.len())
            .filter(|span| view.is_failing(*span) && view.timed_out(*span))
            .filter_map(|span| {
                let server = callee(view.trace, span)?;
                let waited = view.length_ns(span);
                let longer = view.end_ns(server).saturating_sub(view.end_ns(span));
                let is_longer = longer.saturating_mul(100)
                    > waited.saturating_mul(view.settings.overrun_percent);
                is_longer.then(|| Found {
                    what: format!(
                        "{} gave up on {} after {}, which took {}",
                        view.trace.service(span),
                        view.trace.service(server),
                        duration(waited),
                        duration(view.length_ns(server))
                    ),
                    spans: vec![span, server],
                    cost_ns: view.path_below_ns(span),
                    evidence: vec![
                        "the call says that time ran out".to_owned(),
                        format!("the callee worked on for {}", duration(longer)),
                    ],
                })
            })
            .collect()
    }
}
