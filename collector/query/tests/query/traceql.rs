//! What is TraceQL, how it is printed, and what both forms have in common.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use spanwalk_model::{Span, SpanId, TraceId, TraceItems};
use spanwalk_query::parse;
use spanwalk_query::traceql::parse_metrics;

use crate::random::large_items;
use crate::random_traceql::query;
use crate::world::{NOW, scoped, world};

/// Texts of the file with their canonical form.
fn valid() -> Vec<(&'static str, &'static str)> {
    include_str!("traceql_valid.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| line.split_once(" => ").unwrap_or((line, line)))
        .collect()
}

#[test]
fn what_is_traceql_is_read_and_printed_in_its_canonical_form() {
    let all = valid();
    assert!(all.len() > 120);
    let mut wrong = Vec::new();
    for (text, canonical) in all {
        match parse(text, NOW) {
            Ok(query) if query.to_string() == canonical => {
                assert_eq!(parse(canonical, NOW).as_ref(), Ok(&query), "{text}");
            }
            Ok(query) => wrong.push(format!("{text}\n    prints {query}")),
            Err(error) => wrong.push(format!("{text}\n    {error:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The same question in both forms: the index is asked for the same, and the same spans match.
#[test]
fn both_forms_ask_the_index_for_the_same() {
    let pairs = [
        (
            "service:payment duration:>1s",
            r#"{ resource.service.name = "payment" && duration > 1s }"#,
        ),
        ("status:error", "{ status = error }"),
        (
            "status:ok OR kind:client",
            "{ status = ok || kind = client }",
        ),
        ("-kind:client", "{ !(kind = client) }"),
        ("name:\"SELECT orders\"", r#"{ name = "SELECT orders" }"#),
        ("duration:<=3ms", "{ duration <= 3ms }"),
        ("http.route:/x", r#"{ .http.route = "/x" }"#),
        (
            "http.response.status_code:504",
            "{ span.http.response.status_code = 504 }",
        ),
        ("tags:hot", r#"{ .tags = "hot" }"#),
        ("amount:>12", "{ .amount > 12 }"),
        ("has:amount", "{ .amount != nil }"),
        ("\"user id\":\"u 1\"", r#"{ ."user id" = "u 1" }"#),
        (
            "trace:4bf92f3577b34da6a3ce929d0e0e4701",
            r#"{ trace:id = "4bf92f3577b34da6a3ce929d0e0e4701" }"#,
        ),
        (
            "root.service:gateway",
            r#"{ trace:rootService = "gateway" }"#,
        ),
        (
            "level:>=warn kind:client",
            "{ log:level >= warn && kind = client }",
        ),
        (
            "service:(gateway OR payment)",
            r#"{ resource.service.name =~ "gateway|payment" }"#,
        ),
    ];
    let world = world();
    for (filter, traceql) in pairs {
        let left = parse(filter, NOW).unwrap();
        let right = parse(traceql, NOW).unwrap();
        assert_eq!(left.trace_condition(), right.trace_condition(), "{traceql}");
        for (label, _, items) in &world.traces {
            if !items.spans.is_empty() {
                let spans = |query: &spanwalk_query::Query| query.match_trace(items);
                assert_eq!(spans(&left), spans(&right), "{traceql} of {label}");
            }
        }
    }
}

#[test]
fn groups_aggregates_and_selected_fields_are_told() {
    let world = world();
    let shown = |text: &str| -> Vec<String> {
        let sets = parse(text, NOW).unwrap().span_sets(&world.traces[0].2);
        sets.iter()
            .map(|set| {
                let spans: Vec<String> = set
                    .spans
                    .iter()
                    .map(|span| format!("{}{:?}", span.index, span.attributes))
                    .collect();
                format!("{} of {:?}", spans.join(" "), set.attributes)
            })
            .collect()
    };
    assert_eq!(
        shown("{ } | by(kind) | count() > 0 | max(duration) < 10s | select(.amount)"),
        [
            r#"0[] of [("by(kind)", String("server")), ("count()", Int(1)), ("max(duration)", Int(2000000000))]"#,
            r#"1[(".amount", Double(12.5))] 2[] of [("by(kind)", String("client")), ("count()", Int(2)), ("max(duration)", Int(1500000000))]"#,
        ]
    );
    assert_eq!(shown("kind:client"), ["1[] 2[] of []"]);
    assert_eq!(shown("{ false }"), [""; 0]);
}

#[test]
fn metrics_queries_are_read_and_printed_in_their_canonical_form() {
    for (text, canonical) in [
        ("{} | rate()", "{ } | rate()"),
        (
            "{} | count_over_time() by (name) with(sample=0.1)",
            "{ } | count_over_time() by (name) with (sample=0.1)",
        ),
        (
            "{ .a } | quantile_over_time(duration, 0, .9, 1) by (span.http.path, .b) | topk(10)",
            "{ .a } | quantile_over_time(duration, 0, 0.9, 1) by (span.http.path, .b) | topk(10)",
        ),
        (
            "{ .a } >> { .b } | by(name) | coalesce() | avg_over_time(span.size) > 100ms < -2",
            "{ .a } >> { .b } | by(name) | coalesce() | avg_over_time(span.size) > 0.1 < -2",
        ),
        (
            "{ } | compare({status=error})",
            "{ } | compare({ status = error }, 10)",
        ),
        (
            "{ } | compare({ }, 5, 100, 200)",
            "{ } | compare({ }, 5, 100, 200)",
        ),
        (
            "(({} | rate()) + ({} | rate() | topk(2))) / ({} | rate()) | bottomk(1)",
            "(({ } | rate()) + ({ } | rate() | topk(2))) / ({ } | rate()) | bottomk(1)",
        ),
        ("(({} | rate()))", "{ } | rate()"),
    ] {
        let query = parse_metrics(text).unwrap();
        assert_eq!(query.to_string(), canonical);
        assert_eq!(parse_metrics(canonical), Ok(query));
        assert_eq!(
            parse(text, NOW).unwrap_err().message,
            "a metrics query has no traces to list"
        );
    }
}

#[test]
fn deep_nesting_is_refused_and_long_chains_are_not() {
    let chain = |part: &str, count: usize| vec![part; count].join(" || ");
    assert!(parse(&format!("{{ {} }}", chain(".a = 1", 1_000)), NOW).is_ok());
    let nested = |depth: usize| format!("{{ {}.a{} }}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(60), NOW).is_ok());
    for deep in [
        nested(100),
        format!("{{ {}.a }}", "!".repeat(5_000)),
        format!("{{ {} }}", ".a && .b || ".repeat(500) + ".c"),
        format!("{{ {} = 1 }}", "1 + ".repeat(2_000) + "1"),
        "{} >> ".repeat(2_000) + "{}",
        format!("{}{{}}{}", "(".repeat(3_000), ")".repeat(3_000)),
        format!("count() > {}1", "1 - ".repeat(3_000)),
        format!("({{}} | rate()){}", " + ({} | rate())".repeat(900)),
    ] {
        let error = parse(&deep, NOW).unwrap_err();
        assert_eq!(
            error.message,
            "nested deeper than 64 levels",
            "{}",
            deep.chars().take(40).collect::<String>()
        );
    }
}

/// Every span is below the one before: whoever follows parents by recursion, or looks at all
/// pairs, does not come back.
#[test]
fn a_chain_of_many_spans_is_walked_without_recursion() {
    const SPANS: u64 = 50_000;
    let mut items = TraceItems::default();
    for number in 1..=SPANS {
        let mut span = Span::new(TraceId::MAX, SpanId::from_u64(number).unwrap());
        span.parent_span_id = SpanId::from_u64(number - 1);
        span.start_ns = number;
        items.spans.push(scoped("a", span));
    }
    for (text, count) in [
        ("{ } >> { }", SPANS - 1),
        ("{ } << { }", SPANS - 1),
        ("{ } !>> { }", 1),
        ("{ span:childCount = 0 } &<< { }", SPANS),
        ("{ } > { nestedSetLeft > 25000 }", SPANS / 2),
    ] {
        let found = parse(text, NOW).unwrap().match_trace(&items).unwrap();
        assert_eq!(found.span_indexes.len() as u64, count, "{text}");
    }
}

#[test]
fn regular_expressions_are_bounded_in_size_and_number() {
    let many = |count: usize| format!("{{ {} }}", vec![r#".a =~ "x.*""#; count].join(" || "));
    assert!(parse(&many(32), NOW).is_ok());
    let error = parse(&many(33), NOW).unwrap_err();
    assert_eq!(error.message, "this is regular expression 33");
    let error = parse(r#"{ .a =~ "(\\w{1000}){1000}" }"#, NOW).unwrap_err();
    assert_eq!(error.range, 8..27);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn a_query_leaves_the_spans_that_its_naive_reading_leaves(
        query in query(),
        items in large_items(),
    ) {
        let text = query.text();
        let found = parse(&text, NOW).unwrap().match_trace(&items);
        let indexes = found.map(|found| found.span_indexes).unwrap_or_default();
        prop_assert_eq!(indexes, query.matches(&items), "{}", text);
    }
}

/// The property above says something only where queries leave spans, and leave some out.
#[test]
fn random_queries_leave_some_spans() {
    let mut runner = TestRunner::deterministic();
    let mut some = 0;
    for _ in 0..1_000 {
        let query = query().new_tree(&mut runner).unwrap().current();
        let items = large_items().new_tree(&mut runner).unwrap().current();
        let left = query.matches(&items).len();
        some += usize::from(left > 0 && left < items.spans.len());
    }
    assert!(some > 100, "{some}");
}
