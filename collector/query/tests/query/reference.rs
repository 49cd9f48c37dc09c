//! The reference page says what is true.

use spanwalk_query::field::{INTRINSICS, Intrinsic};
use spanwalk_query::parse;
use spanwalk_query::traceql::{FIELDS, parse_metrics};

use crate::world::NOW;

const PAGE: &str = include_str!("../../../../docs/query-language.md");

#[test]
fn the_page_lists_every_built_in_key_as_the_program_describes_it() {
    check_table("| key | asks | for example |", INTRINSICS);
    check_table("| field | asks | for example |", FIELDS);
}

fn check_table(head: &str, rows: &[Intrinsic]) {
    let listed: Vec<&str> = PAGE
        .lines()
        .skip_while(|line| *line != head)
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected: Vec<String> = rows
        .iter()
        .map(|intrinsic| {
            let (key, help, example) = (intrinsic.key, intrinsic.help, intrinsic.example);
            format!("| `{key}` | {help} | `{example}` |")
        })
        .collect();
    assert_eq!(listed, expected);
}

/// Lines of the blocks of this kind.
fn examples(kind: &str) -> Vec<&'static str> {
    let begin = format!("```{kind}");
    let mut found = Vec::new();
    let mut is_inside = false;
    for line in PAGE.lines() {
        match line {
            "```" => is_inside = false,
            first if first == begin => is_inside = true,
            example if is_inside => found.push(example),
            _ => {}
        }
    }
    found
}

#[test]
fn every_example_of_the_page_is_a_query_without_remarks() {
    let queries = examples("query");
    assert!(queries.len() > 30, "{} examples", queries.len());
    for example in queries {
        let query = parse(example, NOW).unwrap();
        assert!(query.notes().is_empty(), "{example}: {:?}", query.notes());
    }
    let metrics = examples("metrics");
    assert_eq!(metrics.len(), 5);
    for example in metrics {
        let query = parse_metrics(example).unwrap();
        assert_eq!(query.to_string(), example);
    }
}
