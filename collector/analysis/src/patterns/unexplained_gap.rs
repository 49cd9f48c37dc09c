//! A long time in which a span did something that no span tells of.

use super::{Detector, Found, View, duration};

/// One piece of own time that takes most of the request.
pub(super) struct UnexplainedGap;

impl Detector for UnexplainedGap {
    fn name(&self) -> &'static str {
        "unexplained_gap"
    }

    fn about(&self) -> &'static str {
        "most of the request is one piece of work that no span explains"
    }

    fn cure(&self) -> &'static str {
        "spans around what happens there; its log records say where to begin"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for path in view.path.paths() {
            let least = (path.duration_ns() / 100)
                .saturating_mul(view.settings.gap_percent)
                .max(view.settings.gap_ns);
            for section in &path.sections {
                // In a call the time is the callee's, or on the way to it.
                let is_gap = section.duration_ns() >= least && view.call(section.span).is_none();
                if !is_gap {
                    continue;
                }
                let records = view
                    .trace
                    .span_logs(section.span)
                    .iter()
                    .filter_map(|log| view.trace.log(*log))
                    .filter(|log| {
                        (section.start_ns..=section.end_ns).contains(&log.item.moment_ns())
                    })
                    .count();
                let share = section.duration_ns().saturating_mul(100) / path.duration_ns().max(1);
                found.push(Found {
                    what: format!(
                        "{} of {} in {} are not explained",
                        duration(section.duration_ns()),
                        view.trace.name(section.span),
                        view.trace.service(section.span)
                    ),
                    spans: vec![section.span],
                    cost_ns: section.duration_ns(),
                    evidence: vec![
                        format!("{share} % of the path in one piece"),
                        format!("{records} log records in that time"),
                    ],
                });
            }
        }
        found
    }
}
