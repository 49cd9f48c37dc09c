//! Where failures of a request began, along which spans they spread, and where they ended.
//!
//! A failure's cause is a failing span that waited for no failing span. From there it spreads
//! to the callers, as far as they failed too: to the root, or until somebody swallowed it or
//! hid it by trying again.
//!
//! - `fingerprint`: what makes two failures the same.

mod fingerprint;
#[cfg(test)]
mod tests;

use spanwalk_model::log::SeverityLevel;
use spanwalk_model::semconv;
use spanwalk_model::trace::Trace;

use crate::summary::error_text;
use crate::walk::{EventKind, Walk};
pub use fingerprint::Fingerprint;

/// At most so many failures are told of; [`Failures::count`] says how many there are.
pub const FAILURES_MAX: usize = 200;

/// The place where an error began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorOrigin {
    /// The position in the walk to stand on: the error log or exception nearest to the
    /// failure, else the end of the failed span.
    pub position: u32,
    /// The span it began in; `None` where only a record without a stored span tells of it.
    pub span: Option<u32>,
    /// The spans that the error spread to, from the origin's parent towards the root, as far
    /// as they failed too.
    pub chain: Vec<u32>,
}

/// Where a failure ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It made the whole request fail.
    ReachedRoot,
    /// A caller went on as if nothing had happened.
    Swallowed {
        /// The caller's span.
        by: u32,
    },
    /// A caller tried again, and that succeeded.
    HiddenByRetry {
        /// The caller's span.
        by: u32,
        /// The attempt that succeeded.
        succeeded: u32,
        /// How many attempts there were, that one included.
        attempt_count: u32,
    },
    /// No stored span belongs to it.
    Unknown,
}

/// One failure, from its cause to where it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Where it began and how it spread.
    pub origin: ErrorOrigin,
    /// Where it ended.
    pub outcome: Outcome,
    /// What it says of itself.
    pub message: String,
    /// What it has in common with the same failure in other requests.
    pub fingerprint: Fingerprint,
}

/// The failures of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Failures {
    /// Those that reached the root first, then by when they happened. The first is the one
    /// that [`origin`] leads to.
    pub failures: Vec<Failure>,
    /// How many there are; not more than [`FAILURES_MAX`] are told of.
    pub count: usize,
}

/// The origin of a trace's error; `None` where nothing failed.
///
/// Of the failing spans (those with an error status, and those that hold an error log, which
/// is all that some data say), the deepest cause is one that waited for no failing span. Of
/// several, one whose failure reached the root is preferred, and then the earliest.
pub fn origin(trace: &Trace, walk: &Walk) -> Option<ErrorOrigin> {
    let spread = Spread::of(trace, walk);
    let best = spread
        .causes(trace)
        .min_by_key(|span| spread.order(walk, *span));
    match best {
        Some(span) => spread.origin(trace, walk, span),
        None => origin_without_span(walk),
    }
}

/// All failures of a trace.
pub fn failures(trace: &Trace, walk: &Walk) -> Failures {
    let spread = Spread::of(trace, walk);
    let mut causes: Vec<u32> = spread.causes(trace).collect();
    causes.sort_by_key(|span| spread.order(walk, *span));
    let mut failures: Vec<Failure> = causes
        .iter()
        .take(FAILURES_MAX)
        .filter_map(|span| {
            let origin = spread.origin(trace, walk, *span)?;
            let message = message(trace, walk, &origin);
            Some(Failure {
                outcome: spread.outcome(trace, walk, *span, &origin.chain),
                fingerprint: Fingerprint::of(trace, Some(*span), &message),
                message,
                origin,
            })
        })
        .collect();
    if failures.is_empty()
        && let Some(origin) = origin_without_span(walk)
    {
        let message = message(trace, walk, &origin);
        failures.push(Failure {
            outcome: Outcome::Unknown,
            fingerprint: Fingerprint::of(trace, None, &message),
            message,
            origin,
        });
    }
    Failures {
        count: causes.len().max(failures.len()),
        failures,
    }
}

/// How failures spread over the tree, by span.
struct Spread {
    is_failing: Vec<bool>,
    /// Whether it waited for a span that fails or waited for one that does.
    has_failing_below: Vec<bool>,
    /// Whether it and all above it fail.
    reaches_root: Vec<bool>,
}

impl Spread {
    fn of(trace: &Trace, walk: &Walk) -> Self {
        let is_failing = failing_spans(trace);
        let mut spread = Self {
            has_failing_below: vec![false; is_failing.len()],
            reaches_root: vec![false; is_failing.len()],
            is_failing,
        };
        for rank in (0..trace.len()).rev() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let fails = is_at(&spread.is_failing, span) || is_at(&spread.has_failing_below, span);
            // What failed after its parent had ended, such as work cut short by a time-out,
            // cannot be why the parent failed.
            if let Some(parent) = trace.parent(span)
                && fails
                && walk.span_end(span) < walk.span_end(parent)
                && let Some(flag) = spread.has_failing_below.get_mut(parent as usize)
            {
                *flag = true;
            }
        }
        for rank in 0..trace.len() {
            let Some(span) = trace.at_rank(rank) else {
                continue;
            };
            let above = trace
                .parent(span)
                .is_none_or(|parent| is_at(&spread.reaches_root, parent));
            let reaches = above && is_at(&spread.is_failing, span);
            if let Some(flag) = spread.reaches_root.get_mut(span as usize) {
                *flag = reaches;
            }
        }
        spread
    }

    fn causes<'a>(&'a self, trace: &Trace) -> impl Iterator<Item = u32> + 'a {
        (0..trace.len())
            .filter(|span| is_at(&self.is_failing, *span) && !is_at(&self.has_failing_below, *span))
    }

    fn order(&self, walk: &Walk, span: u32) -> (bool, u32) {
        (
            !is_at(&self.reaches_root, span),
            walk.span_end(span).unwrap_or(u32::MAX),
        )
    }

    fn origin(&self, trace: &Trace, walk: &Walk, span: u32) -> Option<ErrorOrigin> {
        Some(ErrorOrigin {
            position: telling_event(trace, walk, span)?,
            span: Some(span),
            chain: trace
                .ancestors(span)
                .take_while(|ancestor| is_at(&self.is_failing, *ancestor))
                .collect(),
        })
    }

    /// What became of a failure at the caller above its chain.
    fn outcome(&self, trace: &Trace, walk: &Walk, span: u32, chain: &[u32]) -> Outcome {
        let last = chain.last().copied().unwrap_or(span);
        let Some(caller) = trace.parent(last) else {
            return Outcome::ReachedRoot;
        };
        let is_attempt = |other: &u32| {
            trace.service_symbol(*other) == trace.service_symbol(last)
                && trace.name(*other) == trace.name(last)
                && trace.kind(*other) == trace.kind(last)
        };
        let ended = walk.span_end(last).unwrap_or(u32::MAX);
        let attempts = trace.children(caller).iter().copied().filter(is_attempt);
        let succeeded = attempts.clone().find(|other| {
            walk.span_start(*other).is_some_and(|start| start > ended)
                && !is_at(&self.is_failing, *other)
        });
        match succeeded {
            Some(succeeded) => {
                let until = walk.span_start(succeeded).unwrap_or(0);
                let before = attempts
                    .filter(|other| {
                        is_at(&self.is_failing, *other)
                            && walk.span_end(*other).is_some_and(|end| end < until)
                    })
                    .count();
                Outcome::HiddenByRetry {
                    by: caller,
                    succeeded,
                    attempt_count: u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1),
                }
            }
            None => Outcome::Swallowed { by: caller },
        }
    }
}

fn is_at(flags: &[bool], span: u32) -> bool {
    flags.get(span as usize).copied().unwrap_or(false)
}

/// By span, whether it fails: its status says so, or it holds an error log.
pub(crate) fn failing_spans(trace: &Trace) -> Vec<bool> {
    (0..trace.len())
        .map(|span| {
            trace.is_error(span)
                || trace.span_logs(span).iter().any(|log| {
                    trace
                        .log(*log)
                        .is_some_and(|log| log.item.level() >= SeverityLevel::Error)
                })
        })
        .collect()
}

/// The last failure that the span tells of before it ends; its end where it tells of none.
fn telling_event(trace: &Trace, walk: &Walk, span: u32) -> Option<u32> {
    let start = walk.span_start(span)?;
    let end = walk.span_end(span)?;
    let told = trace
        .span_logs(span)
        .iter()
        .filter_map(|log| walk.log(*log))
        .filter(|position| walk.is_error(*position))
        .max();
    told.or_else(|| {
        (start..=end).rev().find(|position| {
            walk.is_error(*position)
                && walk
                    .event(*position)
                    .is_some_and(|event| event.span == span && event.kind == EventKind::SpanEvent)
        })
    })
    .or(Some(end))
}

/// What the event that tells of a failure says.
fn message(trace: &Trace, walk: &Walk, origin: &ErrorOrigin) -> String {
    let Some(event) = walk.event(origin.position) else {
        return String::new();
    };
    let span = origin.span.and_then(|span| trace.span(span));
    match event.kind {
        EventKind::Log => trace
            .log(event.sub_index)
            .map(|log| log.item.body_text())
            .unwrap_or_default(),
        EventKind::SpanEvent => span
            .and_then(|span| span.item.events.get(event.sub_index as usize))
            .and_then(|event| {
                event
                    .attributes
                    .get_str(semconv::EXCEPTION_MESSAGE)
                    .or_else(|| event.attributes.get_str(semconv::EXCEPTION_TYPE))
            })
            .unwrap_or_default()
            .to_owned(),
        EventKind::SpanStart | EventKind::SpanEnd => {
            span.map(|span| error_text(&span.item)).unwrap_or_default()
        }
    }
}

fn origin_without_span(walk: &Walk) -> Option<ErrorOrigin> {
    let position = (0..walk.len()).find(|position| walk.is_error(*position))?;
    Some(ErrorOrigin {
        position,
        span: None,
        chain: Vec::new(),
    })
}
