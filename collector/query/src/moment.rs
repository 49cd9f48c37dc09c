//! Moments and bounds of time as people write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use spanwalk_model::TimeRange;

use crate::field::TimeKey;
use crate::units::{parse_duration, print_duration};

/// One bound of the time that a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TimeBound {
    /// Nothing before this moment.
    From(Moment),
    /// Nothing at or after this moment.
    To(Moment),
}

/// A moment, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// So many nanoseconds before now.
    BeforeNow(u64),
    /// Nanoseconds since the epoch.
    At(u64),
}

impl Moment {
    fn resolve(self, now_ns: u64) -> u64 {
        match self {
            Self::BeforeNow(duration_ns) => now_ns.saturating_sub(duration_ns),
            Self::At(moment_ns) => moment_ns,
        }
    }
}

impl TimeBound {
    /// The bound that this key and value say; `None` where the value is no moment.
    ///
    /// A date alone is midnight UTC; as the end it includes its day.
    pub(crate) fn parse(key: TimeKey, text: &str) -> Option<Self> {
        match key {
            TimeKey::Since => match parse_duration(text) {
                Ok(duration_ns) => Some(Self::From(Moment::BeforeNow(duration_ns))),
                Err(_) => moment(text, false).map(Self::From),
            },
            TimeKey::From => moment(text, false).map(Self::From),
            TimeKey::To => moment(text, true).map(Self::To),
        }
    }
}

/// The time that all bounds leave. Where they leave none, a range that holds nothing.
pub(crate) fn resolve(bounds: &[TimeBound], now_ns: u64) -> TimeRange {
    let mut range = TimeRange::ALL;
    for bound in bounds {
        match bound {
            TimeBound::From(moment) => range.start_ns = range.start_ns.max(moment.resolve(now_ns)),
            TimeBound::To(moment) => range.end_ns = range.end_ns.min(moment.resolve(now_ns)),
        }
    }
    range.end_ns = range.end_ns.max(range.start_ns);
    range
}

fn moment(text: &str, is_end: bool) -> Option<Moment> {
    if text == "now" {
        return Some(Moment::BeforeNow(0));
    }
    if let Some(ago) = text.strip_prefix("now-") {
        return parse_duration(ago).ok().map(Moment::BeforeNow);
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return unix(text).map(Moment::At);
    }
    let timestamp = calendar(text, is_end)?;
    u64::try_from(timestamp.as_nanosecond())
        .ok()
        .map(Moment::At)
}

/// Seconds, milliseconds, microseconds or nanoseconds since the epoch, told apart by how many
/// digits there are: any moment from 1973 to 5138 is read right.
fn unix(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    let unit_ns = match digits.len() {
        0..=11 => 1_000_000_000,
        12..=14 => 1_000_000,
        15..=17 => 1_000,
        _ => 1,
    };
    number.checked_mul(unit_ns)
}

/// RFC 3339 with an offset; without one, and for dates alone, in UTC.
fn calendar(text: &str, is_end: bool) -> Option<Timestamp> {
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp);
    }
    let is_date = text.len() == "2026-01-31".len();
    let civil: DateTime = if is_date {
        let date: Date = text.parse().ok()?;
        let day = if is_end {
            date.checked_add(1.day()).ok()?
        } else {
            date
        };
        day.into()
    } else {
        text.parse().ok()?
    };
    TimeZone::UTC.to_timestamp(civil).ok()
}

impl std::fmt::Display for TimeBound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::From(Moment::BeforeNow(duration_ns)) if *duration_ns > 0 => {
                write!(f, "since:{}", print_duration(*duration_ns))
            }
            Self::From(moment) => write!(f, "from:{moment}"),
            Self::To(moment) => write!(f, "to:{moment}"),
        }
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BeforeNow(0) => f.write_str("now"),
            Self::BeforeNow(duration_ns) => write!(f, "now-{}", print_duration(*duration_ns)),
            Self::At(moment_ns) => match Timestamp::from_nanosecond(i128::from(*moment_ns)) {
                Ok(timestamp) => write!(f, "{timestamp}"),
                Err(_) => write!(f, "{moment_ns:020}"),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 2026-01-31T00:00:00Z.
    const DAY: u64 = 1_769_817_600_000_000_000;
    const HOUR: u64 = 3_600_000_000_000;

    fn at(key: TimeKey, text: &str) -> Option<u64> {
        TimeBound::parse(key, text).map(|bound| match bound {
            TimeBound::From(moment) | TimeBound::To(moment) => moment.resolve(DAY),
        })
    }

    #[test]
    fn moments_are_written_in_many_ways() {
        for text in [
            "2026-01-31",
            "2026-01-31T00:00:00Z",
            "2026-01-31T01:00:00+01:00",
            "2026-01-31T00:00",
            "1769817600",
            "1769817600000",
            "1769817600000000",
            "1769817600000000000",
            "now",
        ] {
            assert_eq!(at(TimeKey::From, text), Some(DAY), "{text}");
        }
        assert_eq!(at(TimeKey::From, "now-1h"), Some(DAY - HOUR));
        assert_eq!(at(TimeKey::Since, "90m"), Some(DAY - HOUR * 3 / 2));
    }

    #[test]
    fn a_date_as_the_end_includes_its_day() {
        assert_eq!(at(TimeKey::To, "2026-01-31"), Some(DAY + 24 * HOUR));
        assert_eq!(at(TimeKey::To, "2026-01-31T00:00:00Z"), Some(DAY));
    }

    #[test]
    fn other_texts_are_no_moments() {
        for text in [
            "",
            "yesterday",
            "2026-13-01",
            "1969-12-31",
            "now+1h",
            "15m",
            "9999-12-31",
        ] {
            assert_eq!(at(TimeKey::From, text), None, "{text}");
        }
    }

    #[test]
    fn bounds_meet_and_may_leave_nothing() {
        let bounds = [
            TimeBound::From(Moment::At(10)),
            TimeBound::From(Moment::At(5)),
            TimeBound::To(Moment::At(7)),
        ];
        let range = resolve(&bounds, 0);
        assert_eq!((range.start_ns, range.end_ns), (10, 10));
    }

    proptest! {
        #[test]
        fn a_printed_bound_is_read_again(number: u64, is_start: bool, is_relative: bool) {
            let moment = if is_relative { Moment::BeforeNow(number) } else { Moment::At(number) };
            let bound = if is_start { TimeBound::From(moment) } else { TimeBound::To(moment) };
            let text = bound.to_string();
            let (key, value) = text.split_once(':').unwrap();
            let key = match key {
                "since" => TimeKey::Since,
                "from" => TimeKey::From,
                _ => TimeKey::To,
            };
            prop_assert_eq!(TimeBound::parse(key, value), Some(bound));
        }
    }
}
