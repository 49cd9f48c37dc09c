//! Query strings as other tools write them: what is not known is passed over, because their
//! versions differ; what is known and wrong is refused.

use std::ops::RangeInclusive;

use axum::extract::Query as QueryString;
use axum::http::Uri;
use spanwalk_model::{TimeRange, UnixNanos};

use super::super::params::{Limits, wrong};
use super::super::problem::{ApiError, shown};
use crate::clock::now_ns;

/// The longest look back, in milliseconds.
pub(super) const LOOKBACK_MS_MAX: u64 = 100 * 366 * 24 * 3_600 * 1_000;
/// Parameters of one request at most.
const PARAMETERS_MAX: usize = 1_000;

const MS: u64 = 1_000_000;

/// The parameters of a request, in their order.
#[derive(Debug)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the query string.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] where it cannot be read or is too long.
    pub(super) fn read(uri: &Uri) -> Result<Self, ApiError> {
        let QueryString(pairs) = QueryString::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|error| wrong(error.body_text()))?;
        if pairs.len() > PARAMETERS_MAX {
            let count = pairs.len();
            return Err(wrong(format!(
                "there are {count} parameters; at most {PARAMETERS_MAX} are read"
            )));
        }
        Ok(Self(pairs))
    }

    /// The first value that is not empty under one of the names.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, value)| names.contains(&name.as_str()) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// Every value that is not empty under one of the names.
    pub(super) fn all<'a>(&'a self, names: &'a [&str]) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(|(name, value)| names.contains(&name.as_str()) && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    /// A whole number in a range.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] for anything else.
    pub(super) fn number(
        &self,
        names: &[&str],
        allowed: RangeInclusive<u64>,
    ) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.get(names) else {
            return Ok(None);
        };
        let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_digits.then(|| text.parse().ok()).flatten();
        match number.filter(|number| allowed.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(wrong(format!(
                "`{}` is `{}`; it must be a whole number, {} to {}",
                first(names),
                shown(text),
                allowed.start(),
                allowed.end()
            ))),
        }
    }

    /// How many items to give.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] for what is no number from one to the maximum.
    pub(super) fn limit(&self, names: &[&str], limits: Limits) -> Result<usize, ApiError> {
        let number = self.number(names, 1..=limits.max as u64)?;
        Ok(number
            .and_then(|number| usize::try_from(number).ok())
            .unwrap_or(limits.usual))
    }

    /// A time as a whole number of units since 1970, each of so many nanoseconds.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] for anything else.
    pub(super) fn moment(
        &self,
        names: &[&str],
        unit_ns: u64,
    ) -> Result<Option<UnixNanos>, ApiError> {
        let number = self.number(names, 0..=u64::MAX / unit_ns.max(1))?;
        Ok(number.map(|number| number.saturating_mul(unit_ns)))
    }

    /// A duration such as `1.2ms` or `1h30m`, checked, in the text of a filter. Zero says
    /// nothing.
    ///
    /// # Errors
    /// [`ApiError::Parameter`] for anything else.
    pub(super) fn duration(&self, names: &[&str]) -> Result<Option<&str>, ApiError> {
        let text = self.get(names).filter(|text| *text != "0");
        match text {
            Some(text) if duration_ns(text).is_none() => Err(wrong(format!(
                "`{}` is `{}`; it must be a duration such as 1.2ms, 500us or 3s",
                first(names),
                shown(text)
            ))),
            text => Ok(text),
        }
    }
}

/// The range from a start to an end, either of which may be open.
///
/// # Errors
/// [`ApiError::Parameter`] where the end lies before the start.
pub(super) fn range(
    start_ns: Option<UnixNanos>,
    end_ns: Option<UnixNanos>,
) -> Result<TimeRange, ApiError> {
    let start_ns = start_ns.unwrap_or(0);
    let end_ns = end_ns.unwrap_or(u64::MAX);
    if start_ns > end_ns {
        return Err(wrong(format!(
            "no time is left: the start is {start_ns} ns and the end {end_ns} ns since 1970"
        )));
    }
    // Those tools ask for ends that belong to the range.
    Ok(TimeRange {
        start_ns,
        end_ns: end_ns.saturating_add(1),
    })
}

/// The range of `endTs` and `lookback`, both in milliseconds; all of time where neither is
/// said.
///
/// # Errors
/// [`ApiError::Parameter`] for what is no number in range.
pub(super) fn lookback_range(params: &Params, lookback_ms_max: u64) -> Result<TimeRange, ApiError> {
    let end_ns = params.moment(&["endTs"], MS)?;
    let lookback_ms = params.number(&["lookback"], 0..=lookback_ms_max)?;
    let Some(lookback_ms) = lookback_ms else {
        return range(None, end_ns);
    };
    let end_ns = end_ns.unwrap_or_else(now_ns);
    let start_ns = end_ns.saturating_sub(lookback_ms.saturating_mul(MS));
    range(Some(start_ns), Some(end_ns))
}

/// The nanoseconds of a duration as Go and our filters write it.
pub(super) fn duration_ns(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 9] = [
        ("ns", 1.0),
        ("us", 1e3),
        ("µs", 1e3),
        ("μs", 1e3),
        ("ms", 1e6),
        ("s", 1e9),
        ("m", 60e9),
        ("h", 3_600e9),
        ("d", 86_400e9),
    ];
    let is_of_number = |character: char| character.is_ascii_digit() || character == '.';
    let mut total = 0.0;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|it| !is_of_number(it))?);
        let (unit, next) = behind.split_at(behind.find(is_of_number).unwrap_or(behind.len()));
        let (_, unit_ns) = UNITS.iter().find(|(name, _)| *name == unit)?;
        total += number.parse::<f64>().ok()? * unit_ns;
        rest = next;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "not negative, and below the greatest"
    )]
    let whole = (!text.is_empty() && total < 9e18).then_some(total as u64);
    whole
}

fn first<'a>(names: &[&'a str]) -> &'a str {
    names.first().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::read(&format!("/x?{query}").parse().unwrap()).unwrap()
    }

    #[test]
    fn empty_values_and_unknown_names_are_passed_over() {
        let params = params("limit=&limit=7&other=%00&start=5");
        let limits = Limits { usual: 3, max: 9 };
        assert_eq!(params.limit(&["limit"], limits).unwrap(), 7);
        assert_eq!(params.limit(&["size"], limits).unwrap(), 3);
        assert_eq!(params.moment(&["start"], 1_000).unwrap(), Some(5_000));
    }

    #[test]
    fn what_is_wrong_is_refused_with_what_is_allowed() {
        for query in ["limit=0", "limit=10", "limit=-1", "limit=x", "limit=1e1"] {
            let limits = Limits { usual: 3, max: 9 };
            let error = params(query).limit(&["limit"], limits).unwrap_err();
            assert!(error.to_string().contains("1 to 9"), "{error}");
        }
        let error = params("start=18446744073709551615").moment(&["start"], 1_000);
        assert!(error.is_err());
        for query in [
            "d=5",
            "d=ms",
            "d=-1s",
            "d=1s%20x",
            "d=1e3s",
            "d=9999999h9999999h",
        ] {
            assert!(params(query).duration(&["d"]).is_err(), "{query}");
        }
        assert!(range(Some(2), Some(1)).is_err());
    }

    #[test]
    fn every_duration_that_passes_is_read_by_the_filter() {
        for (text, expected_ns) in [
            ("1.2ms", 1_200_000),
            ("1h30m", 5_400_000_000_000),
            ("500µs", 500_000),
            (".5s", 500_000_000),
        ] {
            assert_eq!(duration_ns(text), Some(expected_ns), "{text}");
            let filter = format!("duration:>={text}");
            spanwalk_query::parse(&filter, 1).unwrap();
        }
    }
}
