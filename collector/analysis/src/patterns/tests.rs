//! Each pattern is found in a trace built to have it, and nothing is found in a clean one.

use proptest::prelude::*;
use spanwalk_model::SpanKind;

use super::*;
use crate::testing::{Built, MS, arbitrary_spans, at, log, span, trace, with_logs};

const BASE: u64 = 1_577_836_800_000 * MS;

/// Times in milliseconds.
fn ms(service: &str, name: &str, id: u64, parent: u64, start: u64, end: u64) -> Built {
    span(
        service,
        name,
        id,
        parent,
        BASE + start * MS,
        BASE + end * MS,
    )
}

/// A client span and its server span, one millisecond inside.
fn call(id: u64, parent: u64, callee: &str, start: u64, end: u64) -> [Built; 2] {
    [
        ms("shop", &format!("call {callee}"), id, parent, start, end).client(),
        ms(callee, "handle", id + 100, id, start + 1, end - 1).server(),
    ]
}

fn query(id: u64, start: u64, end: u64, text: &str) -> Built {
    ms("shop", "query", id, 1, start, end)
        .client()
        .with("db.system.name", "postgresql")
        .with("db.query.text", text)
}

fn root(end: u64) -> Built {
    ms("shop", "GET /cart", 1, 0, 0, end).server()
}

/// A request that has none of the patterns: two calls at once, one query, one message.
fn clean() -> Vec<Built> {
    let mut spans = vec![root(100)];
    spans.extend(call(2, 1, "stock", 10, 60));
    spans.extend(call(3, 1, "prices", 10, 70));
    spans.push(query(4, 72, 80, "SELECT * FROM carts WHERE id = 7"));
    spans.push(ms("shop", "send", 5, 1, 82, 84).kind(SpanKind::Producer));
    spans.push(ms("mail", "handle", 6, 5, 90, 140).kind(SpanKind::Consumer));
    spans
}

fn names(trace: &Trace, baseline: &Baseline) -> Vec<&'static str> {
    let settings = Settings::default();
    let found = find(&View::of(trace, &settings, baseline));
    found.iter().map(|finding| finding.pattern).collect()
}

/// Exactly this pattern is found, with these spans by id and this cost in milliseconds.
fn check(trace: &Trace, pattern: &str, ids: &[u64], cost_ms: u64) -> PatternFinding {
    let found = patterns(trace);
    assert_eq!(found.len(), 1, "{found:#?}");
    let finding = found.into_iter().next().unwrap();
    assert_eq!(finding.pattern, pattern);
    let mut spans: Vec<u32> = ids.iter().map(|id| at(trace, *id)).collect();
    spans.sort_unstable();
    assert_eq!(finding.spans, spans);
    assert_eq!(finding.cost_ns / MS, cost_ms);
    assert!(!finding.evidence.is_empty() && !finding.cure.is_empty());
    finding
}

#[test]
fn a_clean_request_has_no_pattern() {
    assert_eq!(patterns(&trace(clean())), []);
    assert_eq!(patterns(&trace([])), []);
}

#[test]
fn one_query_per_row_is_n_plus_one() {
    let queries = |at_once: bool| {
        let query = move |row: u64| {
            let start = if at_once { 10 } else { 10 + row * 12 };
            query(
                10 + row,
                start,
                start + 10,
                &format!("SELECT * FROM items WHERE id = {row}"),
            )
        };
        trace(std::iter::once(root(100)).chain((0..6).map(query)))
    };
    let found = check(&queries(false), "n_plus_one", &[10, 11, 12, 13, 14, 15], 50);
    assert_eq!(
        found.what,
        "shop asks 6 times, one behind the other: SELECT * FROM items WHERE id = <*> of postgresql"
    );
    assert_eq!(patterns(&queries(true)), []);
}

#[test]
fn the_same_query_twice_is_duplicate_work() {
    let two = |first: &str, second: &str| {
        trace([root(100), query(2, 10, 30, first), query(3, 40, 70, second)])
    };
    let text = "SELECT name FROM users WHERE id = 7";
    check(&two(text, text), "duplicate_work", &[2, 3], 20);
    assert_eq!(
        patterns(&two(text, "SELECT name FROM users WHERE id = 8")),
        []
    );
    // What stands in the place of `?` is not known.
    let open = "SELECT name FROM users WHERE id = ?";
    assert_eq!(patterns(&two(open, open)), []);
    let write = "UPDATE users SET seen = 1 WHERE id = 7";
    assert_eq!(patterns(&two(write, write)), []);
}

#[test]
fn calls_to_different_services_in_sequence_are_a_serial_fan_out() {
    let spans = |pause: u64| {
        let mut spans = vec![root(400)];
        for (place, callee) in (0_u64..).zip(["stock", "prices", "mail"]) {
            let start = 10 + place * (100 + pause);
            spans.extend(call(10 + place, 1, callee, start, start + 100));
        }
        trace(spans)
    };
    check(&spans(1), "serial_fan_out", &[10, 11, 12], 200);
    // With work between them, one may need what the one before brought.
    assert_eq!(patterns(&spans(20)), []);
}

#[test]
fn many_calls_between_two_services_are_chatty_unless_that_is_usual() {
    let mut spans = vec![root(200)];
    for place in 0..12 {
        let parent = 10 + place;
        let start = 5 + place * 15;
        spans.push(ms(
            "shop",
            &format!("step{place}x"),
            parent,
            1,
            start,
            start + 12,
        ));
        spans.extend(call(30 + place, parent, "stock", start + 1, start + 6));
    }
    let trace = trace(spans);
    let ids: Vec<u64> = (130..142).collect();
    check(&trace, "chatty_pair", &ids, 24);
    let mut baseline = Baseline::new();
    baseline.add(&trace);
    assert_eq!(names(&trace, &baseline), [""; 0]);
}

#[test]
fn attempts_that_fail_in_a_row_are_a_retry_storm() {
    let spans = |attempts: u64| {
        let mut spans = vec![root(140)];
        for attempt in 0..attempts {
            let start = 10 + attempt * 30;
            let [client, server] = call(10 + attempt, 1, "stock", start, start + 20);
            spans.extend([client.failed("unavailable"), server.failed("overloaded")]);
        }
        trace(spans)
    };
    let found = check(&spans(4), "retry_storm", &[10, 11, 12, 13], 60);
    assert_eq!(
        found.evidence[1],
        "pauses do not grow: 10.0 ms, 10.0 ms, 10.0 ms"
    );
    assert_eq!(patterns(&spans(2)), []);
}

#[test]
fn a_callee_that_works_on_after_a_timeout_is_a_mismatch_and_wastes_work() {
    let spans = |message: &str, until: u64| {
        trace([
            root(150),
            ms("shop", "call", 2, 1, 10, 110).client().failed(message),
            ms("stock", "handle", 3, 2, 12, until).server(),
        ])
    };
    let late = spans("deadline exceeded", 300);
    let found = patterns(&late);
    let told: Vec<_> = found
        .iter()
        .map(|one| (one.pattern, one.cost_ns / MS))
        .collect();
    assert_eq!(told, [("timeout_mismatch", 100), ("wasted_work", 0)]);
    assert_eq!(found[0].spans, [at(&late, 2), at(&late, 3)]);
    // Cancelled for another reason: only the work is wasted.
    assert_eq!(
        names(&spans("cancelled", 300), &Baseline::new()),
        ["wasted_work"]
    );
    assert_eq!(patterns(&spans("deadline exceeded", 112)), []);
}

#[test]
fn spans_that_lost_their_parent_are_broken_propagation() {
    let caller = ms("shop", "call", 2, 1, 10, 90)
        .client()
        .with("server.address", "stock");
    let alone = trace([
        root(100),
        caller,
        ms("stock", "handle", 3, 0, 12, 88).server(),
    ]);
    let found = patterns(&alone);
    let broken = found
        .iter()
        .find(|one| one.pattern == "broken_propagation")
        .unwrap();
    assert_eq!(broken.spans, [at(&alone, 3)]);
    assert_eq!(
        broken.evidence[1],
        "shop made a call to it at that moment whose callee is missing"
    );
    let orphan = trace([root(90), ms("stock", "handle", 3, 77, 12, 88)]);
    let found = check(&orphan, "broken_propagation", &[3], 0);
    assert_eq!(
        found.what,
        "1 span of stock name a parent that is not stored"
    );
}

#[test]
fn a_call_to_a_service_that_is_dark_here_is_missing_instrumentation() {
    let to = |target: &str| {
        let dark = ms("shop", "call", 4, 1, 40, 90)
            .client()
            .with("server.address", target);
        let mut spans = vec![root(100), dark];
        spans.extend(call(2, 1, "stock", 10, 30));
        trace(spans)
    };
    check(&to("stock"), "missing_instrumentation", &[4], 50);
    assert_eq!(patterns(&to("api.example.com")), []);
}

#[test]
fn a_first_call_that_is_long_on_its_way_is_a_slow_connect() {
    let spans = |first_wait: u64| {
        let mut spans = vec![root(300)];
        for place in 0..3 {
            let wait = if place == 0 { first_wait } else { 1 };
            let start = 10 + place * 90;
            spans.push(ms("shop", "call", 10 + place, 1, start, start + 80).client());
            let at = start + wait;
            spans.push(ms("stock", "handle", 20 + place, 10 + place, at, start + 79).server());
        }
        trace(spans)
    };
    check(&spans(40), "slow_connect", &[10, 20], 40);
    assert_eq!(patterns(&spans(2)), []);
    let named = trace([root(100), ms("shop", "tls handshake", 2, 1, 10, 60)]);
    check(&named, "slow_connect", &[2], 50);
}

#[test]
fn a_message_that_lies_in_a_queue_is_a_queue_wait() {
    let spans = |start: u64| {
        trace([
            root(100),
            ms("shop", "send", 2, 1, 10, 12).kind(SpanKind::Producer),
            ms("mail", "handle", 3, 2, start, start + 20).kind(SpanKind::Consumer),
        ])
    };
    // The request does not wait for it, so it costs the request nothing.
    check(&spans(900), "queue_wait", &[2, 3], 0);
    assert_eq!(patterns(&spans(30)), []);
}

#[test]
fn many_calls_of_which_few_are_handled_at_once_are_a_saturated_pool() {
    let spans = |pool: u64| {
        let mut spans = vec![root(500)];
        for place in 0..8 {
            let begins = 10 + (place / pool) * 50;
            spans.push(ms("shop", "call", 10 + place, 1, 10, begins + 50).client());
            let id = 30 + place;
            spans.push(ms("stock", "handle", id, 10 + place, begins + 1, begins + 49).server());
        }
        // What the request does behind it, so that the rest is no gap.
        spans.push(ms("shop", "render", 60, 1, 220, 350));
        spans.push(ms("shop", "send page", 61, 1, 350, 490));
        trace(spans)
    };
    let ids: Vec<u64> = (10..18).collect();
    check(&spans(2), "pool_saturation", &ids, 151);
    assert_eq!(patterns(&spans(8)), []);
    let named = trace([
        root(100),
        ms("shop", "DataSource.getConnection", 2, 1, 10, 60),
    ]);
    check(&named, "pool_saturation", &[2], 50);
}

#[test]
fn a_request_that_is_mostly_one_dark_piece_has_an_unexplained_gap() {
    let spans = |split: u64| {
        with_logs(
            [
                root(400),
                ms("shop", "load", 2, 1, 1, 20),
                ms("shop", "render", 3, 1, split, split + 150),
            ],
            vec![log("shop", 1, BASE + 100 * MS, 9, "still at it")],
        )
    };
    let found = check(&spans(248), "unexplained_gap", &[1], 228);
    assert_eq!(found.evidence[1], "1 log records in that time");
    assert_eq!(patterns(&spans(150)), []);
}

#[test]
fn every_detector_has_a_name_of_its_own_and_says_what_it_is() {
    let names: std::collections::BTreeSet<_> = detectors().map(Detector::name).into();
    assert_eq!(names.len(), detectors().len());
    assert!(detectors().iter().all(|one| !one.about().is_empty()));
}

proptest! {
    #[test]
    fn no_finding_costs_more_than_all_paths_and_every_span_exists(spans in arbitrary_spans()) {
        let trace = trace(spans);
        let path = crate::critical_path::CriticalPath::of(&trace);
        let total: u64 = path.paths().iter().map(crate::critical_path::Path::duration_ns).sum();
        for finding in patterns(&trace) {
            prop_assert!(finding.spans.iter().all(|span| *span < trace.len()));
            prop_assert!(finding.pattern == "queue_wait" || finding.cost_ns <= total);
        }
    }
}
