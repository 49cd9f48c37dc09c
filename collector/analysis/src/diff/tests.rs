//! Contributions sum to the whole difference; what differs is named.

use proptest::prelude::*;

use super::*;
use crate::testing::{Built, MS, arbitrary_spans, at, log, nested_spans, span, trace, with_logs};

const BASE: u64 = 1_577_836_800_000 * MS;

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

/// A request that asks `stock` for this long, and may ask `prices` too.
fn request(stock_ms: u64, with_prices: bool) -> Vec<Built> {
    let end = 20 + stock_ms;
    let mut spans = vec![
        ms(
            "shop",
            "GET /cart/17",
            1,
            0,
            0,
            end + if with_prices { 30 } else { 0 },
        ),
        ms("stock", "reserve", 2, 1, 10, 10 + stock_ms).with("zone", "a"),
    ];
    if with_prices {
        spans.push(ms("prices", "quote", 3, 1, end - 10, end + 20));
    }
    spans
}

#[test]
fn the_place_that_takes_longer_stands_first_and_all_sum_to_the_difference() {
    let (before, after) = (trace(request(30, false)), trace(request(100, true)));
    let found = diff(&before, &after);
    assert_eq!((found.before_ns, found.after_ns), (50 * MS, 150 * MS));
    let told: Vec<_> = found
        .places
        .iter()
        .map(|place| {
            let last = place.path.last().unwrap();
            let by = place.contribution_ns() / i64::try_from(MS).unwrap();
            (last.operation.as_str(), by, place.before.span_count)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("reserve", 70, 1),
            ("quote", 30, 0),
            ("GET /cart/<*>", 0, 1)
        ]
    );
    let divergence = found.divergence.unwrap();
    assert_eq!(divergence.before, None);
    assert_eq!(divergence.after, Some(at(&after, 3)));
}

#[test]
fn ids_in_names_do_not_make_requests_different() {
    let renamed = |name: &str| trace([ms("shop", name, 1, 0, 0, 10)]);
    let found = diff(&renamed("GET /cart/17"), &renamed("GET /cart/4711"));
    assert_eq!(found.places.len(), 1);
    assert_eq!(found.divergence, None);
}

#[test]
fn values_and_templates_that_differ_are_named() {
    let mut changed = request(30, false);
    changed[1] = ms("stock", "reserve", 2, 1, 10, 40).with("zone", "b");
    let before = with_logs(
        request(30, false),
        vec![log("stock", 2, BASE, 9, "took 3 items")],
    );
    let after = with_logs(
        changed,
        vec![
            log("stock", 2, BASE, 9, "took 9 items"),
            log("stock", 2, BASE, 17, "no item left"),
        ],
    );
    let found = diff(&before, &after);
    assert_eq!(found.attributes.len(), 1);
    assert_eq!(found.attributes[0].key, "zone");
    assert_eq!(found.attributes[0].after.first().unwrap(), "b");
    assert_eq!(found.templates_before, [""; 0]);
    assert_eq!(found.templates_after, ["no item left"]);
}

#[test]
fn a_set_that_is_slower_in_one_place_says_so_and_is_sure() {
    let mut sets = Sets::new();
    for by in 0..30 {
        sets.add(Side::Before, &trace(request(30 + by % 3, false)));
        sets.add(Side::After, &trace(request(60 + by % 3, false)));
    }
    let found = sets.diff();
    assert_eq!((found.before_count, found.after_count), (30, 30));
    let first = &found.places[0];
    assert_eq!(first.path.last().unwrap().operation, "reserve");
    assert!((first.contribution_ns - 30.0 * MS as f64).abs() < 1.0);
    assert!(first.false_discovery_rate < 0.001);
    let root = &found.places[1];
    assert!(root.contribution_ns.abs() < 1.0 && root.false_discovery_rate > 0.9);
    assert!((first.before_share - 1.0).abs() < 1e-9);
}

#[test]
fn nothing_compared_with_nothing_is_no_difference() {
    assert_eq!(diff(&trace([]), &trace([])), TraceDiff::default());
    assert_eq!(Sets::new().diff(), SetDiff::default());
}

fn assert_sums(before: &Trace, after: &Trace) -> Result<(), TestCaseError> {
    let found = diff(before, after);
    let sum: i64 = found.places.iter().map(PlaceDiff::contribution_ns).sum();
    prop_assert_eq!(sum, difference(found.before_ns, found.after_ns));
    let spans: u64 = found
        .places
        .iter()
        .map(|place| place.before.span_count)
        .sum();
    prop_assert_eq!(spans, u64::from(before.len()));
    Ok(())
}

proptest! {
    #[test]
    fn contributions_sum_exactly_on_any_traces(
        before in arbitrary_spans(),
        after in arbitrary_spans(),
    ) {
        assert_sums(&trace(before), &trace(after))?;
    }

    #[test]
    fn contributions_sum_on_sets(sets in prop::collection::vec((nested_spans(), any::<bool>()), 1..8)) {
        let mut gathered = Sets::new();
        for (spans, is_after) in sets {
            let side = if is_after { Side::After } else { Side::Before };
            gathered.add(side, &trace(spans));
        }
        let found = gathered.diff();
        let sum: f64 = found.places.iter().map(|place| place.contribution_ns).sum();
        prop_assert!((sum - (found.after_mean_ns - found.before_mean_ns)).abs() < 1.0);
    }

    #[test]
    fn a_trace_does_not_differ_from_itself(spans in arbitrary_spans()) {
        let trace = trace(spans);
        let found = diff(&trace, &trace);
        prop_assert!(found.places.iter().all(|place| place.before == place.after));
        prop_assert!(found.divergence.is_none() && found.attributes.is_empty());
    }
}
