//! A trace with what detectors share.

use std::collections::BTreeMap;

use spanwalk_model::trace::Trace;

use super::call::{Call, Calls};
use super::{Baseline, Settings};
use crate::critical_path::CriticalPath;
use crate::error_origin::failing_spans;
use crate::skew::Corrections;

/// What a detector sees.
#[derive(Debug)]
pub struct View<'a> {
    /// The trace.
    pub trace: &'a Trace,
    /// Its critical paths.
    pub path: CriticalPath,
    /// From when on something is told of.
    pub settings: &'a Settings,
    /// What is usual.
    pub baseline: &'a Baseline,
    corrections: Corrections,
    is_failing: Vec<bool>,
    calls: Calls,
    /// The paths' time in spans before each rank.
    path_ns_before: Vec<u64>,
}

impl<'a> View<'a> {
    /// The view of a trace by the times as they are.
    pub fn of(trace: &'a Trace, settings: &'a Settings, baseline: &'a Baseline) -> Self {
        Self::with_corrections(trace, settings, baseline, Corrections::default())
    }

    /// The view of a trace whose clocks are corrected.
    pub fn with_corrections(
        trace: &'a Trace,
        settings: &'a Settings,
        baseline: &'a Baseline,
        corrections: Corrections,
    ) -> Self {
        let path = CriticalPath::with_corrections(trace, &corrections);
        let mut path_ns_before = vec![0];
        let mut sum = 0_u64;
        for rank in 0..trace.len() {
            sum += trace.at_rank(rank).map_or(0, |span| path.path_ns(span));
            path_ns_before.push(sum);
        }
        Self {
            trace,
            path,
            settings,
            baseline,
            corrections,
            is_failing: failing_spans(trace),
            calls: Calls::of(trace),
            path_ns_before,
        }
    }

    /// Whether a span failed, by its status or an error log.
    pub fn is_failing(&self, span: u32) -> bool {
        self.is_failing.get(span as usize).copied().unwrap_or(false)
    }

    /// When a span started, its clock corrected, nanoseconds since the epoch.
    pub fn start_ns(&self, span: u32) -> u64 {
        self.corrections
            .corrected_ns(span, self.trace.span_start_ns(span))
    }

    /// When a span ended, its clock corrected, nanoseconds since the epoch.
    pub fn end_ns(&self, span: u32) -> u64 {
        self.corrections
            .corrected_ns(span, self.trace.span_end_ns(span))
    }

    /// How long a span took, nanoseconds.
    pub fn length_ns(&self, span: u32) -> u64 {
        let trace = self.trace;
        trace
            .span_end_ns(span)
            .saturating_sub(trace.span_start_ns(span))
    }

    /// How long paths wait for a span and all below it, nanoseconds.
    pub fn path_below_ns(&self, span: u32) -> u64 {
        let ranks = self.trace.subtree(span);
        let at = |rank: u32| self.path_ns_before.get(rank as usize).copied().unwrap_or(0);
        at(ranks.end).saturating_sub(at(ranks.start))
    }

    /// What paths would save if of these spans only the one that they wait for longest were
    /// left.
    pub fn saving_but_one_ns(&self, spans: &[u32]) -> u64 {
        let waits = spans.iter().map(|span| self.path_below_ns(*span));
        let longest = waits.clone().max().unwrap_or(0);
        waits.sum::<u64>().saturating_sub(longest)
    }

    /// What a span asks of somebody else.
    pub(super) fn call(&self, span: u32) -> Option<Call> {
        self.calls.get(span)
    }

    /// The text of a call's target or statement.
    pub(super) fn called(&self, symbol: u32) -> &str {
        self.calls.name(symbol)
    }

    /// A call's target and statement in a sentence.
    pub(super) fn describe(&self, call: Call) -> String {
        let (target, statement) = (self.called(call.target), self.called(call.statement));
        if target.is_empty() {
            statement.to_owned()
        } else {
            format!("{statement} of {target}")
        }
    }

    /// The spans that have children.
    pub(super) fn parents(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.trace.len()).filter(|span| !self.trace.children(*span).is_empty())
    }

    /// The calls among a span's children that ask the same of the same, in order of start.
    pub(super) fn equal_calls(&self, parent: u32) -> BTreeMap<(u32, u32), Vec<(u32, Call)>> {
        let mut groups: BTreeMap<(u32, u32), Vec<(u32, Call)>> = BTreeMap::new();
        for child in self.trace.children(parent).iter().copied() {
            if let Some(call) = self.call(child) {
                let key = (call.target, call.statement);
                groups.entry(key).or_default().push((child, call));
            }
        }
        groups
    }

    /// Whether what failed says that time ran out.
    pub(super) fn timed_out(&self, span: u32) -> bool {
        const WORDS: [&str; 5] = ["timeout", "timed out", "time-out", "deadline", "504"];
        let Some(scoped) = self.trace.span(span) else {
            return false;
        };
        let says = |text: &str| {
            let text = text.to_ascii_lowercase();
            WORDS.iter().any(|word| text.contains(word))
        };
        let item = &scoped.item;
        let status = item.attributes.get("http.response.status_code");
        says(&item.status.message)
            || item.attributes.get_str("error.type").is_some_and(says)
            || status.is_some_and(|status| status.as_int() == Some(504))
            || item.events.iter().any(|event| {
                event
                    .attributes
                    .iter()
                    .any(|entry| entry.value.as_str().is_some_and(says))
            })
    }
}
