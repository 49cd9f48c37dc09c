//! The reference page says what is true.

use spanwalk_query::field::INTRINSICS;
use spanwalk_query::parse;

use crate::world::NOW;

const PAGE: &str = include_str!("../../../../docs/query-language.md");

#[test]
fn the_page_lists_every_built_in_key_as_the_program_describes_it() {
    let listed: Vec<&str> = PAGE
        .lines()
        .skip_while(|line| *line != "| key | asks | for example |")
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    let expected: Vec<String> = INTRINSICS
        .iter()
        .map(|intrinsic| {
            let (key, help, example) = (intrinsic.key, intrinsic.help, intrinsic.example);
            format!("| `{key}` | {help} | `{example}` |")
        })
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn every_example_of_the_page_is_a_query_without_remarks() {
    let mut examples = 0;
    let mut is_inside = false;
    for line in PAGE.lines() {
        match line {
            "```query" => is_inside = true,
            "```" => is_inside = false,
            example if is_inside => {
                let query = parse(example, NOW).unwrap();
                assert!(query.notes().is_empty(), "{example}: {:?}", query.notes());
                examples += 1;
            }
            _ => {}
        }
    }
    assert!(examples > 10, "{examples} examples");
}
