//! Durations as people write them.

/// Units by name, with their nanoseconds. Both characters that people type for micro.
const UNITS: [(&str, u64); 9] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
    ("d", DAY_NS),
];

/// A day of 24 hours.
const DAY_NS: u64 = 24 * 3_600 * 1_000_000_000;

/// Digits behind the point that are read; more would be far below a nanosecond.
const FRACTION_DIGITS_MAX: usize = 18;

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotADuration {
    /// A number without a unit.
    NoUnit,
    /// Something else.
    Other,
}

/// The nanoseconds of `500ms`, `1.5s`, `1h30m`: numbers with units, one after another.
pub(crate) fn parse_duration(text: &str) -> Result<u64, NotADuration> {
    if text.is_empty() {
        return Err(NotADuration::Other);
    }
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split_at_first(rest, |character| !is_number_part(character));
        let (unit, next) = split_at_first(after, is_number_part);
        if number.is_empty() {
            return Err(NotADuration::Other);
        }
        if unit.is_empty() {
            return Err(NotADuration::NoUnit);
        }
        let unit_ns = unit_ns(unit).ok_or(NotADuration::Other)?;
        total = scaled(number, unit_ns)
            .and_then(|nanoseconds| total.checked_add(nanoseconds))
            .ok_or(NotADuration::Other)?;
        rest = next;
    }
    Ok(total)
}

/// The duration in the largest unit that gives a whole number.
pub(crate) fn print_duration(nanoseconds: u64) -> String {
    let whole = ["h", "m", "s", "ms", "us", "ns"]
        .into_iter()
        .filter_map(|unit| Some((unit, unit_ns(unit)?)))
        .find(|(_, unit_ns)| nanoseconds >= *unit_ns && nanoseconds.is_multiple_of(*unit_ns));
    match whole {
        Some((unit, unit_ns)) => format!("{}{unit}", nanoseconds / unit_ns),
        None => "0s".to_owned(),
    }
}

fn unit_ns(name: &str) -> Option<u64> {
    UNITS
        .iter()
        .find(|(unit, _)| *unit == name)
        .map(|(_, nanoseconds)| *nanoseconds)
}

/// A decimal number times the unit, cut to whole nanoseconds.
fn scaled(number: &str, unit_ns: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.len() > FRACTION_DIGITS_MAX {
        return None;
    }
    let digits = |text: &str| -> Option<u64> {
        if text.is_empty() {
            Some(0)
        } else {
            text.parse().ok()
        }
    };
    let mut denominator: u128 = 1;
    for _ in 0..fraction.len() {
        denominator *= 10;
    }
    let part = u128::from(digits(fraction)?) * u128::from(unit_ns) / denominator;
    digits(whole)?
        .checked_mul(unit_ns)?
        .checked_add(u64::try_from(part).ok()?)
}

fn is_number_part(character: char) -> bool {
    character.is_ascii_digit() || character == '.'
}

fn split_at_first(text: &str, stops: impl Fn(char) -> bool) -> (&str, &str) {
    text.find(stops)
        .and_then(|index| text.split_at_checked(index))
        .unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn durations_are_numbers_with_units() {
        assert_eq!(parse_duration("500ms"), Ok(500_000_000));
        assert_eq!(parse_duration("1.5s"), Ok(1_500_000_000));
        assert_eq!(parse_duration("1h30m"), Ok(5_400_000_000_000));
        assert_eq!(parse_duration("3µs"), Ok(3_000));
        assert_eq!(parse_duration("0.0000000015s"), Ok(1));
        assert_eq!(parse_duration("2d"), Ok(2 * DAY_NS));
    }

    #[test]
    fn what_is_no_duration_is_told_apart() {
        assert_eq!(parse_duration("500"), Err(NotADuration::NoUnit));
        for wrong in [
            "",
            "ms",
            "5x",
            "1.2.3s",
            ".s",
            "-5s",
            "99999999999h",
            "5 s",
            "1.0000000000000000001s",
        ] {
            assert_eq!(parse_duration(wrong), Err(NotADuration::Other), "{wrong}");
        }
    }

    #[test]
    fn durations_are_printed_in_the_largest_whole_unit() {
        assert_eq!(print_duration(90_000_000_000), "90s");
        assert_eq!(print_duration(3_600_000_000_000), "1h");
        assert_eq!(print_duration(1_500_000), "1500us");
        assert_eq!(print_duration(0), "0s");
    }

    proptest! {
        #[test]
        fn a_printed_duration_is_read_again(nanoseconds: u64) {
            prop_assert_eq!(parse_duration(&print_duration(nanoseconds)), Ok(nanoseconds));
        }
    }
}
