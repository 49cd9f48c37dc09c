//! Trees of every shape, and property tests over arbitrary parents.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::batch::TraceItems;
use crate::resource::Resource;
use crate::scope::Scope;

fn trace_id() -> TraceId {
    TraceId::from_u128(7).unwrap()
}

fn id(number: u64) -> SpanId {
    SpanId::from_u64(number).unwrap()
}

fn scoped<T>(service: &str, item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

fn span(number: u64, parent: u64, start_ns: u64, end_ns: u64) -> Scoped<Span> {
    let mut span = Span::new(trace_id(), id(number));
    span.parent_span_id = SpanId::from_u64(parent);
    span.start_ns = start_ns;
    span.end_ns = end_ns;
    scoped("svc", span)
}

fn build(spans: Vec<Scoped<Span>>) -> Trace {
    Trace::build(TraceItems {
        spans,
        logs: Vec::new(),
    })
}

fn kinds(trace: &Trace) -> Vec<FindingKind> {
    trace.findings().iter().map(|found| found.kind).collect()
}

#[test]
fn a_tree_is_ranked_parents_first_and_children_by_start() {
    let trace = build(vec![
        span(3, 1, 30, 40),
        span(1, 0, 10, 100),
        span(4, 2, 22, 24),
        span(2, 1, 20, 28),
    ]);
    let ranked: Vec<u64> = (0..trace.len())
        .filter_map(|rank| trace.at_rank(rank))
        .filter_map(|index| trace.span(index))
        .map(|span| span.item.span_id.to_u64())
        .collect();
    assert_eq!(ranked, [1, 2, 4, 3]);
    let root = trace.root().unwrap();
    assert_eq!(trace.subtree_size(root), 4);
    assert_eq!(trace.depth(trace.index_of(id(4)).unwrap()), 2);
    assert_eq!(trace.duration_ns(), 90);
    assert!(trace.findings().is_empty());
}

#[test]
fn a_missing_parent_makes_a_root_and_is_found() {
    let trace = build(vec![span(1, 0, 10, 20), span(2, 99, 12, 14)]);
    assert_eq!(trace.roots().len(), 2);
    assert_eq!(kinds(&trace), [FindingKind::MissingParent]);
    assert_eq!(
        trace.findings()[0].to_string(),
        "1 span names a parent that is not stored"
    );
}

#[test]
fn cycles_are_cut_at_the_earliest_span() {
    let trace = build(vec![
        span(1, 3, 10, 20),
        span(2, 1, 11, 20),
        span(3, 2, 12, 20),
        span(4, 4, 13, 20),
    ]);
    assert_eq!(kinds(&trace), [FindingKind::ParentCycle]);
    assert_eq!(trace.findings()[0].count, 4);
    assert_eq!(trace.roots(), [0, 3]);
    assert_eq!(trace.subtree_size(0), 3);
}

#[test]
fn the_same_span_twice_is_one_and_another_with_its_id_is_kept() {
    let trace = build(vec![
        span(1, 0, 10, 20),
        span(1, 0, 10, 20),
        span(1, 0, 10, 21),
    ]);
    assert_eq!(trace.len(), 2);
    assert!(kinds(&trace).contains(&FindingKind::Duplicate));
    assert!(kinds(&trace).contains(&FindingKind::RepeatedId));
}

#[test]
fn odd_times_are_found_and_do_no_harm() {
    let trace = build(vec![span(1, 0, 10, 5), span(2, 1, 0, 0)]);
    let first = trace.index_of(id(1)).unwrap();
    assert_eq!(trace.span_end_ns(first), 10);
    assert_eq!(
        kinds(&trace),
        [FindingKind::EndBeforeStart, FindingKind::NoStart]
    );
    assert_eq!((trace.start_ns(), trace.end_ns()), (5, 10));
}

#[test]
fn records_stand_at_their_span_or_at_the_trace() {
    let record = |span_id: Option<SpanId>, time_ns: u64| {
        scoped(
            "svc",
            LogRecord {
                trace_id: Some(trace_id()),
                span_id,
                time_ns,
                ..LogRecord::default()
            },
        )
    };
    let trace = Trace::build(TraceItems {
        spans: vec![span(1, 0, 10, 20)],
        logs: vec![
            record(Some(id(1)), 15),
            record(None, 11),
            record(Some(id(9)), 12),
            record(Some(id(1)), 12),
        ],
    });
    assert_eq!(trace.span_logs(0), [2, 3]);
    assert_eq!(trace.log_span(0), None);
    assert_eq!(trace.log_span(3), Some(0));
}

#[test]
fn a_chain_as_deep_as_the_trace_is_long_is_no_trouble() {
    let count = 100_000;
    let trace = build((1..=count).map(|n| span(n, n - 1, n, count + n)).collect());
    assert_eq!(u64::from(trace.len()), count);
    assert_eq!(u64::from(trace.depth(trace.len() - 1)), count - 1);
    assert_eq!(trace.ancestors(trace.len() - 1).count() as u64, count - 1);
}

#[test]
fn nothing_gives_an_empty_trace() {
    let trace = build(Vec::new());
    assert!(trace.is_empty());
    assert_eq!(trace.root(), None);
    assert_eq!(trace.trace_id(), None);
}

proptest! {
    #[test]
    fn whatever_the_parents_every_span_stands_once_and_behind_its_parent(
        parents in prop::collection::vec((0_u64..40, 0_u64..50), 0..40)
    ) {
        let spans = parents
            .iter()
            .enumerate()
            .map(|(index, (parent, start))| span(index as u64 + 1, *parent, *start, start + 5))
            .collect();
        let trace = build(spans);
        prop_assert_eq!(trace.len() as usize, parents.len());
        let mut seen = vec![false; parents.len()];
        for rank in 0..trace.len() {
            let index = trace.at_rank(rank).unwrap();
            prop_assert!(!seen[index as usize]);
            seen[index as usize] = true;
            prop_assert_eq!(trace.rank(index), rank);
            if let Some(parent) = trace.parent(index) {
                prop_assert!(trace.rank(parent) < rank);
                prop_assert!(trace.subtree(parent).contains(&rank));
                prop_assert_eq!(trace.depth(index), trace.depth(parent) + 1);
                prop_assert!(trace.children(parent).contains(&index));
            }
            let below: u32 = trace.children(index).iter().map(|c| trace.subtree_size(*c)).sum();
            prop_assert_eq!(trace.subtree_size(index), below + 1);
        }
        let in_roots: u32 = trace.roots().iter().map(|root| trace.subtree_size(*root)).sum();
        prop_assert_eq!(in_roots, trace.len());
    }
}
