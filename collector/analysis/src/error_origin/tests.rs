//! Causes, chains, and where failures end.

use proptest::prelude::*;

use super::*;
use crate::testing::{Built, arbitrary_spans, at, log, span, trace, with_logs};

fn found(trace: &Trace) -> Failures {
    failures(trace, &Walk::of(trace))
}

fn ids(trace: &Trace, spans: &[u32]) -> Vec<u64> {
    let id = |span: &u32| trace.span(*span).unwrap().item.span_id.to_u64();
    spans.iter().map(id).collect()
}

/// `gateway` calls `orders`, which calls `stock` `attempts` times, of which the last may work.
fn calls(attempts: u64, last_works: bool, root_fails: bool) -> Vec<Built> {
    let mut root = span("gateway", "GET /orders/7", 1, 0, 100, 1000).server();
    if root_fails {
        root = root.failed("bad gateway");
    }
    let mut spans = vec![root, span("orders", "place", 2, 1, 110, 990).server()];
    for attempt in 0..attempts {
        let start = 120 + attempt * 20;
        let call = span("stock", "reserve 17", 3 + attempt, 2, start, start + 10).client();
        spans.push(if last_works && attempt + 1 == attempts {
            call
        } else {
            call.failed("item 4711 is gone")
        });
    }
    spans
}

#[test]
fn a_failure_that_reached_the_root_is_first_and_has_its_chain() {
    let mut spans = calls(1, false, true);
    spans[1] = span("orders", "place", 2, 1, 110, 990).failed("no stock");
    spans.push(span("audit", "write", 9, 1, 992, 995).failed("disk is full"));
    let trace = trace(spans);
    let found = found(&trace);
    assert_eq!(found.count, 2);
    let first = &found.failures[0];
    assert_eq!(first.outcome, Outcome::ReachedRoot);
    assert_eq!(first.origin.span, Some(at(&trace, 3)));
    assert_eq!(ids(&trace, &first.origin.chain), [2, 1]);
    assert_eq!(first.message, "item 4711 is gone");
    assert_eq!(
        origin(&trace, &Walk::of(&trace)).as_ref(),
        Some(&first.origin)
    );
    // The root failed too, so the other one may have been a reason as well.
    assert_eq!(found.failures[1].message, "disk is full");
    assert_eq!(found.failures[1].outcome, Outcome::ReachedRoot);
}

#[test]
fn a_failure_that_the_caller_went_on_from_was_swallowed() {
    let trace = trace(calls(1, false, false));
    let by = at(&trace, 2);
    assert_eq!(found(&trace).failures[0].outcome, Outcome::Swallowed { by });
}

#[test]
fn a_later_attempt_that_worked_hid_the_failures_before_it() {
    let trace = trace(calls(3, true, false));
    let found = found(&trace);
    assert_eq!(found.count, 2);
    for failure in &found.failures {
        assert_eq!(
            failure.outcome,
            Outcome::HiddenByRetry {
                by: at(&trace, 2),
                succeeded: at(&trace, 5),
                attempt_count: 3,
            }
        );
    }
}

#[test]
fn what_failed_after_the_caller_had_given_up_is_not_the_cause() {
    let trace = trace([
        span("a", "call", 1, 0, 100, 200).failed("deadline exceeded"),
        span("b", "work", 2, 1, 110, 900).failed("cancelled"),
    ]);
    let first = &found(&trace).failures[0];
    assert_eq!(first.message, "deadline exceeded");
    assert_eq!(first.origin.span, Some(at(&trace, 1)));
}

#[test]
fn the_same_failure_has_the_same_fingerprint_and_another_has_not() {
    let print = |item: &str, name: &str| {
        let trace = trace([
            span("gateway", &format!("GET /orders/{item}"), 1, 0, 1, 100).failed(""),
            span("stock", name, 2, 1, 10, 50).failed(&format!("item {item} is gone")),
        ]);
        found(&trace).failures[0].fingerprint.clone()
    };
    assert_eq!(print("17", "reserve"), print("4711", "reserve"));
    assert_ne!(print("17", "reserve").id, print("17", "release").id);
    let one = print("17", "reserve");
    assert_eq!(one.message, "item <*> is gone");
    assert_eq!(one.path[1], ("stock".to_owned(), "reserve".to_owned()));
}

#[test]
fn a_record_without_a_span_is_a_failure_too() {
    let trace = with_logs([], vec![log("a", 9, 5, 17, "lost 3 messages")]);
    let found = found(&trace);
    assert_eq!(found.count, 1);
    assert_eq!(found.failures[0].outcome, Outcome::Unknown);
    assert_eq!(found.failures[0].fingerprint.message, "lost <*> messages");
}

proptest! {
    #[test]
    fn every_failing_span_is_a_cause_or_above_one(
        spans in arbitrary_spans(),
        failing in prop::collection::vec(any::<bool>(), 25),
    ) {
        let any_fails = spans.iter().zip(&failing).any(|(_, fails)| *fails);
        let trace = trace(spans.into_iter().zip(failing).map(|(span, fails)| {
            if fails { span.failed("x") } else { span }
        }));
        let walk = Walk::of(&trace);
        let found = failures(&trace, &walk);
        prop_assert_eq!(found.count > 0, any_fails);
        let first = origin(&trace, &walk);
        prop_assert_eq!(
            first.as_ref(),
            found.failures.first().map(|failure| &failure.origin)
        );
        for failure in &found.failures {
            let span = failure.origin.span.unwrap();
            prop_assert!(trace.is_error(span));
            prop_assert!(failure.origin.chain.iter().all(|above| trace.is_error(*above)));
        }
    }
}
