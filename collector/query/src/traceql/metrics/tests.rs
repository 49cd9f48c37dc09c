//! Numbers over time of a few spans.

use std::sync::Arc;

use spanwalk_model::{
    Resource, Scope, Scoped, Span, SpanId, StatusCode, TimeRange, TraceId, TraceItems,
};

use super::{Grid, GridError};
use crate::traceql::parse_metrics;

const SECOND: u64 = 1_000_000_000;

/// A span of this service that began so many seconds after 100 and took so many.
fn span(number: u64, service: &str, start: u64, duration: u64, size: i64) -> Scoped<Span> {
    let mut span = Span::new(
        TraceId::from_u128(7).unwrap(),
        SpanId::from_u64(number).unwrap(),
    );
    span.start_ns = (100 + start) * SECOND;
    span.end_ns = span.start_ns + duration * SECOND;
    span.attributes.push("size", size);
    if size > 4 {
        span.status.code = StatusCode::Error;
    }
    let mut resource = Resource::default();
    resource.attributes.push("service.name", service);
    Scoped {
        item: span,
        resource: Arc::new(resource),
        scope: Arc::new(Scope::default()),
    }
}

fn items() -> TraceItems {
    TraceItems {
        spans: vec![
            span(1, "a", 0, 1, 1),
            span(2, "a", 5, 3, 5),
            span(3, "b", 12, 4, 2),
            span(4, "a", 13, 4, 8),
            // After the end.
            span(5, "b", 20, 1, 1),
        ],
        logs: Vec::new(),
    }
}

fn grid() -> Grid {
    let range = TimeRange {
        start_ns: 100 * SECOND,
        end_ns: 120 * SECOND,
    };
    Grid::new(range, 10 * SECOND).unwrap()
}

/// Each series as `label=value… : number…`.
fn shown(text: &str) -> Vec<String> {
    let query = parse_metrics(text).unwrap();
    assert_eq!(parse_metrics(&query.to_string()).unwrap(), query, "{query}");
    let mut run = query.run(grid());
    run.observe(&items());
    let answer = run.finish();
    assert_eq!(answer.spans_left_out, 0);
    let series = answer.series.into_iter().map(|series| {
        let labels: Vec<String> = series
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let values: Vec<String> = series.values.iter().map(f64::to_string).collect();
        format!("{}: {}", labels.join(","), values.join(" "))
    });
    series.collect()
}

#[test]
fn spans_are_counted_in_the_step_of_their_start() {
    assert_eq!(
        shown("{ } | count_over_time()"),
        ["__name__=count_over_time: 2 2"]
    );
    assert_eq!(shown("{ } | rate()"), ["__name__=rate: 0.2 0.2"]);
    assert_eq!(
        shown("{ } | count_over_time() by (resource.service.name)"),
        [
            "resource.service.name=a: 2 1",
            "resource.service.name=b: 0 1"
        ]
    );
    assert_eq!(shown("{ .nothing = 1 } | rate()"), [""; 0]);
}

#[test]
fn values_are_put_together_and_durations_are_seconds() {
    assert_eq!(
        shown("{ } | min_over_time(duration)"),
        ["__name__=min_over_time: 1 4"]
    );
    assert_eq!(
        shown("{ } | max_over_time(.size)"),
        ["__name__=max_over_time: 5 8"]
    );
    assert_eq!(
        shown("{ } | sum_over_time(.size)"),
        ["__name__=sum_over_time: 6 10"]
    );
    assert_eq!(
        shown("{ } | avg_over_time(duration)"),
        ["__name__=avg_over_time: 2 4"]
    );
    assert_eq!(
        shown("{ resource.service.name = \"b\" } | max_over_time(.size)"),
        ["__name__=max_over_time: NaN 2"]
    );
    assert_eq!(
        shown("{ } | quantile_over_time(.size, 1, 0.5)"),
        [
            "__name__=quantile_over_time,p=1: 8 8",
            "__name__=quantile_over_time,p=0.5: 1 2"
        ]
    );
    assert_eq!(
        shown("{ } | histogram_over_time(duration)"),
        [
            "__name__=histogram_over_time,__bucket=1: 1 0",
            "__name__=histogram_over_time,__bucket=4: 1 2"
        ]
    );
}

#[test]
fn second_stages_leave_the_first_series_and_numbers_that_compare() {
    let by = "count_over_time() by (resource.service.name)";
    assert_eq!(
        shown(&format!("{{ }} | {by} | topk(1)")),
        ["resource.service.name=a: 2 1"]
    );
    assert_eq!(
        shown(&format!("{{ }} | {by} | bottomk(1)")),
        [
            "resource.service.name=a: NaN 1",
            "resource.service.name=b: 0 NaN"
        ]
    );
    assert_eq!(
        shown(&format!("{{ }} | {by} > 1")),
        ["resource.service.name=a: 2 NaN"]
    );
    assert_eq!(
        shown(&format!("{{ }} | {by} >= 1 | topk(1) != 2")),
        ["resource.service.name=a: NaN 1"]
    );
}

#[test]
fn series_of_two_queries_are_put_together_by_their_labels() {
    assert_eq!(
        shown("({ status = error } | count_over_time()) / ({ } | count_over_time())"),
        ["__name__=(count_over_time / count_over_time): 0.5 0.5"]
    );
    assert_eq!(
        shown(
            "({ } | count_over_time() by (resource.service.name)) / ({ } | count_over_time()) | topk(1)",
        ),
        ["__name__=(series / count_over_time),resource.service.name=a: 1 0.5",]
    );
    assert_eq!(
        shown("(({ } | rate()) - ({ } | rate())) / ({ .nothing = 1 } | rate())"),
        [""; 0]
    );
    assert_eq!(
        shown("({ } | rate()) / (({ } | rate()) - ({ } | rate()))"),
        ["__name__=(rate / (rate - rate)): NaN NaN"]
    );
}

#[test]
fn compare_counts_values_of_selected_spans_and_others() {
    let all = shown("{ } | compare({ status = error }, 1)");
    for expected in [
        "__meta_type=selection,resource.service.name=a: 1 1",
        "__meta_type=selection_total,resource.service.name=null: 1 1",
        "__meta_type=baseline,resource.service.name=a: 1 0",
        "__meta_type=baseline_total,resource.service.name=null: 1 1",
        "__meta_type=baseline,__meta_error=__too_many_values__,resource.service.name=null: NaN NaN",
        "__meta_type=selection,status=error: 1 1",
        "__meta_type=selection,span.size=5: 1 0",
    ] {
        assert!(
            all.iter().any(|series| series == expected),
            "{expected} in {all:#?}"
        );
    }
    let first = 100 * SECOND;
    let windowed = shown(&format!(
        "{{ }} | compare({{ status = error }}, 10, {first}, {})",
        first + 10 * SECOND
    ));
    let expected = "__meta_type=selection_total,status=null: 1 0";
    assert!(
        windowed.iter().any(|series| series == expected),
        "{windowed:#?}"
    );
}

#[test]
fn too_many_series_are_left_out_and_counted() {
    let query = parse_metrics("{ } | rate() by (span:id)").unwrap();
    let range = TimeRange {
        start_ns: 0,
        end_ns: 10_000 * SECOND,
    };
    let mut run = query.run(Grid::new(range, SECOND).unwrap());
    let spans = (1..300).map(|number| span(number, "a", 1, 1, 1)).collect();
    run.observe(&TraceItems {
        spans,
        logs: Vec::new(),
    });
    let answer = run.finish();
    assert_eq!(answer.series.len() as u64 + answer.spans_left_out, 299);
    assert_eq!(answer.series.len(), (1 << 21) / 10_000);
}

#[test]
fn a_grid_has_some_steps_and_not_too_many() {
    let range = |start_ns, end_ns| TimeRange { start_ns, end_ns };
    assert_eq!(
        Grid::new(range(5, 5), 1),
        Err(GridError::Empty {
            start_ns: 5,
            end_ns: 5
        })
    );
    assert_eq!(Grid::new(range(0, 5), 0), Err(GridError::NoStep));
    let many = Grid::new(range(0, u64::MAX), 1);
    assert!(matches!(many, Err(GridError::TooMany { max: 11_000, .. })));
    let grid = Grid::new(range(10, 15), 2).unwrap();
    assert_eq!(grid.count(), 3);
    assert_eq!(grid.step_start_ns(2), 14);
}

#[test]
fn what_asks_for_traces_has_no_numbers() {
    let error = parse_metrics("{ }").unwrap_err();
    assert_eq!(error.range, 3..3);
    let long = parse_metrics(&" ".repeat(20_000)).unwrap_err();
    assert_eq!(long.message, "the query has 20000 bytes");
}
