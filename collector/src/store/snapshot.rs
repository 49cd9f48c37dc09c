//! An immutable view of tail and parts.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use foldhash::quality::RandomState;
use spanwalk_model::{LogRecord, Scoped, Span, SpanId, TimeRange, TraceId, TraceItems, UnixNanos};
use spanwalk_query::{Condition, Term};

use super::catalogue::PartSet;
use super::contract::{LogRef, ServiceSummary, Snapshot, StoredTotals, TraceCandidate};
use super::error::StoreError;
use super::part::{Part, bytes_below};
use crate::disk::Disk;
use crate::tail::{ServiceTotals, TailView, earliest};

/// The piece that [`LogRef`]s of the tail name; parts are numbered from one.
const TAIL_PIECE: u32 = 0;

/// Spans by id.
type SpanIds = HashSet<SpanId, RandomState>;

/// Traces by id.
type Traces = HashSet<TraceId, RandomState>;

/// Tail and parts at one moment.
pub(super) struct StoreSnapshot {
    pub(super) tail: Arc<TailView>,
    pub(super) parts: Arc<PartSet>,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) directory: PathBuf,
}

impl Snapshot for StoreSnapshot {
    fn newest_ns(&self) -> UnixNanos {
        let of_parts = self.parts.parts.iter().map(|part| part.meta.last_ns);
        of_parts.chain([self.tail.last_ns()]).max().unwrap_or(0)
    }

    fn candidate_traces(
        &self,
        condition: &Condition,
        range: TimeRange,
    ) -> Result<Vec<TraceCandidate>, StoreError> {
        let tail_starts = self.tail.traces();
        let merged = self.parts.merged();
        let tail_straddlers = self.tail_straddlers(&tail_starts);
        let straddles =
            |id: &TraceId| merged.straddlers.contains(id) || tail_straddlers.contains(id);
        let mut candidates = Vec::new();
        let mut add = |trace_id: TraceId, start_ns: UnixNanos| {
            if range.contains(start_ns) {
                candidates.push(TraceCandidate { start_ns, trace_id });
            }
        };
        let mut terms = Vec::new();
        collect_terms(condition, &mut terms);
        // What holds for traces in several pieces is known when all pieces were asked.
        let mut straddling: Vec<Vec<TraceId>> = vec![Vec::new(); terms.len()];
        for part in self.pieces_in(range) {
            let found = terms
                .iter()
                .map(|term| part.traces_of_term(term))
                .collect::<Result<Vec<_>, _>>()?;
            for (all, here) in straddling.iter_mut().zip(&found) {
                all.extend(here.iter().filter(|id| straddles(id)));
            }
            match sorted_traces(condition, &mut found.into_iter()) {
                Some(here) => {
                    for id in here.into_iter().filter(|id| !straddles(id)) {
                        add(id, part.start_ns(id));
                    }
                }
                None => {
                    for (id, start_ns) in part.traces().iter().filter(|(id, _)| !straddles(id)) {
                        add(*id, *start_ns);
                    }
                }
            }
        }
        let in_tail = self.tail.candidate_traces(condition);
        for (id, start_ns) in &tail_starts {
            let may_match = in_tail.as_ref().is_none_or(|found| found.contains(id));
            if may_match && !straddles(id) {
                add(*id, *start_ns);
            }
        }
        for (all, term) in straddling.iter_mut().zip(&terms) {
            let found = self
                .tail
                .candidate_traces(&Condition::Term((*term).clone()));
            all.extend(found.into_iter().flatten().filter(straddles));
            all.sort_unstable();
            all.dedup();
        }
        let across = sorted_traces(condition, &mut straddling.into_iter()).unwrap_or_else(|| {
            let only_in_tail = tail_straddlers.difference(&merged.straddlers);
            merged
                .straddlers
                .iter()
                .chain(only_in_tail)
                .copied()
                .collect()
        });
        for id in across {
            let of_parts = merged.start_ns(id).unwrap_or(0);
            let of_tail = tail_starts.get(&id).copied().unwrap_or(0);
            add(id, earliest(of_parts, of_tail));
        }
        candidates.sort_unstable_by(|a, b| (b.start_ns, a.trace_id).cmp(&(a.start_ns, b.trace_id)));
        Ok(candidates)
    }

    fn candidate_logs(
        &self,
        condition: &Condition,
        range: TimeRange,
    ) -> Result<Vec<LogRef>, StoreError> {
        let mut refs: Vec<LogRef> = self
            .tail
            .candidate_logs(condition, range)
            .map(|(row, log)| LogRef {
                moment_ns: log.item.moment_ns(),
                piece: TAIL_PIECE,
                row,
            })
            .collect();
        for (piece, part) in (1_u32..).zip(&self.parts.parts) {
            if !range.overlaps(part.meta.first_ns, part.meta.last_ns) {
                continue;
            }
            let found = part.logs_of_condition(condition)?;
            refs.extend(
                found
                    .into_iter()
                    .filter(|(_, moment_ns)| range.contains(*moment_ns))
                    .map(|(row, moment_ns)| LogRef {
                        moment_ns,
                        piece,
                        row,
                    }),
            );
        }
        refs.sort_unstable_by(|a, b| b.cmp(a));
        Ok(refs)
    }

    fn read_logs(&self, refs: &[LogRef]) -> Result<Vec<Scoped<LogRecord>>, StoreError> {
        let mut wanted: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
        for (place, log) in refs.iter().enumerate() {
            wanted.entry(log.piece).or_default().push((log.row, place));
        }
        let mut read: Vec<Option<Scoped<LogRecord>>> = vec![None; refs.len()];
        for (piece, mut rows) in wanted {
            // In order of rows, so that each group is read once.
            rows.sort_unstable();
            let numbers: Vec<u32> = rows.iter().map(|(row, _)| *row).collect();
            let logs = self.read_piece_logs(piece, &numbers)?;
            for ((_, place), log) in rows.into_iter().zip(logs) {
                if let Some(slot) = read.get_mut(place) {
                    *slot = Some(log);
                }
            }
        }
        let missing = |log: &LogRef| StoreError::NoSuchLog {
            piece: log.piece,
            row: log.row,
        };
        refs.iter()
            .zip(read)
            .map(|(log, read)| read.ok_or_else(|| missing(log)))
            .collect()
    }

    fn trace(&self, id: TraceId) -> Result<TraceItems, StoreError> {
        let mut items = TraceItems::default();
        for part in self.parts.parts.iter().filter(|part| part.holds(id)) {
            items.spans.extend(part.spans_of(id)?);
            items.logs.extend(part.logs_of(id)?);
        }
        self.tail.add_trace(id, &mut items);
        drop_duplicates(&mut items.spans);
        Ok(items)
    }

    fn services(&self) -> Vec<ServiceSummary> {
        let mut services: BTreeMap<String, ServiceTotals> = self.tail.services();
        for meta in self.parts.parts.iter().flat_map(|part| &part.meta.services) {
            services
                .entry(meta.name.clone())
                .or_default()
                .add(&ServiceTotals {
                    span_count: meta.span_count,
                    error_span_count: meta.error_span_count,
                    log_count: meta.log_count,
                    last_ns: meta.last_ns,
                });
        }
        services
            .into_iter()
            .map(|(name, totals)| ServiceSummary {
                name,
                span_count: totals.span_count,
                error_span_count: totals.error_span_count,
                log_count: totals.log_count,
                last_ns: totals.last_ns,
            })
            .collect()
    }

    fn stored(&self) -> StoredTotals {
        let parts = &self.parts.parts;
        let of_spans = parts.iter().map(|part| u64::from(part.meta.span_count));
        let of_logs = parts.iter().map(|part| u64::from(part.meta.log_count));
        let tail_traces: Traces = self.tail.span_traces().collect();
        let only_in_tail = tail_traces
            .iter()
            .filter(|id| !self.parts.has_span_of(**id))
            .count() as u64;
        StoredTotals {
            // Where parts cannot be read, what they may hold too is counted as if they did not.
            span_count: of_spans.sum::<u64>() + self.tail.span_count()
                - self.spans_twice().unwrap_or(0),
            log_count: of_logs.sum::<u64>() + self.tail.log_count(),
            trace_count: self.parts.merged().span_trace_count + only_in_tail,
            service_count: self.services().len() as u64,
            // A size that cannot be read is no reason to not answer.
            bytes: bytes_below(self.disk.as_ref(), &self.directory).unwrap_or(0),
        }
    }
}

impl StoreSnapshot {
    /// The parts that may hold anything of a trace that begins in the range: a trace's items
    /// come after its beginning.
    fn pieces_in(&self, range: TimeRange) -> impl Iterator<Item = &Arc<Part>> {
        self.parts
            .parts
            .iter()
            .filter(move |part| part.meta.last_ns >= range.start_ns || part.meta.first_ns == 0)
    }

    /// Traces of the tail that a part has too.
    fn tail_straddlers(&self, tail: &HashMap<TraceId, UnixNanos, RandomState>) -> Traces {
        let merged = self.parts.merged();
        tail.keys()
            .copied()
            .filter(|id| merged.start_ns(*id).is_some())
            .collect()
    }

    /// How many spans of the tail parts hold too: their sender did not hear our answer and sent
    /// them again. A flush leaves them out; until then they are in both.
    fn spans_twice(&self) -> Result<u64, StoreError> {
        let mut of_trace: HashMap<TraceId, (SpanIds, Vec<Scoped<Span>>), RandomState> =
            HashMap::default();
        let mut count = 0;
        for span in self.tail.spans() {
            let id = span.item.trace_id;
            let (ids, spans) = match of_trace.entry(id) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    let mut ids = SpanIds::default();
                    for part in &self.parts.parts {
                        ids.extend(part.span_ids_of(id)?);
                    }
                    entry.insert((ids, Vec::new()))
                }
            };
            if !ids.contains(&span.item.span_id) {
                continue;
            }
            if spans.is_empty() {
                for part in &self.parts.parts {
                    spans.extend(part.spans_of(id)?);
                }
            }
            count += u64::from(spans.contains(span));
        }
        Ok(count)
    }

    fn read_piece_logs(
        &self,
        piece: u32,
        rows: &[u32],
    ) -> Result<Vec<Scoped<LogRecord>>, StoreError> {
        if piece != TAIL_PIECE {
            let place = (piece - 1) as usize;
            return match self.parts.parts.get(place) {
                Some(part) => part.read_logs(rows),
                None => Ok(Vec::new()),
            };
        }
        let mut wanted = rows.iter().peekable();
        let mut logs = Vec::with_capacity(rows.len());
        for (row, log) in (0_u32..).zip(self.tail.logs()) {
            while wanted.next_if(|next| **next == row).is_some() {
                logs.push(log.clone());
            }
        }
        Ok(logs)
    }
}

fn collect_terms<'a>(condition: &'a Condition, terms: &mut Vec<&'a Term>) {
    match condition {
        Condition::Everything => {}
        Condition::All(parts) | Condition::OneOf(parts) => {
            for part in parts {
                collect_terms(part, terms);
            }
        }
        Condition::Term(term) => terms.push(term),
    }
}

/// The traces of a condition from those of its terms, which come in the order that
/// [`collect_terms`] gave; `None` for all.
fn sorted_traces(
    condition: &Condition,
    terms: &mut impl Iterator<Item = Vec<TraceId>>,
) -> Option<Vec<TraceId>> {
    match condition {
        Condition::Everything => None,
        Condition::Term(_) => Some(terms.next().unwrap_or_default()),
        Condition::All(parts) => {
            let mut found: Option<Vec<TraceId>> = None;
            // Every part is asked, because each takes its terms from the iterator.
            for part in parts {
                found = match (found, sorted_traces(part, terms)) {
                    (None, other) | (other, None) => other,
                    (Some(a), Some(b)) => Some(
                        a.into_iter()
                            .filter(|id| b.binary_search(id).is_ok())
                            .collect(),
                    ),
                };
            }
            found
        }
        Condition::OneOf(parts) => {
            let mut found = Some(Vec::new());
            for part in parts {
                match (&mut found, sorted_traces(part, terms)) {
                    (Some(all), Some(more)) => all.extend(more),
                    _ => found = None,
                }
            }
            if let Some(all) = &mut found {
                all.sort_unstable();
                all.dedup();
            }
            found
        }
    }
}

/// Leaves each span once; another with the same id stays.
fn drop_duplicates(spans: &mut Vec<Scoped<Span>>) {
    let mut places: HashMap<SpanId, Vec<usize>, RandomState> = HashMap::default();
    let mut kept: Vec<Scoped<Span>> = Vec::with_capacity(spans.len());
    for span in spans.drain(..) {
        let same_id = places.entry(span.item.span_id).or_default();
        if same_id.iter().any(|place| kept.get(*place) == Some(&span)) {
            continue;
        }
        same_id.push(kept.len());
        kept.push(span);
    }
    *spans = kept;
}
