//! Clocks that disagree: which host each span's times come from, and how far hosts are apart.
//!
//! Every call between two hosts bounds how far their clocks can be apart: the callee cannot
//! have started before the caller, and, where it was waited for, cannot have ended after it.
//! Over many calls the bounds close in on the offset. A clock is only corrected where zero is
//! not among the offsets that the calls agree on; otherwise nothing is known to be wrong.
//! Stored times are never changed.
//!
//! - `hosts`: the clock of a span.
//! - `intervals`: what many bounds agree on.
//! - `offsets`: from pairs of hosts to one offset per host.

mod hosts;
mod intervals;
mod offsets;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use spanwalk_model::SpanKind;
use spanwalk_model::trace::Trace;

pub(crate) use hosts::Hosts;
pub use hosts::host_of;
use intervals::{Agreement, Interval, agreement};
pub use offsets::Skews;

/// At most this many calls are kept for a pair of hosts, spread evenly over all that came.
const SAMPLES_MAX: usize = 4096;
/// With fewer calls than this, only callees that start before their callers count.
const SAMPLES_MIN: usize = 5;
/// How long behind its caller's a callee's end may lie though it was waited for, nanoseconds:
/// the answer is read before the span that sent it is closed. The next wider margin is taken
/// while calls do not agree.
const LATE_END_NS: [i64; 5] = [2_000_000, 8_000_000, 32_000_000, 128_000_000, 512_000_000];
/// Zero is among the agreed offsets while it satisfies at least this share, in percent, of
/// the calls that the best offset satisfies: some callees really end late.
const ZERO_SUPPORT_PERCENT: usize = 75;
/// The best offset must satisfy this share of all calls, in percent.
const SUPPORT_PERCENT_MIN: usize = 75;

/// How far each span's clock is moved before its times are compared with those of other
/// hosts. Stored times are never changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections {
    /// By span index, nanoseconds to add; missing means zero.
    offset_ns: Vec<i64>,
}

impl Corrections {
    /// Corrections by span index, nanoseconds to add to what the span's clock said.
    pub fn new(offset_ns: Vec<i64>) -> Self {
        Self { offset_ns }
    }

    /// What to add to the times of a span, nanoseconds.
    pub fn offset_ns(&self, span: u32) -> i64 {
        self.offset_ns.get(span as usize).copied().unwrap_or(0)
    }

    /// Whether nothing is moved.
    pub fn is_empty(&self) -> bool {
        self.offset_ns.iter().all(|offset| *offset == 0)
    }

    /// A moment of a span as its corrected clock would have it; zero, which is no moment,
    /// stays zero.
    pub(crate) fn corrected_ns(&self, span: u32, moment_ns: u64) -> u64 {
        if moment_ns == 0 {
            0
        } else {
            moment_ns.saturating_add_signed(self.offset_ns(span))
        }
    }
}

/// How far the clocks of two hosts are apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PairSkew {
    /// The host whose clock is taken as it is.
    pub host: String,
    /// The host whose clock is compared with it.
    pub other: String,
    /// What is added to the other's clock to get the first's, nanoseconds; zero where nothing
    /// is known to be wrong.
    pub offset_ns: i64,
    /// How far the offset may be wrong either way, nanoseconds; `None` where calls bound it
    /// on one side alone.
    pub uncertainty_ns: Option<u64>,
    /// Calls that were compared.
    pub call_count: usize,
    /// The share of calls that the offset explains, in percent.
    pub agreeing_percent: usize,
}

/// What one call allows.
#[derive(Debug, Clone, Copy)]
struct Call {
    /// What is added to the callee's clock to get the caller's.
    bounds: Interval,
    /// Whether the callee is the pair's first host.
    is_reversed: bool,
}

impl Call {
    /// What is added to the clock of the pair's second host, if ends may be so late.
    fn allowed(self, late_ns: i64) -> Interval {
        let bounds = Interval {
            low_ns: self.bounds.low_ns,
            high_ns: self.bounds.high_ns.saturating_add(late_ns),
        };
        if self.is_reversed {
            bounds.negated()
        } else {
            bounds
        }
    }
}

/// Gathers calls between hosts, over as many traces as one likes.
#[derive(Debug, Clone, Default)]
pub struct SkewEstimator {
    pairs: BTreeMap<(String, String), Samples>,
}

#[derive(Debug, Clone)]
struct Samples {
    calls: Vec<Call>,
    /// Every how many-th call is kept.
    stride: usize,
    seen: usize,
}

impl SkewEstimator {
    /// Nothing gathered.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the calls of a trace.
    pub fn add(&mut self, trace: &Trace) {
        let hosts = Hosts::of(trace);
        for child in 0..trace.len() {
            let Some(parent) = trace.parent(child) else {
                continue;
            };
            if hosts.same(parent, child) {
                continue;
            }
            let Some(interval) = bounds(trace, parent, child) else {
                continue;
            };
            let (caller, callee) = (hosts.name(parent), hosts.name(child));
            let is_reversed = caller > callee;
            let call = Call {
                bounds: interval,
                is_reversed,
            };
            if is_reversed {
                self.push(callee, caller, call);
            } else {
                self.push(caller, callee, call);
            }
        }
    }

    fn push(&mut self, host: &str, other: &str, call: Call) {
        let samples = self
            .pairs
            .entry((host.to_owned(), other.to_owned()))
            .or_insert_with(|| Samples {
                calls: Vec::new(),
                stride: 1,
                seen: 0,
            });
        if samples.seen.is_multiple_of(samples.stride) {
            samples.calls.push(call);
        }
        samples.seen += 1;
        if samples.calls.len() >= SAMPLES_MAX {
            let mut place = 0_usize;
            samples.calls.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            samples.stride *= 2;
        }
    }

    /// What is known by now of each pair of hosts, in order of their names.
    pub fn pairs(&self) -> Vec<PairSkew> {
        self.pairs
            .iter()
            .map(|((host, other), samples)| {
                let judged = judge(&samples.calls);
                PairSkew {
                    host: host.clone(),
                    other: other.clone(),
                    offset_ns: judged.offset_ns,
                    uncertainty_ns: judged.uncertainty_ns,
                    call_count: samples.seen,
                    agreeing_percent: judged.agreeing_percent,
                }
            })
            .collect()
    }

    /// The offset of each host.
    pub fn finish(&self) -> Skews {
        Skews::of(self.pairs())
    }
}

/// The offsets that a call allows.
fn bounds(trace: &Trace, parent: u32, child: u32) -> Option<Interval> {
    let (caller, callee) = (trace.span(parent)?, trace.span(child)?);
    if caller.item.start_ns == 0 || callee.item.start_ns == 0 {
        return None;
    }
    let difference =
        |a: u64, b: u64| i64::try_from(i128::from(a) - i128::from(b)).unwrap_or(i64::MAX);
    let low_ns = difference(caller.item.start_ns, callee.item.start_ns);
    let high_ns = difference(trace.span_end_ns(parent), trace.span_end_ns(child));
    let is_message =
        trace.kind(parent) == SpanKind::Producer || trace.kind(child) == SpanKind::Consumer;
    Some(Interval {
        low_ns,
        // Longer than its caller, or a message: its end was not waited for.
        high_ns: if is_message || high_ns < low_ns {
            i64::MAX
        } else {
            high_ns
        },
    })
}

/// What calls between two hosts say of their clocks.
struct Judged {
    offset_ns: i64,
    uncertainty_ns: Option<u64>,
    agreeing_percent: usize,
}

/// The narrowest margin for late ends under which most calls agree decides.
fn judge(calls: &[Call]) -> Judged {
    let mut last = Judged {
        offset_ns: 0,
        uncertainty_ns: None,
        agreeing_percent: 0,
    };
    for late_ns in LATE_END_NS {
        let allowed: Vec<Interval> = calls.iter().map(|call| call.allowed(late_ns)).collect();
        let Some(agreed) = agreement(&allowed) else {
            break;
        };
        last.agreeing_percent = agreed.zero_support * 100 / calls.len().max(1);
        if agreed.support * 100 >= calls.len() * SUPPORT_PERCENT_MIN {
            return decide(agreed, calls, late_ns);
        }
    }
    last
}

fn decide(agreed: Agreement, calls: &[Call], late_ns: i64) -> Judged {
    let Interval { low_ns, high_ns } = agreed.interval;
    let is_bounded = low_ns != i64::MIN && high_ns != i64::MAX;
    let is_usual = agreed.interval.contains(0)
        || agreed.zero_support * 100 >= agreed.support * ZERO_SUPPORT_PERCENT;
    // Of few calls only the impossible counts: a callee that starts before its caller.
    let is_carried = calls.len() >= SAMPLES_MIN || calls.iter().all(|call| call.bounds.low_ns > 0);
    let (offset_ns, support) = if is_usual || !is_carried {
        (0, agreed.zero_support)
    } else if is_bounded {
        (likely(agreed.interval, calls, late_ns), agreed.support)
    } else if high_ns == i64::MAX {
        (low_ns, agreed.support)
    } else {
        (high_ns, agreed.support)
    };
    let off_by = low_ns.abs_diff(offset_ns).max(high_ns.abs_diff(offset_ns));
    Judged {
        offset_ns,
        uncertainty_ns: is_bounded.then_some(off_by),
        agreeing_percent: support * 100 / calls.len().max(1),
    }
}

/// The middle of what is allowed, once ends are taken to be late by half the margin.
fn likely(allowed: Interval, calls: &[Call], late_ns: i64) -> i64 {
    let count = i128::try_from(calls.len().max(1)).unwrap_or(1);
    let reversed = calls.iter().filter(|call| call.is_reversed).count();
    let reversed = i128::try_from(reversed).unwrap_or(0);
    let middle = (i128::from(allowed.low_ns) + i128::from(allowed.high_ns)).div_euclid(2);
    let late = i128::from(late_ns) / 4 * (count - 2 * reversed) / count;
    i64::try_from(middle - late).unwrap_or(allowed.low_ns)
}
