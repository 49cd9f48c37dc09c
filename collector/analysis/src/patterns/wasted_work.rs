//! Work for an answer that nobody waits for any more.

use super::call::callee;
use super::{Detector, Found, View, duration};

/// A callee runs on after its caller has ended with an error.
pub(super) struct WastedWork;

impl Detector for WastedWork {
    fn name(&self) -> &'static str {
        "wasted_work"
    }

    fn about(&self) -> &'static str {
        "a callee works on after its caller has failed or given up"
    }

    fn cure(&self) -> &'static str {
        "stop work when the caller is gone: pass cancellation and deadlines down"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        (0..view.trace.len())
            .filter(|span| view.is_failing(*span) && view.call(*span).is_some())
            .filter_map(|span| {
                let server = callee(view.trace, span)?;
                let longer = view.end_ns(server).saturating_sub(view.end_ns(span));
                let least = (view.length_ns(span) / 100)
                    .saturating_mul(view.settings.overrun_percent)
                    .max(view.settings.wasted_ns);
                if longer < least {
                    return None;
                }
                let late = below_after(view, server, view.end_ns(span));
                let mut evidence = vec![format!("it worked on for {}", duration(longer))];
                if late > 0 {
                    evidence.push(format!("{late} spans started after the caller had gone"));
                }
                Some(Found {
                    what: format!(
                        "{} works on for {}, which had failed",
                        view.trace.service(server),
                        view.trace.service(span)
                    ),
                    spans: vec![span, server],
                    // Nobody waited for it, so no path is longer for it.
                    cost_ns: 0,
                    evidence,
                })
            })
            .collect()
    }
}

/// How many spans below one started after a moment.
fn below_after(view: &View<'_>, span: u32, moment_ns: u64) -> usize {
    view.trace
        .subtree(span)
        .filter_map(|rank| view.trace.at_rank(rank))
        .filter(|below| view.start_ns(*below) > moment_ns)
        .count()
}
