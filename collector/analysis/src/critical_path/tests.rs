//! Sections sum to the root; what is not waited for is not on the path; slack and what-if
//! agree.

use proptest::prelude::*;
use spanwalk_model::{Link, SpanId, SpanKind};

use super::*;
use crate::testing::{Built, MS, arbitrary_spans, at, nested_spans, span, trace, trace_id};

/// The main path in short: `1:0-10 2:10-60`, span ids with milliseconds from its start.
fn line(trace: &Trace, path: &Path) -> String {
    let words: Vec<String> = path
        .sections
        .iter()
        .map(|section| {
            let id = trace.span(section.span).unwrap().item.span_id.to_u64();
            let from = (section.start_ns - path.start_ns) / MS;
            let to = (section.end_ns - path.start_ns) / MS;
            format!("{id}:{from}-{to}")
        })
        .collect();
    words.join(" ")
}

/// Times in milliseconds behind a moment of the year 2020.
fn ms(id: u64, parent: u64, start: u64, end: u64) -> Built {
    in_service("a", id, parent, start, end)
}

fn in_service(service: &str, id: u64, parent: u64, start: u64, end: u64) -> Built {
    let base = 1_577_836_800_000 * MS;
    let name = format!("op{id}");
    span(
        service,
        &name,
        id,
        parent,
        base + start * MS,
        base + end * MS,
    )
}

fn check(spans: impl IntoIterator<Item = Built>, expected: &str) -> (Trace, CriticalPath) {
    let trace = trace(spans);
    let path = CriticalPath::of(&trace);
    assert_eq!(line(&trace, path.main().unwrap()), expected);
    (trace, path)
}

#[test]
fn children_that_touch_are_all_on_the_path() {
    check(
        [ms(1, 0, 0, 100), ms(2, 1, 10, 50), ms(3, 1, 50, 90)],
        "1:0-10 2:10-50 3:50-90 1:90-100",
    );
}

#[test]
fn of_parallel_children_the_last_to_finish_was_waited_for() {
    let (trace, path) = check(
        [ms(1, 0, 0, 100), ms(2, 1, 10, 80), ms(3, 1, 10, 90)],
        "1:0-10 3:10-90 1:90-100",
    );
    assert_eq!(path.slack_ns(at(&trace, 2)), Some(10 * MS));
    assert_eq!(path.slack_ns(at(&trace, 3)), Some(0));
    assert_eq!(path.self_ns(at(&trace, 1)), 20 * MS);
}

#[test]
fn a_child_that_outlives_its_parent_counts_as_far_as_the_parent_and_is_marked() {
    let (trace, path) = check([ms(1, 0, 0, 100), ms(2, 1, 40, 150)], "1:0-40 2:40-100");
    assert_eq!(path.standing(at(&trace, 2)), Standing::Detached);
    assert_eq!(path.assumptions()[0].kind, AssumptionKind::EndsAfterParent);
}

#[test]
fn a_child_outside_of_its_parent_is_not_on_the_path() {
    let (trace, path) = check(
        [ms(1, 0, 0, 100), ms(2, 1, 150, 250), ms(3, 2, 160, 170)],
        "1:0-100",
    );
    assert_eq!(path.standing(at(&trace, 2)), Standing::Outside);
    assert_eq!(path.slack_ns(at(&trace, 3)), None);
}

#[test]
fn a_consumer_has_a_path_of_its_own() {
    let (trace, path) = check(
        [
            ms(1, 0, 0, 100).server(),
            ms(2, 1, 10, 20).kind(SpanKind::Producer),
            in_service("b", 3, 2, 15, 300).kind(SpanKind::Consumer),
            in_service("b", 4, 3, 20, 290),
        ],
        "1:0-10 2:10-20 1:20-100",
    );
    let other = path.paths().iter().find(|path| !path.is_root).unwrap();
    assert_eq!(line(&trace, other), "3:0-5 4:5-275 3:275-285");
    assert_eq!(path.standing(at(&trace, 3)), Standing::Asynchronous);
}

#[test]
fn a_consumer_whose_answer_is_read_before_the_sender_ends_is_waited_for() {
    check(
        [
            ms(1, 0, 0, 100).server(),
            in_service("b", 2, 1, 10, 60).kind(SpanKind::Consumer),
            in_service("b", 3, 2, 50, 55).kind(SpanKind::Producer),
            in_service("a", 4, 3, 56, 58).kind(SpanKind::Consumer),
        ],
        "1:0-10 2:10-50 3:50-55 2:55-60 1:60-100",
    );
}

#[test]
fn each_link_of_a_batch_consumer_is_an_upstream_of_its_own() {
    let mut batch = ms(5, 0, 50, 90).kind(SpanKind::Consumer);
    for linked in [1, 99] {
        batch.0.item.links.push(Link {
            trace_id: trace_id(),
            span_id: SpanId::from_u64(linked).unwrap(),
            trace_state: String::new(),
            flags: 0,
            attributes: spanwalk_model::Attributes::new(),
            dropped_attributes_count: 0,
        });
    }
    let trace = trace([ms(1, 0, 0, 40).kind(SpanKind::Producer), batch]);
    let path = CriticalPath::of(&trace);
    let of_batch = &path.paths()[1];
    let known: Vec<_> = of_batch.upstream.iter().map(|one| one.known).collect();
    assert_eq!(known, [Some(at(&trace, 1)), None]);
    assert_eq!(line(&trace, of_batch), "5:0-40");
}

#[test]
fn a_callee_whose_clock_is_behind_is_moved_into_the_middle_of_its_call() {
    let (_, path) = check(
        [
            ms(1, 0, 1000, 1100).server(),
            ms(2, 1, 1010, 1090).client(),
            in_service("b", 3, 2, 500, 560).server(),
            in_service("b", 4, 3, 510, 520),
        ],
        "1:0-10 2:10-20 3:20-30 4:30-40 3:40-80 2:80-90 1:90-100",
    );
    assert_eq!(path.assumptions()[0].kind, AssumptionKind::ClockMoved);
}

#[test]
fn every_root_has_a_path_and_cycles_are_cut() {
    let trace = trace([
        ms(1, 0, 0, 10),
        ms(2, 3, 20, 50),
        ms(3, 2, 30, 40),
        ms(4, 9, 60, 70),
    ]);
    let path = CriticalPath::of(&trace);
    let lines: Vec<_> = path.paths().iter().map(|path| line(&trace, path)).collect();
    assert_eq!(lines, ["1:0-10", "2:0-10 3:10-20 2:20-30", "4:0-10"]);
    assert_eq!(path.main().unwrap().start_span, at(&trace, 1));
}

#[test]
fn a_root_without_a_start_reaches_back_to_the_first_known_moment() {
    let mut root = ms(1, 0, 0, 100);
    root.0.item.start_ns = 0;
    let (_, path) = check([root, ms(2, 1, 10, 60)], "2:0-50 1:50-90");
    assert_eq!(path.assumptions()[0].kind, AssumptionKind::NoStart);
}

#[test]
fn nothing_stored_has_no_path() {
    let path = CriticalPath::of(&trace([]));
    assert!(path.main().is_none() && path.paths().is_empty());
}

#[test]
fn depth_costs_no_stack() {
    let depth = 20_000;
    let spans = (1..=depth).map(|id| ms(id, id - 1, id, 3 * depth - id));
    let trace = trace(spans);
    let path = CriticalPath::of(&trace);
    assert_eq!(path.main().unwrap().sections.len() as u64, 2 * depth - 1);
    let change = Change {
        service: String::new(),
        operation: format!("op{depth}"),
        to: Target::DurationNs(0),
    };
    let without = path.what_if(&trace, at(&trace, 1), &change);
    assert_eq!(without.before_ns - without.after_ns, depth * MS);
    assert_eq!(without.changed_span_count, 1);
}

#[test]
fn a_faster_operation_saves_until_what_ran_beside_it_was_waited_for() {
    let trace = trace([
        ms(1, 0, 0, 100),
        ms(2, 1, 10, 70),
        ms(3, 1, 10, 90),
        ms(4, 1, 90, 95),
    ]);
    let path = CriticalPath::of(&trace);
    let root = at(&trace, 1);
    let to = |operation: &str, to: Target| {
        let change = Change {
            service: "a".to_owned(),
            operation: operation.to_owned(),
            to,
        };
        path.what_if(&trace, root, &change).after_ns / MS
    };
    assert_eq!(to("op3", Target::Percent(100.0)), 100);
    assert_eq!(to("op3", Target::Percent(50.0)), 80);
    assert_eq!(to("op3", Target::DurationNs(75 * MS)), 95);
    assert_eq!(to("op2", Target::Percent(0.0)), 100);
    assert_eq!(to("op2", Target::DurationNs(90 * MS)), 110);
    assert_eq!(to("op1", Target::Percent(10.0)), 10);
}

fn assert_sums(trace: &Trace) -> Result<(), TestCaseError> {
    let path = CriticalPath::of(trace);
    let mut from_paths = 0;
    for one in path.paths() {
        let mut cursor = one.start_ns;
        for section in &one.sections {
            prop_assert_eq!(section.start_ns, cursor);
            prop_assert!(section.end_ns > section.start_ns);
            prop_assert_eq!(path.slack_ns(section.span), Some(0));
            cursor = section.end_ns;
        }
        prop_assert_eq!(cursor, one.end_ns);
        let (span, length) = (one.start_span, one.duration_ns());
        prop_assert_eq!(length, trace.span_end_ns(span) - trace.span_start_ns(span));
        let shares = path.shares(trace, one);
        prop_assert_eq!(
            shares.iter().map(|share| share.path_ns).sum::<u64>(),
            length
        );
        from_paths += length;
        let same = path.replay(trace, span, |_| None);
        prop_assert_eq!((same.before_ns, same.after_ns), (length, length));
    }
    let by_span: u64 = (0..trace.len()).map(|span| path.path_ns(span)).sum();
    prop_assert_eq!(by_span, from_paths);
    for span in 0..trace.len() {
        let own = trace.span_end_ns(span) - trace.span_start_ns(span);
        prop_assert!(path.self_ns(span) <= own);
    }
    Ok(())
}

proptest! {
    #[test]
    fn sections_touch_and_sum_to_their_span_on_any_trace(spans in arbitrary_spans()) {
        assert_sums(&trace(spans))?;
    }

    #[test]
    fn sections_touch_and_sum_to_the_root_on_well_behaved_traces(spans in nested_spans()) {
        assert_sums(&trace(spans))?;
    }

    #[test]
    fn a_span_can_be_longer_by_its_slack_and_not_by_more(spans in nested_spans()) {
        let trace = trace(spans);
        let path = CriticalPath::of(&trace);
        let root = trace.root().unwrap();
        for span in 0..trace.len() {
            let length = trace.span_end_ns(span) - trace.span_start_ns(span);
            let longer = |by: u64| {
                path.replay(&trace, root, |one| {
                    (one == span).then_some(Target::DurationNs(length + by))
                })
            };
            let slack = path.slack_ns(span).unwrap();
            let at_slack = longer(slack);
            prop_assert_eq!(at_slack.after_ns, at_slack.before_ns);
            // Within the tolerance for clocks, what is on the path may still have room.
            let beyond = longer(slack + 2 * MS);
            prop_assert!(beyond.after_ns > beyond.before_ns);
        }
    }
}
