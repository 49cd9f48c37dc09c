//! Both halves of calls are paired, and what is dark is named.

use super::*;
use crate::testing::{MS, span, trace};

const BASE: u64 = 1_577_836_800_000 * MS;

fn ms(service: &str, id: u64, parent: u64, start: u64, end: u64) -> crate::testing::Built {
    span(
        service,
        "op",
        id,
        parent,
        BASE + start * MS,
        BASE + end * MS,
    )
}

fn service(name: &str) -> NodeKey {
    (NodeKind::Service, name.to_owned())
}

fn shop() -> Trace {
    trace([
        ms("shop", 1, 0, 0, 100).server(),
        ms("shop", 2, 1, 10, 50).client(),
        ms("stock", 3, 2, 15, 45).server().failed("gone"),
        ms("stock", 4, 3, 20, 30)
            .client()
            .with("db.system.name", "postgresql")
            .with("db.namespace", "items"),
        ms("shop", 5, 1, 60, 62).kind(SpanKind::Producer),
        ms("mail", 6, 5, 80, 90).kind(SpanKind::Consumer),
        ms("shop", 7, 1, 65, 70)
            .client()
            .with("server.address", "api.example.com"),
        ms("shop", 8, 1, 71, 75).client(),
    ])
}

#[test]
fn calls_are_paired_and_what_is_dark_is_named_by_its_caller() {
    let map = ServiceMap::of(&shop());
    let names: Vec<_> = map
        .nodes
        .keys()
        .map(|(kind, name)| (*kind, name.as_str()))
        .collect();
    assert_eq!(
        names,
        [
            (NodeKind::Service, "mail"),
            (NodeKind::Service, "shop"),
            (NodeKind::Service, "stock"),
            (NodeKind::Database, "postgresql items"),
            (NodeKind::External, "api.example.com"),
        ]
    );
    let edge = &map.edges[&(service("shop"), service("stock"))];
    assert_eq!((edge.call_count, edge.error_count), (1, 1));
    assert_eq!(edge.caller.max_ns, 40 * MS);
    assert_eq!(edge.callee.max_ns, 30 * MS);
    assert_eq!(edge.gap.max_ns, 10 * MS);
    assert_eq!((edge.seen, edge.is_asynchronous), (Seen::Both, false));
    let message = &map.edges[&(service("shop"), service("mail"))];
    assert!(message.is_asynchronous);
    assert_eq!(message.gap.max_ns, 18 * MS);
    assert_eq!(map.edges.len(), 4);
    assert_eq!(map.unknown_callee_count, 1);
    assert_eq!(map.nodes[&service("shop")].entry_count, 1);
}

#[test]
fn a_map_of_many_is_the_sum_and_names_outside_become_services() {
    let mut map = ServiceMap::of(&shop());
    map.add(&shop());
    map.add(&trace([ms("api.example.com", 1, 0, 0, 10).server()]));
    map.settle();
    assert_eq!(map.trace_count, 3);
    let edge = &map.edges[&(service("shop"), service("api.example.com"))];
    assert_eq!((edge.call_count, edge.seen), (2, Seen::CallerOnly));
    assert!(
        !map.nodes
            .contains_key(&(NodeKind::External, "api.example.com".to_owned()))
    );
    let rate = ServiceMap::rate(edge, 4_000_000_000);
    assert!((rate - 0.5).abs() < 1e-9);
}

#[test]
fn sampled_spans_stand_for_those_that_were_dropped() {
    let near = |state: &str, expected: f64| (adjusted_count(state) - expected).abs() < 1e-6;
    assert!(near("", 1.0));
    assert!(near("ot=th:0", 1.0));
    assert!(near("x=y,ot=rv:1;th:8", 2.0));
    assert!(near("ot=th:c", 4.0));
    assert!(near("ot=th:zz", 1.0));
}

#[test]
fn nothing_stored_is_an_empty_map() {
    assert_eq!(ServiceMap::of(&trace([])), ServiceMap::default());
}
