//! From pairs of hosts to one offset per host.

use std::collections::{BTreeMap, BTreeSet};

use spanwalk_model::trace::Trace;

use super::{Corrections, Hosts, PairSkew};

/// How far the clock of a host is from that of its group's first host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    group: usize,
    offset_ns: i64,
    /// The sum along the way; `None` where a step has none.
    uncertainty_ns: Option<u64>,
}

/// The clocks of hosts, as far as calls tie them together.
#[derive(Debug, Clone, Default)]
pub struct Skews {
    pairs: Vec<PairSkew>,
    places: BTreeMap<String, Place>,
}

impl Skews {
    /// Goes from host to host along the pairs that are known best (Prim's spanning tree).
    pub(super) fn of(pairs: Vec<PairSkew>) -> Self {
        let mut skews = Self {
            places: BTreeMap::new(),
            pairs,
        };
        let mut neighbours: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, pair) in skews.pairs.iter().enumerate() {
            neighbours.entry(&pair.host).or_default().push(index);
            neighbours.entry(&pair.other).or_default().push(index);
        }
        let hosts: Vec<&str> = neighbours.keys().copied().collect();
        let mut places = BTreeMap::new();
        for (group, host) in hosts.into_iter().enumerate() {
            if !places.contains_key(host) {
                let first = Place {
                    group,
                    offset_ns: 0,
                    uncertainty_ns: Some(0),
                };
                spread(&skews.pairs, &neighbours, host, first, &mut places);
            }
        }
        skews.places = places;
        skews
    }

    /// What was found for each pair of hosts.
    pub fn pairs(&self) -> &[PairSkew] {
        &self.pairs
    }

    /// What to add to the clock of `other` to get that of `host`, and how far that may be
    /// wrong, nanoseconds; `None` where no calls tie them together.
    pub fn between(&self, host: &str, other: &str) -> Option<(i64, Option<u64>)> {
        if host == other {
            return Some((0, Some(0)));
        }
        let (a, b) = (self.places.get(host)?, self.places.get(other)?);
        let both = a.uncertainty_ns.zip(b.uncertainty_ns);
        (a.group == b.group).then(|| {
            (
                b.offset_ns.saturating_sub(a.offset_ns),
                both.map(|(a, b)| a.saturating_add(b)),
            )
        })
    }

    /// What to add to the times of each span of a trace, so that all are of the clock of the
    /// span that the request began with.
    pub fn corrections(&self, trace: &Trace) -> Corrections {
        let Some(root) = trace.root() else {
            return Corrections::default();
        };
        let hosts = Hosts::of(trace);
        let mut known: BTreeMap<u32, i64> = BTreeMap::new();
        let offsets = (0..trace.len())
            .map(|span| {
                *known.entry(hosts.symbol(span)).or_insert_with(|| {
                    self.between(hosts.name(root), hosts.name(span))
                        .map_or(0, |(offset, _)| offset)
                })
            })
            .collect();
        Corrections::new(offsets)
    }
}

fn spread(
    pairs: &[PairSkew],
    neighbours: &BTreeMap<&str, Vec<usize>>,
    from: &str,
    first: Place,
    places: &mut BTreeMap<String, Place>,
) {
    places.insert(from.to_owned(), first);
    let mut open: BTreeSet<(u64, usize)> = BTreeSet::new();
    let weight = |pair: &PairSkew| pair.uncertainty_ns.unwrap_or(u64::MAX);
    let reach = |host: &str, open: &mut BTreeSet<(u64, usize)>| {
        for index in neighbours.get(host).into_iter().flatten() {
            if let Some(pair) = pairs.get(*index) {
                open.insert((weight(pair), *index));
            }
        }
    };
    reach(from, &mut open);
    while let Some((_, index)) = open.pop_first() {
        let Some(pair) = pairs.get(index) else {
            continue;
        };
        let known = (places.get(&pair.host), places.get(&pair.other));
        let (next, offset_ns, from) = match known {
            (Some(host), None) => (
                &pair.other,
                host.offset_ns.saturating_add(pair.offset_ns),
                *host,
            ),
            (None, Some(other)) => (
                &pair.host,
                other.offset_ns.saturating_sub(pair.offset_ns),
                *other,
            ),
            _ => continue,
        };
        let uncertainty_ns = from
            .uncertainty_ns
            .zip(pair.uncertainty_ns)
            .map(|(a, b)| a.saturating_add(b));
        places.insert(
            next.clone(),
            Place {
                group: from.group,
                offset_ns,
                uncertainty_ns,
            },
        );
        reach(next, &mut open);
    }
}
