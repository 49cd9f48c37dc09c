//! Calls that fail and are made again.

use super::{Detector, Found, View, duration};

/// Failed attempts in a row, each followed by another.
pub(super) struct RetryStorm;

impl Detector for RetryStorm {
    fn name(&self) -> &'static str {
        "retry_storm"
    }

    fn about(&self) -> &'static str {
        "a failing call is made again and again"
    }

    fn cure(&self) -> &'static str {
        "retry in one layer only, with growing pauses, a small budget and a circuit breaker"
    }

    fn detect(&self, view: &View<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for parent in view.parents() {
            for calls in view.equal_calls(parent).into_values() {
                let mut run: Vec<u32> = Vec::new();
                for (span, call) in calls {
                    // A retry asks the same, also where only the parameters tell.
                    let is_other = run.last().is_some_and(|last| {
                        view.end_ns(*last) > view.start_ns(span)
                            || view.call(*last).and_then(|last| last.parameters) != call.parameters
                    });
                    if is_other {
                        found.extend(judge(view, parent, &run));
                        run.clear();
                    }
                    run.push(span);
                    if !view.is_failing(span) {
                        found.extend(judge(view, parent, &run));
                        run.clear();
                    }
                }
                found.extend(judge(view, parent, &run));
            }
        }
        found
    }
}

fn judge(view: &View<'_>, parent: u32, attempts: &[u32]) -> Option<Found> {
    if attempts.len() < view.settings.retry_attempt_count {
        return None;
    }
    let last = *attempts.last()?;
    let call = view.call(last)?;
    let pauses: Vec<u64> = attempts
        .windows(2)
        .filter_map(|pair| match pair {
            [one, next] => Some(view.start_ns(*next).saturating_sub(view.end_ns(*one))),
            _ => None,
        })
        .collect();
    let grows = pauses.windows(2).all(|pair| match pair {
        [one, next] => next.saturating_mul(2) > one.saturating_mul(3),
        _ => true,
    }) && pauses.len() > 1;
    let failed: Vec<u32> = attempts
        .iter()
        .copied()
        .filter(|one| *one != last)
        .collect();
    let mut evidence = vec![format!(
        "{} attempts, the last one {}",
        attempts.len(),
        if view.is_failing(last) {
            "failed too"
        } else {
            "worked"
        }
    )];
    if !grows {
        let pauses: Vec<String> = pauses
            .iter()
            .take(5)
            .map(|pause| duration(*pause))
            .collect();
        evidence.push(format!("pauses do not grow: {}", pauses.join(", ")));
    }
    let layers = layers_above(view, parent);
    if layers > 1 {
        evidence.push(format!(
            "layers above try again too: {layers} times as many attempts"
        ));
    }
    Some(Found {
        what: format!(
            "{} tries {} times: {}",
            view.trace.service(parent),
            attempts.len(),
            view.describe(call)
        ),
        cost_ns: failed.iter().map(|span| view.path_below_ns(*span)).sum(),
        spans: attempts.to_vec(),
        evidence,
    })
}

/// By how much retries of the callers multiply these: of each call on the way up, how many
/// equal ones its parent made.
fn layers_above(view: &View<'_>, span: u32) -> usize {
    /// Deeper layers of retries are not looked for.
    const HOPS_MAX: usize = 64;
    let way = std::iter::once(span).chain(view.trace.ancestors(span));
    way.take(HOPS_MAX)
        .filter_map(|step| {
            let call = view.call(step)?;
            let parent = view.trace.parent(step)?;
            let equal = view.trace.children(parent).iter().filter(|other| {
                view.is_failing(**other)
                    && view.call(**other).is_some_and(|other| {
                        (other.target, other.statement) == (call.target, call.statement)
                    })
            });
            Some(equal.count().max(1))
        })
        .fold(1, usize::saturating_mul)
}
