//! Query strings, checked strictly: what is not understood is refused and never passed over,
//! so that a misspelt name does not give the answer to another question.

use std::str::FromStr;

use axum::extract::Query as QueryString;
use axum::http::Uri;
use spanwalk_model::TimeRange;
use spanwalk_query::Query;

use super::problem::{ApiError, shown};
use crate::clock::now_ns;
use crate::engine::CursorError;

/// The names that lists know; the fields of `SearchParams` and of `LogsParams`.
const LIST_NAMES: [&str; 5] = ["q", "from_ns", "to_ns", "limit", "cursor"];

/// How many items a list returns.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Where the request does not say.
    pub(super) usual: usize,
    /// At most.
    pub(super) max: usize,
}

/// What a list is asked for. `C` is the list's cursor.
#[derive(Debug)]
pub(super) struct ListRequest<C> {
    /// The query, narrowed to the range of the request.
    pub(super) query: Query,
    /// At most so many items.
    pub(super) limit: usize,
    /// Where the page before ended.
    pub(super) cursor: Option<C>,
    /// Remarks for people.
    pub(super) notes: Vec<String>,
}

impl<C: FromStr<Err = CursorError>> ListRequest<C> {
    /// The request in the query string.
    ///
    /// # Errors
    /// [`ApiError::Query`] for the query text, [`ApiError::Parameter`] for all else.
    pub(super) fn read(uri: &Uri, limits: Limits) -> Result<Self, ApiError> {
        let pairs = pairs(uri, &LIST_NAMES)?;
        let value = |name: &str| {
            let pair = pairs.iter().find(|(known, _)| known == name);
            pair.map(|(_, value)| value.as_str())
        };
        let range = range(value("from_ns"), value("to_ns"))?;
        let limit = value("limit").map_or(Ok(limits.usual), |text| limit("limit", text, limits))?;
        let cursor =
            value("cursor")
                .map(str::parse)
                .transpose()
                .map_err(|error: CursorError| {
                    let text = shown(&error.text);
                    wrong(CursorError { text }.to_string())
                })?;
        let query = spanwalk_query::parse(value("q").unwrap_or_default(), now_ns())
            .map_err(|source| ApiError::Query { source })?;
        let query = query.within(range);
        let mut notes = query.notes().to_vec();
        let left = query.range();
        if left.start_ns == left.end_ns {
            notes.push(
                "the time in the query and that of from_ns and to_ns have no moment in common"
                    .to_owned(),
            );
        }
        Ok(Self {
            query,
            limit,
            cursor,
            notes,
        })
    }
}

/// Makes sure that nothing is asked of a route that takes no parameters.
///
/// # Errors
/// [`ApiError::Parameter`] for the first there is.
pub(super) fn none(uri: &Uri) -> Result<(), ApiError> {
    pairs(uri, &[]).map(|_| ())
}

/// The value of the one parameter that a route takes, and needs.
///
/// # Errors
/// [`ApiError::Parameter`] where it is missing, or another is there.
pub(super) fn one(uri: &Uri, name: &str) -> Result<String, ApiError> {
    let first = pairs(uri, &[name])?.into_iter().next();
    first
        .map(|(_, value)| value)
        .ok_or_else(|| wrong(format!("the parameter `{name}` is missing")))
}

/// The parameters; each is known and stands once.
pub(super) fn pairs(uri: &Uri, names: &[&str]) -> Result<Vec<(String, String)>, ApiError> {
    let QueryString(pairs) = QueryString::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|error| wrong(error.body_text()))?;
    for (index, (name, value)) in pairs.iter().enumerate() {
        if !names.contains(&name.as_str()) {
            return Err(unknown(name, names));
        }
        if pairs.iter().take(index).any(|(earlier, _)| earlier == name) {
            return Err(wrong(format!("`{name}` stands twice; write it once")));
        }
        if value.contains(char::REPLACEMENT_CHARACTER) && !asks_for_replacement(uri) {
            return Err(wrong(format!(
                "`{name}` is not UTF-8; percent-encode the bytes of UTF-8 text"
            )));
        }
    }
    Ok(pairs)
}

/// Whether U+FFFD was written by the one who asks, and does not stand for invalid bytes.
fn asks_for_replacement(uri: &Uri) -> bool {
    let raw = uri.query().unwrap_or_default().to_ascii_uppercase();
    raw.contains("%EF%BF%BD") || raw.contains(char::REPLACEMENT_CHARACTER)
}

fn unknown(name: &str, names: &[&str]) -> ApiError {
    let known = match names {
        [] => "it takes none".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    wrong(format!(
        "`{}` is not a parameter here; {known}",
        shown(name)
    ))
}

/// The range of `from_ns` and `to_ns`.
pub(super) fn range(from_ns: Option<&str>, to_ns: Option<&str>) -> Result<TimeRange, ApiError> {
    let start_ns = from_ns.map_or(Ok(0), |text| moment("from_ns", text))?;
    let end_ns = to_ns.map_or(Ok(u64::MAX), |text| moment("to_ns", text))?;
    if start_ns >= end_ns {
        return Err(wrong(format!(
            "no time is left: from_ns is {start_ns} and to_ns is {end_ns}; from_ns must be less"
        )));
    }
    Ok(TimeRange { start_ns, end_ns })
}

fn moment(name: &str, text: &str) -> Result<u64, ApiError> {
    number(text).ok_or_else(|| {
        wrong(format!(
            "`{name}` is `{}`; it must be nanoseconds since 1970 as a whole number, 0 to {}",
            shown(text),
            u64::MAX
        ))
    })
}

/// The number of items asked for.
pub(super) fn limit(name: &str, text: &str, limits: Limits) -> Result<usize, ApiError> {
    number(text)
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| (1..=limits.max).contains(number))
        .ok_or_else(|| {
            wrong(format!(
                "`{name}` is `{}`; it must be a whole number, 1 to {}",
                shown(text),
                limits.max
            ))
        })
}

/// Digits and nothing else.
fn number(text: &str) -> Option<u64> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| text.parse().ok()).flatten()
}

/// A parameter is wrong: what, where, what is allowed.
pub(super) fn wrong(message: String) -> ApiError {
    ApiError::Parameter { message }
}
