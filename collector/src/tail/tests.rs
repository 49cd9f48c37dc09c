//! What is inserted is seen, what was flushed is gone, and views never change.

use std::sync::Arc;

use spanwalk_model::batch::group_items;
use spanwalk_model::{
    Batch, LogRecord, Resource, Scope, Scoped, Span, SpanId, TimeRange, TraceId, TraceItems,
};
use spanwalk_query::{Condition, Term};

use super::*;

fn trace(number: u128) -> TraceId {
    TraceId::from_u128(number).unwrap()
}

fn scoped<T>(item: T) -> Scoped<T> {
    let mut resource = Resource::default();
    resource.attributes.push("service.name", "svc");
    Scoped {
        item,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

fn span(trace_number: u128, id: u64, name: &str) -> Scoped<Span> {
    let mut span = Span::new(trace(trace_number), SpanId::from_u64(id).unwrap());
    span.name = name.to_owned();
    span.start_ns = id;
    scoped(span)
}

fn arrival(position: u64, spans: Vec<Scoped<Span>>) -> Arrival {
    Arrival {
        position: Position(position),
        received_ns: position,
        delivery: None,
        batch: Batch::Spans(group_items(spans)),
        payload_bytes: 10,
    }
}

fn log_arrival(position: u64, trace_number: u128, body: &str) -> Arrival {
    let record = LogRecord {
        trace_id: Some(trace(trace_number)),
        time_ns: position,
        body: Some(body.into()),
        ..LogRecord::default()
    };
    Arrival {
        position: Position(position),
        received_ns: position,
        delivery: None,
        batch: Batch::Logs(group_items([scoped(record)])),
        payload_bytes: 10,
    }
}

fn items(tail: &Tail, number: u128) -> TraceItems {
    let mut items = TraceItems::default();
    tail.view().add_trace(trace(number), &mut items);
    items
}

#[test]
fn an_insert_is_seen_at_once_and_a_view_never_changes() {
    let tail = Tail::default();
    tail.insert(arrival(1, vec![span(1, 1, "a")]));
    let before = tail.view();
    tail.insert(arrival(2, vec![span(1, 2, "b")]));
    assert_eq!(before.span_count(), 1);
    assert_eq!(items(&tail, 1).spans.len(), 2);
}

#[test]
fn the_same_span_is_held_once_and_another_with_its_id_too() {
    let tail = Tail::default();
    let inserted = tail.insert(arrival(1, vec![span(1, 1, "a"), span(1, 1, "a")]));
    assert_eq!((inserted.stored, inserted.duplicates), (1, 1));
    let inserted = tail.insert(arrival(2, vec![span(1, 1, "a"), span(1, 1, "b")]));
    assert_eq!((inserted.stored, inserted.duplicates), (1, 1));
    assert_eq!(items(&tail, 1).spans.len(), 2);
    assert_eq!(tail.duplicate_spans(), 2);
}

#[test]
fn a_delivery_counts_once() {
    let tail = Tail::default();
    let deliver = |position: u64| Arrival {
        delivery: Some(DeliveryId(7)),
        ..log_arrival(position, 1, "x")
    };
    assert!(!tail.insert(deliver(1)).known);
    assert!(tail.insert(deliver(2)).known);
    assert_eq!(tail.view().log_count(), 1);
    assert!(tail.knows(DeliveryId(7)));
}

#[test]
fn what_was_flushed_is_dropped_and_the_rest_stays() {
    let tail = Tail::default();
    tail.insert(arrival(1, vec![span(1, 1, "a")]));
    tail.insert(arrival(2, vec![span(2, 2, "b")]));
    let sealed = tail.seal();
    assert_eq!(sealed.len(), 2);
    tail.insert(arrival(3, vec![span(3, 3, "c")]));
    let before = tail.view();
    tail.drop_through(Position(2));
    assert_eq!(before.span_count(), 3);
    assert_eq!(tail.view().span_count(), 1);
    assert!(items(&tail, 1).spans.is_empty());
    assert_eq!(items(&tail, 3).spans.len(), 1);
    assert_eq!(tail.fill().items, 1);
    let inserted = tail.insert(arrival(4, vec![span(3, 3, "c"), span(1, 1, "a")]));
    assert_eq!((inserted.stored, inserted.duplicates), (1, 1));
}

#[test]
fn long_stretches_become_blocks_and_are_found_all_the_same() {
    let tail = Tail::default();
    for number in 1..=10_000_u64 {
        tail.insert(arrival(
            number,
            vec![span(u128::from(number % 100 + 1), number, "a")],
        ));
    }
    assert_eq!(items(&tail, 5).spans.len(), 100);
    assert_eq!(tail.view().traces().len(), 100);
}

#[test]
fn conditions_are_decided_on_items() {
    let tail = Tail::default();
    tail.insert(arrival(
        1,
        vec![span(1, 1, "GET /cart"), span(2, 2, "other")],
    ));
    tail.insert(log_arrival(3, 2, "Card DECLINED by issuer"));
    let view = tail.view();
    let found = |condition: &Condition| {
        let mut found: Vec<u128> = view
            .candidate_traces(condition)
            .unwrap()
            .into_iter()
            .map(TraceId::to_u128)
            .collect();
        found.sort_unstable();
        found
    };
    let word = |word: &str| Condition::Term(Term::Words(vec![word.to_owned()]));
    assert_eq!(found(&word("cart")), [1]);
    assert_eq!(found(&word("declined")), [2]);
    let name = Condition::Term(Term::Name("other".to_owned()));
    assert_eq!(
        found(&Condition::All(vec![name.clone(), word("card")])),
        [2]
    );
    assert_eq!(found(&Condition::OneOf(vec![name, word("cart")])), [1, 2]);
    assert_eq!(
        view.candidate_logs(&word("issuer"), TimeRange::ALL).count(),
        1
    );
    assert!(view.candidate_traces(&Condition::Everything).is_none());
}

#[test]
fn spans_that_share_an_id_are_told_apart_after_some_were_dropped() {
    let tail = Tail::default();
    tail.insert(arrival(1, vec![span(1, 1, "a"), span(1, 1, "b")]));
    tail.seal();
    tail.insert(arrival(2, vec![span(1, 1, "c")]));
    tail.insert(arrival(3, vec![span(1, 1, "d"), span(1, 1, "c")]));
    tail.seal();
    tail.drop_through(Position(1));
    let names = |tail: &Tail| -> Vec<String> {
        let spans = items(tail, 1).spans;
        spans.into_iter().map(|span| span.item.name).collect()
    };
    assert_eq!(names(&tail), ["c", "d"]);
    let again = vec![span(1, 1, "c"), span(1, 1, "d"), span(1, 1, "a")];
    let inserted = tail.insert(arrival(4, again));
    assert_eq!((inserted.stored, inserted.duplicates), (1, 2));
    tail.seal();
    tail.drop_through(Position(4));
    assert_eq!(tail.insert(arrival(5, vec![span(1, 1, "c")])).stored, 1);
}
