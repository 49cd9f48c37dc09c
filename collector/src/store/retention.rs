//! What is kept how long: by age and by disk budget, whichever comes first.
//!
//! Age goes by arrival, not by the time that the data speak of: what was imported yesterday is
//! a day old, however long ago it happened. Whole windows go, the one that was added to least
//! recently first, so that what is kept of a time is all of it. Where a single window is left
//! and still over the budget, its oldest parts go.

use std::collections::BTreeMap;
use std::time::Duration;

use spanwalk_model::UnixNanos;

use super::catalogue::Catalogue;
use super::change::Flusher;
use super::contract::{Dropped, Retained};
use super::error::StoreError;
use super::manifest::{DroppedMeta, Manifest, PartMeta};

/// What is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) age: Option<Duration>,
    pub(super) bytes: Option<u64>,
}

/// Why a part goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Age,
    Bytes,
}

impl Limits {
    fn age_ns(&self) -> Option<u64> {
        self.age
            .map(|age| u64::try_from(age.as_nanos()).unwrap_or(u64::MAX))
    }

    /// When the next window is too old; `None` where none ever is.
    pub(super) fn next_expiry_ns(&self, parts: &[PartMeta]) -> Option<UnixNanos> {
        let age_ns = self.age_ns()?;
        let last_arrivals = windows(parts).into_values().map(|window| window.last_ns);
        Some(last_arrivals.min()?.saturating_add(age_ns))
    }

    /// The parts that go, each with the reason. `other_bytes` are on the disk beside them.
    pub(super) fn expired(
        &self,
        parts: &[PartMeta],
        other_bytes: u64,
        now_ns: UnixNanos,
    ) -> BTreeMap<u64, Reason> {
        let mut gone = BTreeMap::new();
        let mut kept: Vec<Window<'_>> = windows(parts).into_values().collect();
        if let Some(age_ns) = self.age_ns() {
            kept.retain(|window| {
                let is_kept = window.last_ns.saturating_add(age_ns) > now_ns;
                if !is_kept {
                    gone.extend(window.parts.iter().map(|part| (part.id, Reason::Age)));
                }
                is_kept
            });
        }
        let Some(bytes_max) = self.bytes else {
            return gone;
        };
        // Those that go first stand last.
        kept.sort_by_key(|window| std::cmp::Reverse((window.last_ns, window.number)));
        let mut bytes = other_bytes + kept.iter().map(Window::bytes).sum::<u64>();
        while bytes > bytes_max
            && kept.len() > 1
            && let Some(window) = kept.pop()
        {
            bytes -= window.bytes();
            gone.extend(window.parts.iter().map(|part| (part.id, Reason::Bytes)));
        }
        if let [last] = kept.as_mut_slice() {
            last.parts
                .sort_by_key(|part| std::cmp::Reverse((part.last_arrived_ns, part.id)));
            // The newest part stays, whatever the budget: what has just come can be looked at.
            while bytes > bytes_max
                && last.parts.len() > 1
                && let Some(part) = last.parts.pop()
            {
                bytes -= part.bytes;
                gone.insert(part.id, Reason::Bytes);
            }
        }
        gone
    }
}

struct Window<'a> {
    number: u64,
    /// When something of it last arrived.
    last_ns: UnixNanos,
    parts: Vec<&'a PartMeta>,
}

impl Window<'_> {
    fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }
}

fn windows(parts: &[PartMeta]) -> BTreeMap<u64, Window<'_>> {
    let mut windows = BTreeMap::new();
    for part in parts {
        let window = windows.entry(part.window).or_insert_with(|| Window {
            number: part.window,
            last_ns: 0,
            parts: Vec::new(),
        });
        window.last_ns = window.last_ns.max(part.last_arrived_ns);
        window.parts.push(part);
    }
    windows
}

impl Flusher {
    /// Drops what is over the limits; whether anything was.
    pub(super) fn retain(
        &self,
        catalogue: &Catalogue,
        limits: Limits,
        wal_bytes: u64,
        now_ns: UnixNanos,
    ) -> Result<bool, StoreError> {
        let mut change = Self::begin(catalogue);
        let gone = limits.expired(&change.manifest.parts, wal_bytes, now_ns);
        if gone.is_empty() {
            return Ok(false);
        }
        let windows_before = windows(&change.manifest.parts).len();
        for meta in &change.manifest.parts.clone() {
            match gone.get(&meta.id) {
                Some(Reason::Age) => change.manifest.dropped_by_age.count(meta),
                Some(Reason::Bytes) => change.manifest.dropped_by_bytes.count(meta),
                None => {}
            }
        }
        change.remove(|id| gone.contains_key(&id));
        let windows_after = windows(&change.manifest.parts).len();
        change.manifest.forget_deliveries();
        tracing::info!(
            parts = gone.len(),
            windows = windows_before - windows_after,
            "dropped what is over the limits of age or bytes"
        );
        self.commit(catalogue, change, None)?;
        Ok(true)
    }
}

impl DroppedMeta {
    fn count(&mut self, part: &PartMeta) {
        self.part_count += 1;
        self.span_count += u64::from(part.span_count);
        self.log_count += u64::from(part.log_count);
        self.bytes += part.bytes;
        self.last_arrived_ns = self.last_arrived_ns.max(part.last_arrived_ns);
    }

    fn told(&self) -> Dropped {
        Dropped {
            part_count: self.part_count,
            span_count: self.span_count,
            log_count: self.log_count,
            bytes: self.bytes,
            last_arrived_ns: self.last_arrived_ns,
        }
    }
}

/// What is kept and what was dropped, as values.
pub(super) fn retained(manifest: &Manifest, limits: Limits, wal_bytes: u64) -> Retained {
    let parts = &manifest.parts;
    Retained {
        part_bytes: parts.iter().map(|part| part.bytes).sum(),
        wal_bytes,
        age_max: limits.age,
        bytes_max: limits.bytes,
        oldest_arrived_ns: parts.iter().map(|part| part.first_arrived_ns).min(),
        oldest_ns: parts.iter().map(|part| part.first_ns).min(),
        dropped_by_age: manifest.dropped_by_age.told(),
        dropped_by_bytes: manifest.dropped_by_bytes.told(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(id: u64, window: u64, last_arrived_ns: u64) -> PartMeta {
        PartMeta {
            id,
            window,
            last_arrived_ns,
            bytes: 100,
            ..PartMeta::default()
        }
    }

    fn gone(limits: Limits, parts: &[PartMeta], now_ns: u64) -> Vec<(u64, Reason)> {
        limits.expired(parts, 50, now_ns).into_iter().collect()
    }

    #[test]
    fn without_limits_everything_stays() {
        assert!(gone(Limits::default(), &[part(1, 1, 1)], u64::MAX).is_empty());
        assert_eq!(Limits::default().next_expiry_ns(&[part(1, 1, 1)]), None);
    }

    #[test]
    fn a_window_is_as_old_as_its_last_arrival() {
        let limits = Limits {
            age: Some(Duration::from_nanos(10)),
            bytes: None,
        };
        // Window 1 is of the oldest time and was imported last.
        let parts = [
            part(1, 1, 95),
            part(2, 8, 70),
            part(3, 8, 80),
            part(4, 9, 90),
        ];
        assert_eq!(limits.next_expiry_ns(&parts), Some(90));
        assert!(gone(limits, &parts, 89).is_empty());
        assert_eq!(
            gone(limits, &parts, 90),
            [(2, Reason::Age), (3, Reason::Age)]
        );
        assert_eq!(gone(limits, &parts, 200).len(), 4);
    }

    #[test]
    fn over_the_budget_what_was_added_to_least_recently_goes_first() {
        let limits = |bytes| Limits {
            age: None,
            bytes: Some(bytes),
        };
        let parts = [
            part(1, 1, 95),
            part(2, 8, 70),
            part(3, 8, 80),
            part(4, 9, 90),
        ];
        assert!(gone(limits(450), &parts, 100).is_empty());
        let window_8 = [(2, Reason::Bytes), (3, Reason::Bytes)];
        assert_eq!(gone(limits(449), &parts, 100), window_8);
        assert_eq!(gone(limits(150), &parts, 100).len(), 3);
        assert_eq!(gone(limits(0), &parts, 100).len(), 3, "the newest stays");
    }

    #[test]
    fn of_a_single_window_the_oldest_parts_go() {
        let limits = Limits {
            age: None,
            bytes: Some(250),
        };
        let parts = [part(1, 5, 30), part(2, 5, 10), part(3, 5, 20)];
        assert_eq!(gone(limits, &parts, 100), [(2, Reason::Bytes)]);
    }

    #[test]
    fn whichever_limit_comes_first_counts() {
        let limits = Limits {
            age: Some(Duration::from_nanos(10)),
            bytes: Some(150),
        };
        let parts = [part(1, 1, 50), part(2, 2, 95), part(3, 3, 96)];
        let reasons = [(1, Reason::Age), (2, Reason::Bytes)];
        assert_eq!(gone(limits, &parts, 100), reasons);
    }
}
