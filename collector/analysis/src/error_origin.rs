//! Where the first error of a request began, and along which spans it spread.

use spanwalk_model::log::SeverityLevel;
use spanwalk_model::trace::Trace;

use crate::walk::{EventKind, Walk};

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

/// The origin of a trace's error; `None` where nothing failed.
///
/// Of the failing spans (those with an error status, and those that hold an error log, which
/// is all that some data say), the deepest cause is one without a failing descendant. Of
/// several, one whose failure reached the root is preferred, and then the earliest.
pub fn origin(trace: &Trace, walk: &Walk) -> Option<ErrorOrigin> {
    let failing = failing_spans(trace);
    let has_failing_below = with_failing_below(trace, &failing);
    let is_at = |flags: &[bool], span: u32| flags.get(span as usize).copied().unwrap_or(false);
    let best = (0..trace.len())
        .filter(|span| is_at(&failing, *span) && !is_at(&has_failing_below, *span))
        .min_by_key(|span| {
            let reached_root = trace
                .ancestors(*span)
                .all(|ancestor| is_at(&failing, ancestor));
            (!reached_root, walk.span_end(*span).unwrap_or(u32::MAX))
        });
    match best {
        Some(span) => Some(ErrorOrigin {
            position: telling_event(trace, walk, span)?,
            span: Some(span),
            chain: trace
                .ancestors(span)
                .take_while(|ancestor| is_at(&failing, *ancestor))
                .collect(),
        }),
        None => first_error_event(walk).map(|position| ErrorOrigin {
            position,
            span: None,
            chain: Vec::new(),
        }),
    }
}

fn failing_spans(trace: &Trace) -> Vec<bool> {
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

/// Which spans have a failing descendant.
fn with_failing_below(trace: &Trace, failing: &[bool]) -> Vec<bool> {
    let mut below = vec![false; failing.len()];
    for rank in (0..trace.len()).rev() {
        let Some(span) = trace.at_rank(rank) else {
            continue;
        };
        let at = span as usize;
        let fails =
            failing.get(at).copied().unwrap_or(false) || below.get(at).copied().unwrap_or(false);
        if let Some(parent) = trace.parent(span)
            && fails
            && let Some(flag) = below.get_mut(parent as usize)
        {
            *flag = true;
        }
    }
    below
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

fn first_error_event(walk: &Walk) -> Option<u32> {
    (0..walk.len()).find(|position| walk.is_error(*position))
}
