//! How many log records match, by level over time.

use std::collections::BTreeMap;

use spanwalk_model::{SeverityLevel, TimeRange, UnixNanos};
use spanwalk_query::Query;

use super::{Engine, Facts};
use crate::clock::Deadline;
use crate::store::{LogRef, StoreError};

/// Records that are read at once.
const READ_AT_ONCE: usize = 2_048;

/// Counts by level over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Levels {
    /// Where the first stretch begins.
    pub start_ns: UnixNanos,
    /// How long each stretch is; zero where there is none.
    pub bucket_ns: u64,
    /// Records of each level, by stretch.
    pub buckets: Vec<BTreeMap<SeverityLevel, u64>>,
    /// How complete the counts are.
    pub facts: Facts,
}

impl Engine {
    /// Counts the log records that match, in at most so many stretches of equal length, from
    /// the newest back.
    ///
    /// # Errors
    /// [`StoreError`] where files cannot be read.
    pub fn levels(
        &self,
        query: &Query,
        bucket_count: u32,
        deadline: Deadline,
    ) -> Result<Levels, StoreError> {
        let snapshot = self.store.snapshot();
        let candidates = snapshot.candidate_logs(&query.log_condition(), query.range())?;
        let mut levels = Levels {
            facts: Facts {
                newest_ns: snapshot.newest_ns(),
                ..Facts::default()
            },
            ..Levels::default()
        };
        let Some(span) = span_of(query.range(), &candidates) else {
            return Ok(levels);
        };
        levels.divide(span, bucket_count);
        for refs in candidates.chunks(READ_AT_ONCE) {
            if deadline.has_passed() {
                levels.facts.timed_out = true;
                levels.facts.is_lower_bound = true;
                break;
            }
            levels.facts.scanned += refs.len() as u64;
            for (log, place) in snapshot.read_logs(refs)?.iter().zip(refs) {
                if query.match_log(log) {
                    levels.add(place.moment_ns, log.item.level());
                }
            }
        }
        Ok(levels)
    }
}

/// The range that is asked for; where it is open, up to the oldest and the newest candidate.
fn span_of(range: TimeRange, candidates: &[LogRef]) -> Option<TimeRange> {
    let (newest, oldest) = (candidates.first()?, candidates.last()?);
    Some(TimeRange {
        start_ns: match range.start_ns {
            0 => oldest.moment_ns,
            said => said,
        },
        end_ns: match range.end_ns {
            u64::MAX => newest.moment_ns.saturating_add(1),
            said => said,
        },
    })
}

impl Levels {
    fn divide(&mut self, span: TimeRange, bucket_count: u32) {
        let length_ns = span.end_ns.saturating_sub(span.start_ns);
        self.start_ns = span.start_ns;
        self.bucket_ns = length_ns.div_ceil(u64::from(bucket_count.max(1))).max(1);
        let count = length_ns.div_ceil(self.bucket_ns);
        let count = usize::try_from(count).unwrap_or(0);
        self.buckets = vec![BTreeMap::new(); count];
    }

    fn add(&mut self, moment_ns: UnixNanos, level: SeverityLevel) {
        let behind_ns = moment_ns.saturating_sub(self.start_ns);
        let index = behind_ns / self.bucket_ns.max(1);
        let bucket = usize::try_from(index)
            .ok()
            .and_then(|index| self.buckets.get_mut(index));
        if let Some(bucket) = bucket {
            *bucket.entry(level).or_insert(0) += 1;
            self.facts.matched += 1;
        }
    }
}
