//! What two traces say differently at the same place.

use std::collections::{BTreeMap, BTreeSet};

use spanwalk_model::Attributes;
use spanwalk_model::trace::Trace;

use super::{PathProfile, Paths, Step};

/// At most so many differences are told of.
pub const ATTRIBUTES_MAX: usize = 200;
/// Of a place with many spans, so many are looked at.
const SPANS_MAX: usize = 64;

/// An attribute whose values differ at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeDiff {
    /// The way from the root; the root alone for attributes of its resource.
    pub path: Vec<Step>,
    /// The attribute's key, `resource.` in front for one of the resource.
    pub key: String,
    /// The values that only the first trace has.
    pub before: BTreeSet<String>,
    /// The values that only the second trace has.
    pub after: BTreeSet<String>,
}

type Values = BTreeMap<(u32, String), BTreeSet<String>>;

/// Differences at places that both have, in the order in which places were met.
pub(super) fn differences(
    paths: &Paths,
    (before, of_before): (&Trace, &PathProfile),
    (after, of_after): (&Trace, &PathProfile),
) -> Vec<AttributeDiff> {
    let is_common =
        |place: u32| of_before.get(place).span_count > 0 && of_after.get(place).span_count > 0;
    let mut one = values(before, of_before, is_common);
    let mut other = values(after, of_after, is_common);
    let keys: BTreeSet<(u32, String)> = one.keys().chain(other.keys()).cloned().collect();
    keys.into_iter()
        .filter_map(|key| {
            let first = one.remove(&key).unwrap_or_default();
            let second = other.remove(&key).unwrap_or_default();
            (first != second).then(|| AttributeDiff {
                path: paths.steps(key.0),
                before: first.difference(&second).cloned().collect(),
                after: second.difference(&first).cloned().collect(),
                key: key.1,
            })
        })
        .take(ATTRIBUTES_MAX)
        .collect()
}

fn values(trace: &Trace, profile: &PathProfile, is_common: impl Fn(u32) -> bool) -> Values {
    let mut values = Values::new();
    let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
    for (span, scoped) in (0_u32..).zip(trace.spans()) {
        let Some(place) = profile.place_of(span).filter(|place| is_common(*place)) else {
            continue;
        };
        let count = seen.entry(place).or_default();
        *count += 1;
        if *count > SPANS_MAX {
            continue;
        }
        let mut add = |prefix: &str, attributes: &Attributes| {
            for entry in attributes {
                let key = (place, format!("{prefix}{}", entry.key));
                values
                    .entry(key)
                    .or_default()
                    .insert(entry.value.to_string());
            }
        };
        add("", &scoped.item.attributes);
        add("resource.", &scoped.resource.attributes);
    }
    values
}
