//! Printing and reading again; reading anything at all.

use proptest::prelude::*;
use spanwalk_query::{TEXT_BYTES_MAX, parse, parse_lenient};

use crate::random::{loose_text, query_text};
use crate::random_traceql;
use crate::world::NOW;

/// Whatever the text, its lenient reading prints as a text that reads back equal.
fn check(text: &str) -> Result<(), TestCaseError> {
    let (query, errors) = parse_lenient(text, NOW);
    for error in &errors {
        prop_assert!(
            text.get(error.range.clone()).is_some(),
            "{error:?} in {text:?}"
        );
    }
    prop_assert!(errors.is_sorted_by_key(|error| error.range.start));
    let range = query.range();
    if range.start_ns == range.end_ns {
        return Ok(());
    }
    let printed = query.to_string();
    match parse(&printed, NOW) {
        Ok(again) => prop_assert_eq!(again, query, "printed {}", printed),
        Err(error) => prop_assert!(false, "{text:?} printed {printed:?}: {error:?}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_printed_query_reads_back_equal(text in query_text()) {
        prop_assert!(parse(&text, NOW).is_ok(), "{}", text);
        check(&text)?;
    }

    #[test]
    fn texts_of_loose_pieces_are_read(text in loose_text()) {
        check(&text)?;
    }

    #[test]
    fn a_printed_traceql_query_reads_back_equal(query in random_traceql::query()) {
        let text = query.text();
        prop_assert!(parse(&text, NOW).is_ok(), "{}", text);
        check(&text)?;
    }

    #[test]
    fn traceql_of_loose_pieces_is_read(text in random_traceql::loose_text()) {
        check(&text)?;
    }

    #[test]
    fn any_text_is_read_as_traceql(text in "\\{\\PC{0,60}") {
        check(&text)?;
    }

    #[test]
    fn any_text_is_read(text in "\\PC{0,60}") {
        check(&text)?;
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(64), NOW).is_ok());
    let error = parse(&nested(65), NOW).unwrap_err();
    assert_eq!(error.range, 64..65);
    let negated = "NOT ".repeat(4_000) + "a";
    assert!(negated.len() <= TEXT_BYTES_MAX);
    assert_eq!(
        parse(&negated, NOW).unwrap_err().message,
        "nested deeper than 64 levels"
    );
    assert!(parse(&("-".repeat(64) + "a"), NOW).is_ok());
}

#[test]
fn a_text_beyond_the_limit_is_refused() {
    let text = "a ".repeat(TEXT_BYTES_MAX / 2);
    assert!(parse(&text, NOW).is_ok());
    let error = parse(&(text + "a"), NOW).unwrap_err();
    assert_eq!(error.range, 0..TEXT_BYTES_MAX + 1);
}
