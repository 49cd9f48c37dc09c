//! Queries and times as they are typed on the command line.

use std::ops::Range;

use clap::error::ErrorKind;
use spanwalk_model::TimeRange;
use spanwalk_query::{Query, QueryError};

use super::CommandError;
use crate::args::{CommandLine, RangeArgs};
use crate::output::problem::QueryProblem;

/// Reads a query; its words may stand as several arguments.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn query(words: &[String], now_ns: u64) -> Result<(String, Query), CommandError> {
    let text = words.join(" ");
    match spanwalk_query::parse(&text, now_ns) {
        Ok(query) => Ok((text, query)),
        Err(error) => Err(CommandError::Query(Box::new(problem(text, error)))),
    }
}

fn problem(text: String, error: QueryError) -> QueryProblem {
    QueryProblem {
        message: error.message,
        text,
        range: error.range,
        expected: error.expected,
        suggestion: error.suggestion,
    }
}

/// The range that `--since`, `--from` and `--to` leave, in the words of the query language.
///
/// # Errors
/// Where one of them is no time, or they leave none.
pub(super) fn range(args: &RangeArgs, now_ns: u64) -> Result<TimeRange, CommandError> {
    let mut range = TimeRange::ALL;
    let bounds = [
        ("since", &args.since),
        ("from", &args.from),
        ("to", &args.to),
    ];
    for (key, value) in bounds {
        let Some(value) = value else { continue };
        let bound = bound(key, value, now_ns)?;
        range.start_ns = range.start_ns.max(bound.start);
        range.end_ns = range.end_ns.min(bound.end);
    }
    if range.start_ns >= range.end_ns {
        let message = "no time is left: --to does not lie after the start";
        return Err(CommandLine::wrong_use(ErrorKind::ArgumentConflict, message).into());
    }
    Ok(range)
}

fn bound(key: &str, value: &str, now_ns: u64) -> Result<Range<u64>, CommandError> {
    // In quotes the value is one value whatever it holds, so that no other term slips in.
    let quoted: String = value
        .chars()
        .flat_map(|character| {
            let escape = matches!(character, '"' | '\\').then_some('\\');
            escape.into_iter().chain([character])
        })
        .collect();
    match spanwalk_query::parse(&format!("{key}:\"{quoted}\""), now_ns) {
        Ok(query) => Ok(query.range().start_ns..query.range().end_ns),
        Err(error) => {
            let expected = error.expected.unwrap_or(error.message);
            let message = format!("--{key}: `{value}` is no time; expected {expected}");
            Err(CommandLine::wrong_use(ErrorKind::InvalidValue, message).into())
        }
    }
}

/// The bounds of a range as the API takes them: what is open is left out.
pub(super) fn bounds(range: TimeRange) -> (Option<u64>, Option<u64>) {
    let all = TimeRange::ALL;
    (
        (range.start_ns != all.start_ns).then_some(range.start_ns),
        (range.end_ns != all.end_ns).then_some(range.end_ns),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000_000_000;
    const HOUR: u64 = 3_600_000_000_000;

    fn of(since: Option<&str>, from: Option<&str>, to: Option<&str>) -> Result<TimeRange, String> {
        let args = RangeArgs {
            since: since.map(str::to_owned),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
            limit: None,
        };
        range(&args, NOW).map_err(|error| error.to_string())
    }

    #[test]
    fn times_are_written_as_in_a_query() {
        let range = of(Some("1h"), None, Some("now")).unwrap();
        assert_eq!(bounds(range), (Some(NOW - HOUR), Some(NOW)));
        assert_eq!(bounds(of(None, None, None).unwrap()), (None, None));
        let range = of(None, Some("1700000000"), None).unwrap();
        assert_eq!(bounds(range), (Some(NOW), None));
    }

    #[test]
    fn what_is_no_time_names_its_flag() {
        let error = of(Some("soon"), None, None).unwrap_err();
        assert!(
            error.contains("--since: `soon` is no time; expected "),
            "{error}"
        );
        let error = of(None, None, Some("1h\" service:\"x")).unwrap_err();
        assert!(error.contains("--to: "), "{error}");
        let error = of(None, Some("now"), Some("now-1h")).unwrap_err();
        assert!(error.contains("no time is left"), "{error}");
    }
}
