//! Random TraceQL over the vocabulary of `random`.

use proptest::prelude::*;
use spanwalk_model::{SeverityLevel, SpanKind, StatusCode};

use crate::naive::{Condition, Literal, PATTERNS, Query, Single, Spans, Step};

const ORDERED: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
const UNORDERED: [&str; 2] = ["=", "!="];

const ATTRIBUTES: [&str; 10] = [
    ".k",
    "span.k",
    "event.k",
    "link.k",
    "log.k",
    "parent.k",
    "span.http.status_code",
    "span.\"user id\"",
    "resource.host.name",
    "instrumentation.library",
];

const TEXT_FIELDS: [&str; 9] = [
    "name",
    "statusMessage",
    "event:name",
    "log.body",
    "trace:rootService",
    "resource.service.name",
    "span:id",
    "span:parentID",
    "resource.host.name",
];

const JOINS: [&str; 17] = [
    "&&", "||", ">>", "<<", ">", "<", "~", "!>>", "!<<", "!>", "!<", "!~", "&>>", "&<<", "&>",
    "&<", "&~",
];

fn text_literal() -> impl Strategy<Value = Literal> {
    prop::sample::select(vec![
        ("\"a\"", "a"),
        ("\"time out\"", "time out"),
        ("`Card declined`", "Card declined"),
        ("\"5\"", "5"),
        ("\"\"", ""),
        ("\"GET /x\"", "GET /x"),
        ("\"exception\"", "exception"),
        ("\"0000000000000002\"", "0000000000000002"),
        ("\"a-1\"", "a-1"),
        ("\"b-lib\"", "b-lib"),
    ])
    .prop_map(|(written, text)| Literal(written, Single::Text(text.to_owned())))
}

fn number_literal() -> impl Strategy<Value = Literal> {
    prop::sample::select(vec![
        ("0", 0.0),
        ("1", 1.0),
        ("2", 2.0),
        ("5", 5.0),
        ("2.5", 2.5),
        ("3.0", 3.0),
        ("(-1)", -1.0),
        ("(1 + 1)", 2.0),
        ("3ns", 3.0),
    ])
    .prop_map(|(written, number)| Literal(written, Single::Number(number)))
}

fn duration_literal() -> impl Strategy<Value = Literal> {
    prop::sample::select(vec![
        ("0s", 0.0),
        ("1ms", 1e6),
        ("2ms", 2e6),
        ("0.003s", 3e6),
        ("1000000", 1e6),
    ])
    .prop_map(|(written, number)| Literal(written, Single::Number(number)))
}

fn flag_literal() -> impl Strategy<Value = Literal> {
    any::<bool>().prop_map(|flag| Literal(if flag { "true" } else { "false" }, Single::Bool(flag)))
}

fn status_literal() -> impl Strategy<Value = Literal> {
    prop::sample::select(vec![
        Literal("error", Single::Status(StatusCode::Error)),
        Literal("ok", Single::Status(StatusCode::Ok)),
        Literal("unset", Single::Status(StatusCode::Unset)),
    ])
}

fn kind_literal() -> impl Strategy<Value = Literal> {
    prop::sample::select(vec![
        Literal("server", Single::Kind(SpanKind::Server)),
        Literal("client", Single::Kind(SpanKind::Client)),
        Literal("unspecified", Single::Kind(SpanKind::Unspecified)),
    ])
}

fn level_literal() -> impl Strategy<Value = Literal> {
    prop::sample::select(vec![
        Literal("debug", Single::Level(SeverityLevel::Debug)),
        Literal("\"warn\"", Single::Level(SeverityLevel::Warn)),
        Literal("error", Single::Level(SeverityLevel::Error)),
    ])
}

fn compare(
    fields: &'static [&'static str],
    signs: &'static [&'static str],
    literal: impl Strategy<Value = Literal>,
) -> impl Strategy<Value = Condition> {
    let parts = (
        prop::sample::select(fields),
        prop::sample::select(signs),
        literal,
    );
    parts.prop_map(|(field, sign, literal)| Condition::Compare(field, sign, literal))
}

fn single() -> impl Strategy<Value = Condition> {
    let exists = (
        prop::sample::select(&ATTRIBUTES[..]).prop_union(prop::sample::select(
            &["span:parentID", "parent", "event:name", "log:level"][..],
        )),
        any::<bool>(),
    );
    let matched = (
        prop::sample::select(&ATTRIBUTES[..]).prop_union(prop::sample::select(&TEXT_FIELDS[..])),
        0..PATTERNS.len(),
        any::<bool>(),
    );
    prop_oneof![
        1 => any::<bool>().prop_map(Condition::Always),
        6 => compare(&ATTRIBUTES, &ORDERED, text_literal()),
        6 => compare(&ATTRIBUTES, &ORDERED, number_literal()),
        2 => compare(&ATTRIBUTES, &UNORDERED, flag_literal()),
        6 => compare(&TEXT_FIELDS, &ORDERED, text_literal()),
        3 => compare(&["duration"], &ORDERED, duration_literal()),
        2 => compare(&["span:childCount"], &ORDERED, number_literal()),
        2 => compare(&["status"], &UNORDERED, status_literal()),
        2 => compare(&["kind"], &UNORDERED, kind_literal()),
        2 => compare(&["log:level"], &ORDERED, level_literal()),
        3 => exists.prop_map(|(field, wanted)| Condition::Exists(field, wanted)),
        3 => matched.prop_map(|(field, pattern, wanted)| Condition::Match(field, pattern, wanted)),
        1 => prop::sample::select(&["span.k", "span.http.status_code"][..])
            .prop_map(Condition::Flag),
    ]
}

/// A condition in braces.
pub(crate) fn condition() -> impl Strategy<Value = Condition> {
    single().prop_recursive(3, 6, 2, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|inner| Condition::Not(Box::new(inner))),
            (inner.clone(), inner.clone())
                .prop_map(|(left, right)| Condition::And(Box::new(left), Box::new(right))),
            (inner.clone(), inner)
                .prop_map(|(left, right)| Condition::Or(Box::new(left), Box::new(right))),
        ]
    })
}

fn spans() -> impl Strategy<Value = Spans> {
    condition()
        .prop_map(Spans::Where)
        .prop_recursive(2, 4, 2, |inner| {
            (prop::sample::select(&JOINS[..]), inner.clone(), inner)
                .prop_map(|(sign, left, right)| Spans::Join(sign, Box::new(left), Box::new(right)))
        })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        condition().prop_map(Step::Where),
        (prop::sample::select(&ORDERED[..]), 0usize..4)
            .prop_map(|(sign, count)| Step::Count(sign, count)),
        (
            prop::sample::select(&["avg", "min", "max", "sum"][..]),
            prop::sample::select(&ORDERED[..]),
            0u64..4,
        )
            .prop_map(|(function, sign, ms)| Step::Duration(function, sign, ms)),
        prop::sample::select(&["name", "kind", "span.k", ".k", "span:parentID"][..])
            .prop_map(Step::By),
        Just(Step::Coalesce),
    ]
}

/// A whole query.
pub(crate) fn query() -> impl Strategy<Value = Query> {
    let alone = prop_oneof![single().prop_map(Spans::Where), spans()];
    let steps = prop_oneof![
        2 => Just(Vec::new()),
        1 => prop::collection::vec(step(), 1..3),
    ];
    (alone, steps).prop_map(|(spans, steps)| Query { spans, steps })
}

/// Texts made of the pieces of the language, right and wrong.
pub(crate) fn loose_text() -> impl Strategy<Value = String> {
    const PIECES: &str = r#"{ } { } ( ) .k span. resource.a parent. log. " ` \ "a" 5 5ms - ! = !=
        > >> < << ~ =~ !~ & && || | + * / ^ name duration status error kind nil true log:level
        warn trace: id count() avg( by( select( coalesce() rate() topk( with( a=1 , é 漢 // /* */
        compare( 1e9 .5"#;
    let mut pieces: Vec<&'static str> = PIECES.split_whitespace().collect();
    pieces.extend([" ", " ", " ", " ", "\n"]);
    prop::collection::vec(prop::sample::select(pieces), 0..16)
        .prop_map(|pieces| format!("{{{}", pieces.concat()))
}
