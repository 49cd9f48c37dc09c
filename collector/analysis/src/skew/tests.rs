//! Offsets put on clocks are found again; clocks that are right are left alone.

use proptest::prelude::*;
use spanwalk_model::SpanKind;

use super::*;
use crate::testing::{Built, MS, at, span, trace};

const BASE: u64 = 1_577_836_800_000 * MS;
const HOSTS: [&str; 4] = ["a", "b", "c", "d"];

/// One request: a calls b, b calls c, c calls d; every callee inside its caller by these
/// delays before and behind, microseconds.
fn chain(delays: &[(u64, u64)], offsets: &[i64; 4]) -> Trace {
    let mut spans: Vec<Built> = Vec::new();
    let (mut from, mut to) = (BASE, BASE + 2000 * MS);
    for (place, host) in HOSTS.iter().enumerate() {
        let id = place as u64 + 1;
        let moved = |moment: u64| moment.saturating_add_signed(offsets[place]);
        spans.push(span(host, "op", id, id - 1, moved(from), moved(to)));
        let (before, behind) = delays[place % delays.len()];
        from += before * 1000;
        to -= behind * 1000;
    }
    trace(spans)
}

fn estimated(requests: &[Vec<(u64, u64)>], offsets: &[i64; 4]) -> Skews {
    let mut estimator = SkewEstimator::new();
    for delays in requests {
        estimator.add(&chain(delays, offsets));
    }
    estimator.finish()
}

fn requests() -> impl Strategy<Value = Vec<Vec<(u64, u64)>>> {
    prop::collection::vec(prop::collection::vec((1_u64..2000, 1_u64..2000), 4), 5..40)
}

proptest! {
    #[test]
    fn offsets_are_found_again_within_the_uncertainty_that_is_said(
        requests in requests(),
        offsets in prop::array::uniform4(-10_000_000_000_i64..10_000_000_000),
    ) {
        let skews = estimated(&requests, &offsets);
        for (index, host) in HOSTS.iter().enumerate() {
            // What was added to the host's clock must be taken away again.
            let expected = offsets[0] - offsets[index];
            let (found, uncertainty) = skews.between("a", host).unwrap();
            prop_assert!(found.abs_diff(expected) <= uncertainty.unwrap());
        }
    }

    #[test]
    fn clocks_that_are_right_are_left_alone(requests in requests()) {
        let skews = estimated(&requests, &[0; 4]);
        prop_assert!(skews.pairs().iter().all(|pair| pair.offset_ns == 0));
        prop_assert!(skews.corrections(&chain(&requests[0], &[0; 4])).is_empty());
    }
}

#[test]
fn some_callees_that_end_late_move_no_clock() {
    let mut estimator = SkewEstimator::new();
    for request in 0..20 {
        let late = if request % 5 == 0 { 30 * MS } else { 0 };
        estimator.add(&trace([
            span("a", "op", 1, 0, BASE, BASE + 100 * MS),
            span("b", "op", 2, 1, BASE + 40 * MS, BASE + 90 * MS + late),
        ]));
    }
    assert_eq!(estimator.pairs()[0].offset_ns, 0);
}

#[test]
fn of_few_calls_only_an_impossible_start_counts() {
    let found = |start: u64, end: u64| {
        let mut estimator = SkewEstimator::new();
        estimator.add(&trace([
            span("a", "op", 1, 0, BASE, BASE + 100 * MS),
            span("b", "op", 2, 1, start, end),
        ]));
        estimator.pairs().remove(0)
    };
    let early = found(BASE - 50 * MS, BASE + 30 * MS);
    // Between 50, which lets it start in time, and 70, which lets it end in time.
    assert!(early.offset_ns.abs_diff(60_000_000) <= MS);
    assert!(early.uncertainty_ns.unwrap() <= 12 * MS);
    assert_eq!(found(BASE + 80 * MS, BASE + 150 * MS).offset_ns, 0);
}

#[test]
fn a_message_that_is_handled_late_moves_no_clock_and_one_read_before_it_was_sent_does() {
    let found = |start: u64| {
        let mut estimator = SkewEstimator::new();
        for _ in 0..10 {
            estimator.add(&trace([
                span("a", "send", 1, 0, BASE, BASE + 5 * MS).kind(SpanKind::Producer),
                span("b", "read", 2, 1, start, start + 500 * MS).kind(SpanKind::Consumer),
            ]));
        }
        estimator.pairs().remove(0)
    };
    assert_eq!(found(BASE + 3000 * MS).offset_ns, 0);
    let early = found(BASE - 20 * MS);
    assert_eq!(early.offset_ns, i64::try_from(20 * MS).unwrap());
    assert_eq!(early.uncertainty_ns, None);
}

#[test]
fn the_clock_of_the_root_is_taken_as_it_is() {
    let offsets = [0, 5_000_000_000, 5_000_000_000, -7_000_000_000];
    let requests: Vec<_> = (1..20).map(|by| vec![(by, by + 1)]).collect();
    let skews = estimated(&requests, &offsets);
    let trace = chain(&requests[0], &offsets);
    let corrections = skews.corrections(&trace);
    assert_eq!(corrections.offset_ns(at(&trace, 1)), 0);
    for (id, expected) in [
        (2, -5_000_000_000_i64),
        (3, -5_000_000_000),
        (4, 7_000_000_000),
    ] {
        let found = corrections.offset_ns(at(&trace, id));
        assert!(found.abs_diff(expected) < 2 * MS, "{id}: {found}");
    }
}
