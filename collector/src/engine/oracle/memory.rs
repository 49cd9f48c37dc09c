//! A store that keeps all in memory and calls everything a candidate.

use std::cmp::Reverse;
use std::sync::Arc;

use spanwalk_model::{LogRecord, Scoped, TimeRange, TraceId, TraceItems, UnixNanos};
use spanwalk_query::Condition;

use super::Oracle;
use crate::store::{
    LogRef, ServiceSummary, Snapshot, Store, StoreError, StoredTotals, TraceCandidate,
};

/// The model as a store.
pub(super) struct Memory(pub(super) Oracle);

impl Store for Memory {
    fn snapshot(&self) -> Arc<dyn Snapshot> {
        Arc::new(Self(self.0.clone()))
    }

    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Snapshot for Memory {
    fn newest_ns(&self) -> UnixNanos {
        let starts = self.0.spans.iter().map(|span| span.item.start_ns);
        let moments = self.0.logs.iter().map(|record| record.item.moment_ns());
        starts.chain(moments).max().unwrap_or(0)
    }

    fn candidate_traces(
        &self,
        _: &Condition,
        range: TimeRange,
    ) -> Result<Vec<TraceCandidate>, StoreError> {
        let ids = self.0.trace_ids().into_iter();
        let mut candidates: Vec<TraceCandidate> = ids
            .map(|trace_id| TraceCandidate {
                start_ns: self.0.trace(trace_id).bounds_ns().0,
                trace_id,
            })
            .filter(|candidate| range.contains(candidate.start_ns))
            .collect();
        candidates.sort_by_key(|candidate| (Reverse(candidate.start_ns), candidate.trace_id));
        Ok(candidates)
    }

    fn candidate_logs(&self, _: &Condition, range: TimeRange) -> Result<Vec<LogRef>, StoreError> {
        let mut refs: Vec<LogRef> = (0u32..)
            .zip(&self.0.logs)
            .map(|(row, record)| LogRef {
                moment_ns: record.item.moment_ns(),
                piece: 0,
                row,
            })
            .filter(|reference| range.contains(reference.moment_ns))
            .collect();
        refs.sort_by_key(|reference| Reverse(reference.moment_ns));
        Ok(refs)
    }

    fn read_logs(&self, refs: &[LogRef]) -> Result<Vec<Scoped<LogRecord>>, StoreError> {
        Ok(refs
            .iter()
            .map(|reference| self.0.logs[reference.row as usize].clone())
            .collect())
    }

    fn trace(&self, id: TraceId) -> Result<TraceItems, StoreError> {
        Ok(self.0.trace(id))
    }

    fn services(&self) -> Vec<ServiceSummary> {
        Vec::new()
    }

    fn stored(&self) -> StoredTotals {
        StoredTotals::default()
    }
}
