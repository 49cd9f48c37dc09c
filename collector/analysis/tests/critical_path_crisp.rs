//! The critical paths of 25 small traces that were made to test critical paths
//! (uber-research/CRISP, `testcases`; licence beside them), each worked out by hand.
//!
//! CRISP gives a sum per operation and counts what two overlapping spans share twice or to
//! either; here every microsecond of the root belongs to exactly one span. Where the sums
//! differ, the case says by what.

#![expect(
    clippy::unwrap_used,
    reason = "a fixture that cannot be read fails its test"
)]

use spanwalk_analysis::critical_path::{CriticalPath, Section};
use spanwalk_model::foreign::jaeger;
use spanwalk_model::trace::Trace;
use spanwalk_model::{TraceItems, batch};

/// The path of a case: `A 0-10, B 10-60`: span ids with microseconds from the root's start.
fn check(case: u32, expected: &str) {
    let path = format!(
        "{}/tests/fixtures/critical-path-crisp/{case}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let text = std::fs::read(&path).unwrap();
    let groups = jaeger::decode(&text).unwrap().groups;
    let trace = Trace::build(TraceItems {
        spans: batch::scoped_items(groups).collect(),
        logs: Vec::new(),
    });
    let critical = CriticalPath::of(&trace);
    assert_eq!(critical.paths().len(), 1, "case {case} has one root");
    let main = critical.main().unwrap();
    let sections: Vec<String> = main
        .sections
        .iter()
        .map(|section| {
            let name = name(&trace, section.span);
            let at = |moment_ns: u64| (moment_ns - main.start_ns) / 1000;
            format!("{name} {}-{}", at(section.start_ns), at(section.end_ns))
        })
        .collect();
    assert_eq!(sections.join(", "), expected, "case {case}");
    let sum: u64 = main.sections.iter().map(Section::duration_ns).sum();
    assert_eq!(sum, main.duration_ns(), "case {case} sums to its root");
}

/// The span's id in the file. Ids beyond F are no hexadecimal numbers and become others when
/// they are read; the files that have them name their spans in order of start.
fn name(trace: &Trace, span: u32) -> String {
    let id = trace.span(span).unwrap().item.span_id.to_u64();
    if id <= 0xff {
        format!("{id:X}")
    } else {
        char::from_u32(u32::from('A') + span).unwrap().to_string()
    }
}

/// One span, no children: the root is all of it.
#[test]
fn a_span_alone_is_its_own_path() {
    check(1, "A 0-100");
}

/// B lies inside A: A works before and behind it. Sums A 50, B 50, as CRISP.
#[test]
fn a_child_takes_its_part_out_of_its_parent() {
    check(2, "A 0-10, B 10-60, A 60-100");
}

/// B starts and ends with A, so nothing is A's own. Sums A 0, B 100, as CRISP.
#[test]
fn a_child_as_long_as_its_parent_takes_all_of_it() {
    check(3, "B 0-100");
}

/// C lies inside B, B inside A. Sums A 50, B 40, C 10, as CRISP.
#[test]
fn a_grandchild_takes_its_part_out_of_the_child() {
    check(4, "A 0-10, B 10-20, C 20-30, B 30-60, A 60-100");
}

/// Three calls one behind the other, gaps are A's. Sums A 40, B 20 + 10 + 30, as CRISP.
#[test]
fn children_in_sequence_are_all_waited_for() {
    check(
        5,
        "A 0-10, B1 10-30, A 30-40, B2 40-50, A 50-60, B3 60-90, A 90-100",
    );
}

/// As case 5 with three operations. Sums A 40, B 20, C 10, D 30, as CRISP.
#[test]
fn children_of_different_services_in_sequence_are_all_waited_for() {
    check(
        6,
        "A 0-10, B 10-30, A 30-40, C 40-50, A 50-60, D 60-90, A 90-100",
    );
}

/// B ends 10 behind A: what lies behind A's end, A cannot have waited for. Sums A 10, B 80,
/// C 10, as CRISP.
#[test]
fn a_child_that_outlives_the_root_counts_up_to_its_end() {
    check(7, "A 0-10, B 10-40, C 40-50, B 50-100");
}

/// C ends 50 behind B, B inside A: A waited until B's end at 70 and B for C until there.
/// Sums A 40, B 10, C 50, as CRISP.
#[test]
fn a_grandchild_that_outlives_the_child_counts_up_to_its_end() {
    check(8, "A 0-10, B 10-20, C 20-70, A 70-100");
}

/// B starts 10 behind A's end, and with it C is off the path. Sums A 70, D 30, as CRISP.
#[test]
fn a_child_that_starts_behind_its_parent_was_not_waited_for() {
    check(9, "A 0-60, D 60-90, A 90-100");
}

/// B and C, C and D share 1 of 1000: less than 1 % of A, so clock noise and not parallel work.
/// Each shared microsecond goes to the later span. CRISP gives it to both and takes it from A
/// (A 400, B 200, C 100, D 300); disjoint sums are A 402, B 199, C 99, D 300.
#[test]
fn children_that_overlap_by_a_trifle_are_in_sequence() {
    check(10, "A 0-10, B 10-209, C 209-308, D 308-608, A 608-1000");
}

/// As case 2; B failed, and time is time. Sums A 70, B 30, as CRISP.
#[test]
fn an_error_in_a_child_does_not_change_the_path() {
    check(11, "A 0-30, B 30-60, A 60-100");
}

/// C and D overlap by 15 of 60: parallel. D ended last; C ended while D ran, so nobody waited
/// for it. Sums A 40, B 40, D 20, as CRISP.
#[test]
fn of_two_children_side_by_side_the_last_to_finish_was_waited_for() {
    check(12, "A 0-10, B 10-30, D 30-50, B 50-70, A 70-100");
}

/// As case 12 with D failed. Sums A 40, B 40, D 20, as CRISP.
#[test]
fn a_failed_child_that_finished_last_was_waited_for_too() {
    check(13, "A 0-10, B 10-30, D 30-50, B 50-70, A 70-100");
}

/// D ended last. C shares 5 of 80 with D, more than 1 %: parallel, passed over. B ended at 30,
/// before D began: A waited for it. Sums A 35, B 20, D 25, as CRISP.
#[test]
fn what_ran_beside_the_path_is_passed_over_and_the_one_before_is_found() {
    check(14, "A 0-10, B 10-30, A 30-40, D 40-65, A 65-80");
}

/// Calls of 10 with gaps of 5; G ends with A, so A has nothing behind it. Sums A 35, B to F
/// 10 each, G 15, as CRISP.
#[test]
fn six_calls_in_sequence() {
    check(
        15,
        "A 0-10, B 10-20, A 20-25, C 25-35, A 35-40, D 40-50, A 50-55, E 55-65, A 65-70, F 70-80, A 80-85, G 85-100",
    );
}

/// D ended last of the first three; C shares 5 of 110 with D: parallel, passed over; B ended
/// before D began. Then E, F and G inside F. Sums A 50, B 10, D 10, E 10, F 20, G 10, as CRISP.
#[test]
fn a_path_over_several_levels_with_a_parallel_call_beside_it() {
    check(
        16,
        "A 0-10, B 10-20, A 20-30, D 30-40, A 40-50, E 50-60, A 60-70, F 70-80, G 80-90, F 90-100, A 100-110",
    );
}

/// C inside B, then D. Sums A 40, B 30, C 20, D 10, as CRISP.
#[test]
fn a_nested_call_and_one_behind_it() {
    check(
        17,
        "A 0-20, B 20-30, C 30-50, B 50-70, A 70-80, D 80-90, A 90-100",
    );
}

/// B with three calls, F with G and its two calls. Sums A 50, B 70, C 10, D 10, E 10, F 40,
/// G 30, H 20, I 10, as CRISP.
#[test]
fn two_subtrees_of_different_depth_in_sequence() {
    check(
        18,
        "A 0-10, B 10-30, C 30-40, B 40-50, D 50-60, B 60-70, E 70-80, B 80-110, A 110-120, F 120-140, G 140-150, H 150-170, G 170-180, I 180-190, G 190-200, F 200-220, A 220-250",
    );
}

/// Overlaps of 5 are less than 1 % of 600: in sequence. CRISP counts them twice and leaves A
/// nothing (A 0, B 200, C 100, D 300); A did work for 10 before B. Disjoint sums are A 10, B 195,
/// C 95, D 300.
#[test]
fn a_chain_with_overlaps_just_under_the_tolerance() {
    check(19, "A 0-10, B 10-205, C 205-300, D 300-600");
}

/// The times of case 19; C did not fail. The path is the same.
#[test]
fn the_same_chain_with_two_failures() {
    check(20, "A 0-10, B 10-205, C 205-300, D 300-600");
}

/// The times of case 19; B did not fail. The path is the same.
#[test]
fn the_same_chain_with_the_first_call_healthy() {
    check(21, "A 0-10, B 10-205, C 205-300, D 300-600");
}

/// Gaps of 50 before each are A's. Sums A 150, O2 150, as CRISP.
#[test]
fn three_calls_of_one_operation_the_last_up_to_the_end() {
    check(
        22,
        "A 0-50, B 50-100, A 100-150, C 150-200, A 200-250, D 250-300",
    );
}

/// Gaps of 50 belong to whoever calls. Sums A 100, B and F 300, the rest 300, as CRISP.
#[test]
fn two_calls_with_three_calls_each() {
    check(
        23,
        "A 0-50, B 50-100, C 100-150, B 150-200, D 200-250, B 250-300, E 300-350, A 350-400, F 400-450, G 450-500, F 500-550, H 550-600, F 600-650, I 650-700",
    );
}

/// The times of case 23. The path is the same.
#[test]
fn the_same_calls_with_one_branch_failed() {
    check(
        24,
        "A 0-50, B 50-100, C 100-150, B 150-200, D 200-250, B 250-300, E 300-350, A 350-400, F 400-450, G 450-500, F 500-550, H 550-600, F 600-650, I 650-700",
    );
}

/// The times of case 23. The path is the same.
#[test]
fn the_same_calls_with_the_failure_begun_in_the_branch() {
    check(
        25,
        "A 0-50, B 50-100, C 100-150, B 150-200, D 200-250, B 250-300, E 300-350, A 350-400, F 400-450, G 450-500, F 500-550, H 550-600, F 600-650, I 650-700",
    );
}
