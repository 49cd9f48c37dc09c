//! Shapes in a request that cost time or hide trouble, each with its cure.
//!
//! A detector looks at one trace through a [`View`] and tells what it found: which spans, what
//! it costs on the critical path, what to do about it, and by what it was recognised. All
//! thresholds are in [`Settings`]; what is usual elsewhere comes from a [`Baseline`].
//!
//! - `view`: the trace with what detectors share.
//! - `call`: what a call was made to, and with what.
//! - `baseline`: what is usual.
//! - `settings`: every threshold.
//! - the other files hold one detector each.

mod baseline;
mod broken_propagation;
mod call;
mod chatty_pair;
mod duplicate_work;
mod missing_instrumentation;
mod n_plus_one;
mod pool_saturation;
mod queue_wait;
mod retry_storm;
mod serial_fan_out;
mod settings;
mod slow_connect;
#[cfg(test)]
mod tests;
mod timeout_mismatch;
mod unexplained_gap;
mod view;
mod wasted_work;

use spanwalk_model::trace::Trace;

pub use baseline::Baseline;
pub use settings::Settings;
pub use view::View;

/// At most so many spans are named in a finding; its count says how many there are.
pub const FINDING_SPANS_MAX: usize = 64;
/// At most so many findings of one detector are told of, those that cost most.
pub const FINDINGS_MAX: usize = 50;

/// Something found in a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternFinding {
    /// The detector's name, such as `n_plus_one`.
    pub pattern: &'static str,
    /// What was found, for people.
    pub what: String,
    /// The first of the spans it concerns, in order of start.
    pub spans: Vec<u32>,
    /// How many spans it concerns.
    pub span_count: usize,
    /// How much of the critical paths it takes, nanoseconds; zero where no path waits for it.
    pub cost_ns: u64,
    /// What to do about it.
    pub cure: &'static str,
    /// By what it was recognised, with the numbers.
    pub evidence: Vec<String>,
}

/// Recognises one pattern.
pub trait Detector: Sync {
    /// Its name in snake case, as findings carry it.
    fn name(&self) -> &'static str;

    /// What the pattern is, in one sentence.
    fn about(&self) -> &'static str;

    /// What to do about it.
    fn cure(&self) -> &'static str;

    /// What it finds in a trace, in any order.
    fn detect(&self, view: &View<'_>) -> Vec<Found>;
}

/// What a detector found, before it is made a [`PatternFinding`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What was found, for people.
    pub what: String,
    /// The spans it concerns.
    pub spans: Vec<u32>,
    /// How much of the critical paths it takes, nanoseconds.
    pub cost_ns: u64,
    /// By what it was recognised.
    pub evidence: Vec<String>,
}

/// All detectors.
pub fn detectors() -> [&'static dyn Detector; 13] {
    [
        &n_plus_one::NPlusOne,
        &duplicate_work::DuplicateWork,
        &serial_fan_out::SerialFanOut,
        &chatty_pair::ChattyPair,
        &retry_storm::RetryStorm,
        &timeout_mismatch::TimeoutMismatch,
        &wasted_work::WastedWork,
        &broken_propagation::BrokenPropagation,
        &missing_instrumentation::MissingInstrumentation,
        &slow_connect::SlowConnect,
        &queue_wait::QueueWait,
        &pool_saturation::PoolSaturation,
        &unexplained_gap::UnexplainedGap,
    ]
}

/// What all detectors find in a trace with the usual settings and no baseline, what costs
/// most first.
pub fn patterns(trace: &Trace) -> Vec<PatternFinding> {
    let (settings, baseline) = (Settings::default(), Baseline::default());
    find(&View::of(trace, &settings, &baseline))
}

/// What all detectors find, what costs most first.
pub fn find(view: &View<'_>) -> Vec<PatternFinding> {
    let mut findings: Vec<PatternFinding> = detectors()
        .into_iter()
        .flat_map(|detector| find_one(detector, view))
        .collect();
    // Stable, so that of equal costs the order of detectors and spans stays.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.cost_ns));
    findings
}

/// What one detector finds, what costs most first.
pub fn find_one(detector: &dyn Detector, view: &View<'_>) -> Vec<PatternFinding> {
    let mut found = detector.detect(view);
    for one in &mut found {
        one.spans.sort_unstable();
        one.spans.dedup();
    }
    found.sort_by(|a, b| {
        b.cost_ns
            .cmp(&a.cost_ns)
            .then_with(|| a.spans.cmp(&b.spans))
            .then_with(|| a.what.cmp(&b.what))
    });
    found
        .into_iter()
        .take(FINDINGS_MAX)
        .map(|mut one| {
            let span_count = one.spans.len();
            one.spans.truncate(FINDING_SPANS_MAX);
            PatternFinding {
                pattern: detector.name(),
                what: one.what,
                spans: one.spans,
                span_count,
                cost_ns: one.cost_ns,
                cure: detector.cure(),
                evidence: one.evidence,
            }
        })
        .collect()
}

/// Nanoseconds as people read them in a sentence.
fn duration(ns: u64) -> String {
    match ns {
        0..1_000 => format!("{ns} ns"),
        1_000..1_000_000 => format!("{:.1} µs", ns as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", ns as f64 / 1e6),
        _ => format!("{:.2} s", ns as f64 / 1e9),
    }
}
