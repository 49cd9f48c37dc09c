//! What is different between two traces, or two sets of traces.
//!
//! Spans are gathered by their way from the root: service, operation and kind of each step,
//! with ids in names masked and repeated siblings as one. The time that the critical path
//! spends at each of these places sums to the request's length, so the differences by place
//! sum exactly to the whole difference.
//!
//! - `path_profile`: a trace by place.
//! - `sets`: many traces against many.
//! - `statistics`: whether a difference may be chance.
//! - `attributes`: what two traces say differently at the same place.
//! - `divergence`: where two traces begin to differ.

mod attributes;
mod divergence;
mod path_profile;
mod sets;
mod statistics;
#[cfg(test)]
mod tests;

use spanwalk_model::trace::Trace;

pub use attributes::{ATTRIBUTES_MAX, AttributeDiff};
pub use divergence::Divergence;
pub use path_profile::{PathProfile, Paths, Place, Step};
pub use sets::{SetDiff, SetPlace, Sets, Side};

use crate::templates::Templates;

/// A place in two traces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceDiff {
    /// The way from the root.
    pub path: Vec<Step>,
    /// In the first trace; all zero where it is not there.
    pub before: Place,
    /// In the second trace; all zero where it is not there.
    pub after: Place,
}

impl PlaceDiff {
    /// What it contributes to the difference of the requests' lengths, nanoseconds.
    pub fn contribution_ns(&self) -> i64 {
        difference(self.before.path_ns, self.after.path_ns)
    }
}

/// What is different between two traces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TraceDiff {
    /// The first trace's main path, nanoseconds.
    pub before_ns: u64,
    /// The second trace's main path, nanoseconds.
    pub after_ns: u64,
    /// Every place of either, the largest contribution first. Contributions sum to the
    /// difference of the lengths.
    pub places: Vec<PlaceDiff>,
    /// Where they first differ in what is called, in order of start.
    pub divergence: Option<Divergence>,
    /// What they say differently at the same place.
    pub attributes: Vec<AttributeDiff>,
    /// Templates of log records that only the first has, in order of text.
    pub templates_before: Vec<String>,
    /// Templates of log records that only the second has, in order of text.
    pub templates_after: Vec<String>,
}

/// Compares two traces.
pub fn diff(before: &Trace, after: &Trace) -> TraceDiff {
    let mut paths = Paths::default();
    let (one, other) = (paths.profile(before), paths.profile(after));
    let mut places: Vec<PlaceDiff> = (0..paths.len())
        .map(|place| PlaceDiff {
            path: paths.steps(place),
            before: one.get(place),
            after: other.get(place),
        })
        .collect();
    // Stable: of equal contributions the place that was met first comes first.
    places.sort_by_key(|place| std::cmp::Reverse(place.contribution_ns().unsigned_abs()));
    let (templates_before, templates_after) = templates(before, after);
    TraceDiff {
        before_ns: one.duration_ns,
        after_ns: other.duration_ns,
        places,
        divergence: divergence::first(before, &one, after, &other),
        attributes: attributes::differences(&paths, (before, &one), (after, &other)),
        templates_before,
        templates_after,
    }
}

/// Templates that only one side has, from both sides' records together.
fn templates(before: &Trace, after: &Trace) -> (Vec<String>, Vec<String>) {
    let texts: Vec<String> = [before, after]
        .into_iter()
        .flat_map(Trace::logs)
        .map(|log| log.item.body_text())
        .collect();
    let (templates, slots) = Templates::of(texts.iter().map(String::as_str));
    let ids = |slots: &[crate::templates::Slot]| -> std::collections::BTreeSet<String> {
        slots
            .iter()
            .filter_map(|slot| templates.of_slot(*slot))
            .map(|template| template.text.clone())
            .collect()
    };
    let (first, second) = slots
        .split_at_checked(before.logs().len())
        .unwrap_or((&[], &[]));
    let (first, second) = (ids(first), ids(second));
    let only =
        |one: &std::collections::BTreeSet<String>, other| one.difference(other).cloned().collect();
    (only(&first, &second), only(&second, &first))
}

/// Later minus earlier, as far as it can be said.
fn difference(before: u64, after: u64) -> i64 {
    i64::try_from(i128::from(after) - i128::from(before)).unwrap_or(i64::MAX)
}
