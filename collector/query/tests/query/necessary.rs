//! Conditions are necessary: whatever matches fulfils them.

use std::borrow::Cow;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use spanwalk_model::{Attributes, LogRecord, Scoped, TraceItems, Value};
use spanwalk_query::{Condition, Term, parse, text};

use crate::random::{items, query_text, record};
use crate::random_traceql;
use crate::world::NOW;

/// What a condition means, read naively over everything that a trace holds.
fn holds(condition: &Condition, items: &TraceItems) -> bool {
    match condition {
        Condition::Everything => true,
        Condition::All(parts) => parts.iter().all(|part| holds(part, items)),
        Condition::OneOf(parts) => parts.iter().any(|part| holds(part, items)),
        Condition::Term(term) => term_holds(term, items),
    }
}

fn term_holds(term: &Term, items: &TraceItems) -> bool {
    let any_span =
        |test: &dyn Fn(&Scoped<spanwalk_model::Span>) -> bool| items.spans.iter().any(test);
    let any_log = |test: &dyn Fn(&Scoped<LogRecord>) -> bool| items.logs.iter().any(test);
    match term {
        Term::Service(name) => {
            any_span(&|span| span.resource.service_name() == name)
                || any_log(&|record| record.resource.service_name() == name)
        }
        Term::Name(name) => any_span(&|span| span.item.name == *name),
        Term::Kind(kind) => any_span(&|span| span.item.kind == *kind),
        Term::Error => any_span(&|span| span.item.is_error()),
        Term::Attribute { key, value } => {
            assert!(value.len() <= text::EXACT_BYTES_MAX);
            any_attribute(items, key, &|found| {
                let mut is_found = false;
                text::value_texts(found, &mut |text| is_found |= text == value);
                is_found
            })
        }
        Term::HasAttribute { key } => any_attribute(items, key, &|_| true),
        Term::Words(words) => words_hold(words, items),
        Term::LevelAtLeast(level) => any_log(&|record| record.item.level() >= *level),
        Term::DurationAtLeast(bound) => any_span(&|span| span.item.duration_ns() >= *bound),
        Term::DurationAtMost(bound) => any_span(&|span| span.item.duration_ns() <= *bound),
        Term::Trace(id) => {
            any_span(&|span| span.item.trace_id == *id)
                || any_log(&|record| record.item.trace_id == Some(*id))
        }
    }
}

fn any_attribute(items: &TraceItems, key: &str, test: &dyn Fn(&Value) -> bool) -> bool {
    let mut all: Vec<&Attributes> = Vec::new();
    for span in &items.spans {
        all.extend([
            &span.item.attributes,
            &span.resource.attributes,
            &span.scope.attributes,
        ]);
        all.extend(span.item.events.iter().map(|event| &event.attributes));
        all.extend(span.item.links.iter().map(|link| &link.attributes));
    }
    for record in &items.logs {
        all.extend([
            &record.item.attributes,
            &record.resource.attributes,
            &record.scope.attributes,
        ]);
    }
    all.into_iter()
        .flat_map(Attributes::iter)
        .any(|entry| entry.key == key && test(&entry.value))
}

fn words_hold(words: &[String], items: &TraceItems) -> bool {
    let mut found = false;
    let mut look = |text: &str| {
        let in_text: Vec<String> = text::words(text).map(Cow::into_owned).collect();
        found |= words.iter().all(|word| in_text.contains(word));
    };
    for span in &items.spans {
        text::span_texts(&span.item, &mut look);
    }
    for record in &items.logs {
        text::log_texts(&record.item, &mut look);
    }
    found
}

fn alone(record: &Scoped<LogRecord>) -> TraceItems {
    TraceItems {
        spans: Vec::new(),
        logs: vec![record.clone()],
    }
}

/// A filter, or TraceQL.
fn either_form() -> impl Strategy<Value = String> {
    prop_oneof![
        query_text(),
        random_traceql::query().prop_map(|query| query.text())
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    #[test]
    fn a_matching_trace_fulfils_the_condition(text in either_form(), items in items()) {
        let query = parse(&text, NOW).unwrap();
        if query.match_trace(&items).is_some() {
            let condition = query.trace_condition();
            prop_assert!(holds(&condition, &items), "{}: {:?}", text, condition);
        }
    }

    #[test]
    fn a_matching_log_record_fulfils_the_condition(text in either_form(), record in record()) {
        let query = parse(&text, NOW).unwrap();
        if query.match_log(&record) {
            let condition = query.log_condition();
            prop_assert!(holds(&condition, &alone(&record)), "{}: {:?}", text, condition);
        }
    }

    #[test]
    fn what_is_negated_matches_where_the_rest_does_not(text in query_text(), record in record()) {
        let query = parse(&text, NOW).unwrap();
        let opposite = parse(&format!("-({text})"), NOW).unwrap();
        prop_assert_ne!(query.match_log(&record), opposite.match_log(&record));
    }
}

/// The properties above say something only where queries match, and where conditions leave
/// items out.
#[test]
fn random_filters_match_and_leave_out_often() {
    match_and_leave_out_often(query_text());
}

#[test]
fn random_traceql_matches_and_leaves_out_often() {
    match_and_leave_out_often(random_traceql::query().prop_map(|query| query.text()));
}

fn match_and_leave_out_often(texts: impl Strategy<Value = String>) {
    let mut runner = TestRunner::deterministic();
    let mut matched = 0;
    let mut left_out = 0;
    for _ in 0..1_000 {
        let text = texts.new_tree(&mut runner).unwrap().current();
        let items = items().new_tree(&mut runner).unwrap().current();
        let query = parse(&text, NOW).unwrap();
        let is_special = query.trace_condition() != Condition::Everything;
        matched += usize::from(is_special && query.match_trace(&items).is_some());
        left_out += usize::from(!holds(&query.trace_condition(), &items));
    }
    assert!(matched > 50, "{matched} matched");
    assert!(left_out > 50, "{left_out} left out");
}
