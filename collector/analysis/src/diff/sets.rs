//! Many traces against many: two windows, two versions, one trace against what is usual.

use std::collections::BTreeMap;

use spanwalk_model::trace::Trace;

use super::statistics::{false_discovery_rates, rank_sum};
use super::{Paths, Place, Step};

/// Which set a trace belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What is compared with.
    Before,
    /// What is compared.
    After,
}

/// Gathers two sets of traces.
#[derive(Debug, Default)]
pub struct Sets {
    paths: Paths,
    before: Set,
    after: Set,
}

#[derive(Debug, Default)]
struct Set {
    trace_count: u64,
    duration_ns: u128,
    places: BTreeMap<u32, Gathered>,
}

#[derive(Debug, Default)]
struct Gathered {
    sum: Place,
    /// The path's time in each trace that has the place.
    path_ns: Vec<u64>,
}

/// A place in two sets of traces.
#[derive(Debug, Clone, PartialEq)]
pub struct SetPlace {
    /// The way from the root.
    pub path: Vec<Step>,
    /// What it contributes to the difference of the mean lengths, nanoseconds.
    pub contribution_ns: f64,
    /// Sums over the first set.
    pub before: Place,
    /// Sums over the second set.
    pub after: Place,
    /// The share of the first set's traces that have it.
    pub before_share: f64,
    /// The share of the second set's traces that have it.
    pub after_share: f64,
    /// The share of false discoveries if this difference of the path's time, and all that are
    /// as sure, are believed.
    pub false_discovery_rate: f64,
}

/// What is different between two sets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SetDiff {
    /// Traces of the first set.
    pub before_count: u64,
    /// Traces of the second set.
    pub after_count: u64,
    /// Mean length of the first set's main paths, nanoseconds.
    pub before_mean_ns: f64,
    /// Mean length of the second set's main paths, nanoseconds.
    pub after_mean_ns: f64,
    /// Every place of either, the largest contribution first. Contributions sum to the
    /// difference of the means.
    pub places: Vec<SetPlace>,
}

impl Sets {
    /// Two empty sets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a trace to one of them. A trace without spans has no length and is left out.
    pub fn add(&mut self, side: Side, trace: &Trace) {
        if trace.is_empty() {
            return;
        }
        let profile = self.paths.profile(trace);
        let set = match side {
            Side::Before => &mut self.before,
            Side::After => &mut self.after,
        };
        set.trace_count += 1;
        set.duration_ns += u128::from(profile.duration_ns);
        for (place, at) in profile.places() {
            let gathered = set.places.entry(place).or_default();
            gathered.path_ns.push(at.path_ns);
            gathered.sum.span_count += at.span_count;
            gathered.sum.error_count += at.error_count;
            gathered.sum.total_ns = gathered.sum.total_ns.saturating_add(at.total_ns);
            gathered.sum.self_ns = gathered.sum.self_ns.saturating_add(at.self_ns);
            gathered.sum.path_ns = gathered.sum.path_ns.saturating_add(at.path_ns);
        }
    }

    /// What is different between them.
    pub fn diff(&self) -> SetDiff {
        let (before, after) = (&self.before, &self.after);
        let nothing = Gathered::default();
        let at = |place: u32| {
            (
                before.places.get(&place).unwrap_or(&nothing),
                after.places.get(&place).unwrap_or(&nothing),
            )
        };
        let counts = (as_size(before.trace_count), as_size(after.trace_count));
        let chances: Vec<f64> = (0..self.paths.len())
            .map(|place| {
                let (one, other) = at(place);
                rank_sum(&one.path_ns, counts.0, &other.path_ns, counts.1)
            })
            .collect();
        let rates = false_discovery_rates(&chances);
        let mut places: Vec<SetPlace> = (0..self.paths.len())
            .zip(rates)
            .map(|(place, false_discovery_rate)| {
                let (one, other) = at(place);
                SetPlace {
                    path: self.paths.steps(place),
                    contribution_ns: after.mean(other.sum.path_ns) - before.mean(one.sum.path_ns),
                    before: one.sum,
                    after: other.sum,
                    before_share: before.mean(one.path_ns.len() as u64),
                    after_share: after.mean(other.path_ns.len() as u64),
                    false_discovery_rate,
                }
            })
            .collect();
        places.sort_by(|a, b| b.contribution_ns.abs().total_cmp(&a.contribution_ns.abs()));
        SetDiff {
            before_count: before.trace_count,
            after_count: after.trace_count,
            before_mean_ns: before.mean_duration_ns(),
            after_mean_ns: after.mean_duration_ns(),
            places,
        }
    }
}

impl Set {
    /// A sum as a mean per trace; zero for no traces.
    fn mean(&self, sum: u64) -> f64 {
        sum as f64 / self.trace_count.max(1) as f64
    }

    fn mean_duration_ns(&self) -> f64 {
        self.duration_ns as f64 / self.trace_count.max(1) as f64
    }
}

fn as_size(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}
